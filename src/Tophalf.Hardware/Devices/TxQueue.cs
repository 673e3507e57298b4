using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>One transmit queue: descriptors handed to the controller, each complete when its last bit is on the wire.</summary>
public sealed class TxQueue(EthernetPort port, int ringSize)
{
    private readonly PacketFifo _posted = new(ringSize);

    public int RingSize { get; private set; } = ringSize;

    /// <summary>Frames on the wire, and what the driver handed over for them: a chain of descriptors may be many frames that the card cuts (TSO).</summary>
    public long Frames { get; private set; }
    public long Sent { get; private set; }

    /// <summary>What somebody at the other end waits for, be it one frame or many.</summary>
    public long Messages { get; private set; }
    public long Bytes { get; private set; }
    public long Cleaned { get; private set; }
    public long CleanedBytes { get; private set; }

    /// <summary>Times a sender found no free descriptor.</summary>
    public long Full { get; private set; }

    public int Waiting => _posted.Count;
    public int Room => RingSize - _posted.Count;
    public bool HasRoom => Room > 0;

    /// <summary>What the function may send at most (a transmit rate limiter of its pool); null: as much as the link takes. Its frames then leave in its own time, and their share of the wire is not taken from the others.</summary>
    public EthernetLink? Limit { get; internal set; }

    /// <summary>Told after descriptors were cleaned up: for whoever waits for room, or for what it sent to be gone.</summary>
    public Action? Cleaning { get; set; }

    /// <summary>The driver rings the doorbell for one frame, ready to go at its time. Returns when its last bit will be on the wire; null when the ring is full.</summary>
    public long? TryPost(in Packet ready)
    {
        if (!HasRoomFor(1)) return null;
        Packet frame = Post(ready, 1);
        Messages++;
        port.TurnRound(frame);
        port.FrameSent?.Invoke(frame);
        return frame.AtPs;
    }

    /// <summary>A message longer than a frame: cut by the card, as one chain, or handed over in pieces. Whoever waits for it has it with its last frame.</summary>
    /// <param name="message">All its frames together, headers repeated.</param>
    /// <param name="frames">How many.</param>
    /// <param name="frameBytes">Of each but the last.</param>
    /// <param name="isCutByCard">One chain.</param>
    public long? TryPost(in Packet message, int frames, int frameBytes, bool isCutByCard)
    {
        if (!HasRoomFor(isCutByCard ? 1 : frames)) return null;
        Packet last = message;
        if (isCutByCard) last = Post(message, frames);
        else
        {
            for (int i = 1; i < frames; i++) Post(new Packet(message.AtPs, frameBytes, message.Flow), 1);
            last = Post(new Packet(message.AtPs, message.Bytes - (frames - 1) * frameBytes, message.Flow), 1);
        }
        Messages++;
        port.FrameSent?.Invoke(last);
        return last.AtPs;
    }

    private bool HasRoomFor(int entries)
    {
        if (_posted.Count + entries <= RingSize) return true;
        Full++;
        return false;
    }

    /// <summary>Frames that the card cuts have each their preamble and gap.</summary>
    private Packet Post(in Packet ready, int frames)
    {
        Packet entry = ready with { AtPs = (Limit ?? port.WayOf(ready.Flow)).Pass(ready.AtPs, ready.Bytes + (frames - 1) * EthernetLink.OverheadBytes) };
        _posted.Push(entry);
        Sent++;
        Frames += frames;
        Bytes += entry.Bytes;
        return entry;
    }

    /// <summary>Descriptors complete by <paramref name="nowPs"/>.</summary>
    public int Completed(long nowPs)
    {
        int count = 0;
        while (count < _posted.Count && _posted[count].AtPs <= nowPs) count++;
        return count;
    }

    public void Clean(int count)
    {
        for (int i = 0; i < count; i++)
        {
            CleanedBytes += _posted[0].Bytes;
            _posted.Pop();
        }
        Cleaned += count;
        if (count > 0) Cleaning?.Invoke();
    }

    internal void Resize(int ringSize) => RingSize = ringSize;

    /// <summary>When the <paramref name="n"/>th descriptor that was not cleaned up is, or will be, complete; Never if there is none.</summary>
    public long NthPs(int n) => n <= _posted.Count ? _posted[Math.Max(n, 1) - 1].AtPs : SimTime.Never;
}
