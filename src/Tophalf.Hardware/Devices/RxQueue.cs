using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// One receive queue: what is still on the wire for it, and the descriptor ring. Arrivals are not events. Whoever looks at the ring first
/// lets everything that has arrived by then fall into it, in order; a frame that finds no free descriptor is dropped.
/// A descriptor is free again when the driver has taken the packet and refilled it.
/// </summary>
public sealed class RxQueue(EthernetPort port, int index, int ringSize)
{
    private readonly FrameStore _frames = new(ringSize + 256);

    // Buffers that frames fill: 0 bytes where each has one of its own length. Then free descriptors are what is left of the ring by frames.
    private int _bufferBytes, _mostPerFrame = 1, _used;

    // No frame that arrives up to then finds the ring full, whether or not the driver takes any in the meantime.
    private long _roomUntilPs = -1;

    public int Index { get; } = index;
    public int RingSize { get; private set; } = ringSize;

    /// <summary>Packets in the ring that the driver has not taken, as of the last <see cref="Pump"/>.</summary>
    public int Count => _frames.InRing;

    public ref readonly Packet this[int position] => ref _frames.Ring(position);

    /// <summary>The most packets that ever stood in the ring, and the largest it ever was: what a checker compares.</summary>
    public int MostWaiting { get; private set; }
    public int LargestRing { get; private set; } = ringSize;

    /// <summary>Frames that found the ring full (rx_missed_errors).</summary>
    public long Dropped { get; private set; }

    /// <summary>Frames that reached the queue: in the ring, taken, or dropped.</summary>
    public long Arrived { get; private set; }

    /// <summary>Frames the driver took, and their bytes.</summary>
    public long Taken { get; private set; }
    public long TakenBytes { get; private set; }

    /// <summary>Descriptors with a buffer that is free, where buffers do not come back with the packets that the driver takes; null: they do.</summary>
    public int? Buffers { get; private set; }

    /// <summary>From now on the ring, empty yet, has no buffers but those it is given, first these.</summary>
    public void Limit(int buffers) => Buffers = buffers;

    /// <summary>And from now on it has its own again.</summary>
    public void Unlimit(long nowPs)
    {
        Pump(nowPs);
        Buffers = null;
        CountUsed();
    }

    /// <summary>So many more buffers are there to receive into.</summary>
    public void AddBuffers(int count, long nowPs)
    {
        Pump(nowPs);
        Buffers += count;
    }

    /// <summary>A frame for this queue is on the wire, behind those that were there before.</summary>
    internal void Expect(in Packet frame)
    {
        _frames.Expect(frame);
        if (frame.AtPs <= _roomUntilPs) _roomUntilPs = frame.AtPs - 1;
    }

    /// <summary>Takes back what has not arrived by <paramref name="nowPs"/>: other queues may be meant for it now.</summary>
    internal void GiveUp(List<Packet> future, long nowPs)
    {
        Pump(nowPs);
        for (int i = 0; i < _frames.OnWire; i++) future.Add(_frames.Wire(i));
        _frames.ClearWire();
        _roomUntilPs = nowPs;
    }

    /// <summary>Lets everything that has arrived by <paramref name="nowPs"/> fall into the ring.</summary>
    public void Pump(long nowPs)
    {
        if (port.StreamPs <= nowPs) port.ReadAhead(nowPs);
        if (_bufferBytes == 0 && Buffers is null) FallAll(nowPs);
        else while (_frames.OnWire > 0 && _frames.Wire(0).AtPs <= nowPs) Fall();
        int room = Buffers ?? (_bufferBytes == 0 ? RingSize - Count : Math.Max(0, RingSize - _used) / _mostPerFrame);
        _roomUntilPs = (_frames.OnWire > room ? _frames.Wire(room).AtPs : port.StreamPs) - 1;
    }

    /// <summary>Where each frame takes one descriptor, those that find one fall in one go.</summary>
    private void FallAll(long nowPs)
    {
        int come = 0;
        while (come < _frames.OnWire && _frames.Wire(come).AtPs <= nowPs) come++;
        int fall = Math.Min(come, RingSize - Count);
        _frames.Enter(fall);
        _frames.Lose(come - fall);
        Arrived += come;
        Dropped += come - fall;
        if (Count > MostWaiting) MostWaiting = Count;
    }

