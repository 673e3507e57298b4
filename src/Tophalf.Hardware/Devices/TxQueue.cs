using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>One transmit queue: descriptors handed to the controller, each complete when its last bit is on the wire.</summary>
public sealed class TxQueue(NetworkController controller, int ringSize)
{
    private readonly PacketFifo _posted = new(ringSize);

    public int RingSize { get; private set; } = ringSize;
    public long Sent { get; private set; }
    public long Bytes { get; private set; }
    public long Cleaned { get; private set; }
    public long CleanedBytes { get; private set; }

    /// <summary>Times a sender found no free descriptor.</summary>
    public long Full { get; private set; }

    public int Waiting => _posted.Count;
    public int Room => RingSize - _posted.Count;
    public bool HasRoom => Room > 0;

    /// <summary>Told after descriptors were cleaned up: for whoever waits for room, or for what it sent to be gone.</summary>
    public Action? Cleaning { get; set; }

    /// <summary>The driver rings the doorbell for one frame, ready to go at its time. Returns when its last bit will be on the wire; null when the ring is full.</summary>
    public long? TryPost(in Packet ready)
    {
        if (_posted.Count >= RingSize)
        {
            Full++;
            return null;
        }
        Packet frame = ready with { AtPs = controller.TransmitLink.Pass(ready.AtPs, ready.Bytes) };
        _posted.Push(frame);
        Sent++;
        Bytes += frame.Bytes;
        controller.FrameSent?.Invoke(frame);
        return frame.AtPs;
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
