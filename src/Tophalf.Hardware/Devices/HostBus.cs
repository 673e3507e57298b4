using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>What the bus between a card and memory carries of received frames, all queues together.</summary>
/// <param name="PacketsPerSecond">Frames; 0: as many as come.</param>
/// <param name="BitsPerSecond">Bits of frames; 0: as many as come.</param>
public readonly record struct HostBusLimit(double PacketsPerSecond, long BitsPerSecond);

/// <summary>
/// The way of received frames from a card's packet buffer into memory, which all its queues share: a PCIe link carries so many transactions a second. Frames that come
/// faster wait in the buffer. With flow control the card asks the sender to pause before the buffer is full (IEEE 802.3 annex 31B), and to go on when there is room; without it
/// those that find it full are discarded at the port, whatever room the rings have.
/// <para>
/// What is discarded or held up follows from the wire alone, so it may be read ahead of the clock like the wire. A change of the settings takes back what has been read of the time
/// to come, so what passed is kept until it has left.
/// </para>
/// </summary>
internal sealed class HostBus(HostBusLimit limit, int bufferBytes)
{
    private readonly long _packetPs = limit.PacketsPerSecond > 0 ? (long)(SimTime.Second / limit.PacketsPerSecond) : 0;
    private readonly double _bytePs = limit.BitsPerSecond > 0 ? 8.0 * SimTime.Second / limit.BitsPerSecond : 0;
    private readonly TimedFrames _discards = new(), _xoffs = new(), _xons = new();
    private Passage[] _log = new Passage[256];
    private int _first, _count, _gone;
    private long _freePs;
    private int _buffered;

    /// <summary>Pause frames are sent.</summary>
    public bool SendsPause { get; set; }

    /// <summary>The longest frame there may be: the buffer has room for one more when it asks for a pause.</summary>
    public int LongestFrame { get; set; } = 1518;

    /// <summary>The arrival of the last frame that was read from the wire.</summary>
    public long ArrivedPs { get; private set; }

    /// <summary>The sender may go on then.</summary>
    public long PausedUntilPs { get; private set; }

    /// <summary>high_water and low_water of e1000e and igb (e1000_reset, igb_reset): nine tenths, and 16 bytes below.</summary>
    private int HighWater => Math.Min(bufferBytes / 10 * 9, bufferBytes - LongestFrame);
    private int LowWater => HighWater - 16;

    /// <summary>A frame's last bit arrives; returns when the frame is in memory, Never where it was discarded.</summary>
    /// <param name="sent">The frame as its sender wanted to begin.</param>
    /// <param name="linkFreePs">When the wire was free before it.</param>
    /// <param name="arrivedPs">Its last bit.</param>
    public long Pass(in Packet sent, long linkFreePs, long arrivedPs)
    {
        ArrivedPs = arrivedPs;
        while (_gone < _count && At(_gone).LeavesPs <= arrivedPs) Leave();
        long freeBeforePs = _freePs;
        if (_buffered + sent.Bytes > bufferBytes)
        {
            _discards.Add(new Packet(arrivedPs, sent.Bytes, sent.Flow));
            Push(new Passage(sent, linkFreePs, freeBeforePs, arrivedPs, LeavesPs: 0, IsDiscarded: true));
            return SimTime.Never;
        }
        _freePs = Math.Max(arrivedPs, _freePs + _packetPs + (long)(_bytePs * sent.Bytes));
        _buffered += sent.Bytes;
        Push(new Passage(sent, linkFreePs, freeBeforePs, arrivedPs, _freePs, IsDiscarded: false));
        if (SendsPause && _buffered > HighWater) Pause(sent, arrivedPs);
        return _freePs;
    }

    private void Pause(in Packet sent, long arrivedPs)
    {
        int left = _buffered;
        for (int i = _gone; left > LowWater; i++)
        {
            if (At(i).IsDiscarded) continue;
            left -= At(i).Sent.Bytes;
            PausedUntilPs = At(i).LeavesPs;
        }
        _xoffs.Add(new Packet(arrivedPs, sent.Bytes, sent.Flow));
        _xons.Add(new Packet(PausedUntilPs, sent.Bytes, sent.Flow));
    }

    private void Leave()
    {
        if (!At(_gone).IsDiscarded) _buffered -= At(_gone).Sent.Bytes;
        _gone++;
    }

    /// <summary>Frames discarded by <paramref name="nowPs"/>, and requests to pause and to go on, which is never earlier than the last time it was asked.</summary>
    public long DiscardedBy(long nowPs) => _discards.CountBy(nowPs);
    public long XoffBy(long nowPs) => _xoffs.CountBy(nowPs);
    public long XonBy(long nowPs) => _xons.CountBy(nowPs);

    /// <summary>Forgets what nobody can take back any more.</summary>
    public void Settle(long nowPs)
    {
        DiscardedBy(nowPs);
        XoffBy(nowPs);
        XonBy(nowPs);
        while (_gone > 0 && At(0).ArrivedPs <= nowPs && At(0).LeavesPs <= nowPs)
        {
            _first = (_first + 1) & (_log.Length - 1);
            _count--;
            _gone--;
        }
    }

    /// <summary>Takes back all frames that arrive after <paramref name="nowPs"/>; null where there are none.</summary>
    public TakenBack? Rewind(long nowPs)
    {
        Settle(nowPs);
        int kept = _count;
        while (kept > 0 && At(kept - 1).ArrivedPs > nowPs) kept--;
        if (kept == _count) return null;
        var sent = new List<Packet>();
        int carried = 0;
        for (int i = kept; i < _count; i++)
        {
            sent.Add(At(i).Sent);
            carried += At(i).IsDiscarded ? 0 : 1;
        }
        long linkFreePs = At(kept).LinkFreePs;
        (_freePs, _count) = (At(kept).BusFreePs, kept);
        ArrivedPs = kept > 0 ? At(kept - 1).ArrivedPs : nowPs;
        _discards.DropNewest(_discards.CountAfter(nowPs));
        int xoffs = _xoffs.CountAfter(nowPs);
        _xoffs.DropNewest(xoffs);
        _xons.DropNewest(xoffs);
        // Who was told to pause before now still does.
        PausedUntilPs = _xons.LastPs;
        _buffered = _gone = 0;
        while (_gone < kept && At(_gone).LeavesPs <= nowPs) _gone++;
        for (int i = _gone; i < kept; i++) _buffered += At(i).IsDiscarded ? 0 : At(i).Sent.Bytes;
        return new TakenBack(sent, carried, linkFreePs);
    }

    private ref Passage At(int index) => ref _log[(_first + index) & (_log.Length - 1)];

    private void Push(in Passage passage)
    {
        if (_count == _log.Length)
        {
            var larger = new Passage[_log.Length * 2];
            for (int i = 0; i < _count; i++) larger[i] = At(i);
            (_log, _first) = (larger, 0);
        }
        At(_count++) = passage;
    }

    /// <summary>A frame on its way: as it was sent, when wire and bus were free before it, when its last bit came, and when it is in memory, or was discarded.</summary>
    private readonly record struct Passage(Packet Sent, long LinkFreePs, long BusFreePs, long ArrivedPs, long LeavesPs, bool IsDiscarded);

    /// <summary>Frames as their senders sent them, in their order, how many of them were not discarded, and when the wire is free before the first.</summary>
    public readonly record struct TakenBack(List<Packet> Sent, int Carried, long LinkFreePs);
}