    private void Fall()
    {
        Arrived++;
        if (!HasRoomFor(_frames.Wire(0)))
        {
            Dropped++;
            _frames.Lose(1);
            return;
        }
        _frames.Enter(1);
        if (Buffers is not null) Buffers--;
        if (Count > MostWaiting) MostWaiting = Count;
    }

    /// <summary>Descriptors that a frame takes.</summary>
    public int DescriptorsOf(int bytes) => _bufferBytes == 0 || bytes <= _bufferBytes ? 1 : (bytes + _bufferBytes - 1) / _bufferBytes;

    private bool HasRoomFor(in Packet packet) => Buffers is { } free ? free > 0 : _bufferBytes == 0 ? Count < RingSize : TryTakeBuffers(packet);

    private bool TryTakeBuffers(in Packet packet)
    {
        int needed = DescriptorsOf(packet.Bytes);
        if (_used + needed > RingSize) return false;
        _used += needed;
        return true;
    }

    /// <summary>
    /// From now on frames of up to <paramref name="longestBytes"/> fill buffers of <paramref name="bufferBytes"/>, or one each (0). What stands in the ring is counted by the new
    /// buffers: the driver that changes them sets its rings up anew.
    /// </summary>
    public void SetBuffers(int bufferBytes, int longestBytes, long nowPs)
    {
        Pump(nowPs);
        _bufferBytes = bufferBytes;
        _mostPerFrame = DescriptorsOf(longestBytes);
        CountUsed();
        _roomUntilPs = nowPs;
    }

    private void CountUsed()
    {
        _used = 0;
        for (int i = 0; i < Count; i++) _used += DescriptorsOf(this[i].Bytes);
    }

    /// <summary>
    /// The driver has finished with the oldest packet and given the descriptor back at <paramref name="nowPs"/>. What arrived before that had one descriptor less to fall into;
    /// where there was room for all of it, it makes no difference when it fell.
    /// </summary>
    public void Take(long nowPs)
    {
        if (nowPs > _roomUntilPs) Pump(nowPs);
        int bytes = this[0].Bytes;
        TakenBytes += bytes;
        if (_bufferBytes != 0 && Buffers is null) _used -= DescriptorsOf(bytes);
        _frames.TakeOldest();
        Taken++;
    }

    internal void Resize(int ringSize, long nowPs)
    {
        Pump(nowPs);
        while (_bufferBytes == 0 ? Count > ringSize : _used > ringSize)
        {
            if (_bufferBytes != 0) _used -= DescriptorsOf(this[Count - 1].Bytes);
            _frames.DropNewest();
            Dropped++;
        }
        RingSize = ringSize;
        _roomUntilPs = nowPs;
        LargestRing = Math.Max(LargestRing, ringSize);
    }

    /// <summary>Arrival of the first packet nobody took, whether already in the ring or still on the wire; Never if none comes within sight.</summary>
    public long FirstPs(long untilPs) => NthPs(1, untilPs);

    /// <summary>Arrival of the <paramref name="n"/>th packet nobody took. A full ring cannot count further than its size.</summary>
    public long NthPs(int n, long untilPs)
    {
        n = Math.Min(n, Math.Max(1, RingSize / _mostPerFrame));
        if (Count >= n) return this[n - 1].AtPs;
        if (Buffers is { } buffers && n > Count + buffers) return SimTime.Never;
        int ahead = n - 1 - Count;
        while (_frames.OnWire <= ahead && port.StreamPs <= untilPs) port.ReadAhead(port.StreamPs);
        return _frames.OnWire > ahead ? _frames.Wire(ahead).AtPs : SimTime.Never;
    }

    /// <summary>Arrival of the next frame that has not reached the ring; Never if none comes within sight.</summary>
    internal long NextOnWirePs(long untilPs)
    {
        while (_frames.OnWire == 0 && port.StreamPs <= untilPs) port.ReadAhead(port.StreamPs);
        return _frames.OnWire > 0 ? _frames.Wire(0).AtPs : SimTime.Never;
    }
}
