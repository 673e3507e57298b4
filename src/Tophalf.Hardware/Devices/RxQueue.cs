using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// One receive queue: what is still on the wire for it, and the descriptor ring. Arrivals are not events. Whoever looks at the ring first
/// lets everything that has arrived by then fall into it, in order; a frame that finds no free descriptor is dropped.
/// A descriptor is free again when the driver has taken the packet and refilled it.
/// </summary>
public sealed class RxQueue(NetworkController controller, int index, int ringSize)
{
    private readonly PacketFifo _ring = new(ringSize);
    internal readonly PacketFifo Inbound = new(256);

    public int Index { get; } = index;
    public int RingSize { get; private set; } = ringSize;

    /// <summary>Packets in the ring that the driver has not taken, as of the last <see cref="Pump"/>.</summary>
    public int Count => _ring.Count;

    public ref readonly Packet this[int position] => ref _ring[position];

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

    /// <summary>Lets everything that has arrived by <paramref name="nowPs"/> fall into the ring.</summary>
    public void Pump(long nowPs)
    {
        if (controller.StreamPs <= nowPs) controller.ReadAhead(nowPs);
        while (Inbound.Count > 0 && Inbound[0].AtPs <= nowPs)
        {
            Arrived++;
            if (_ring.Count < RingSize) Fill(Inbound[0]);
            else Dropped++;
            Inbound.Pop();
        }
    }

    private void Fill(in Packet packet)
    {
        _ring.Push(packet);
        if (_ring.Count > MostWaiting) MostWaiting = _ring.Count;
    }

    /// <summary>The driver has finished with the oldest packet and given the descriptor back at <paramref name="nowPs"/>.</summary>
    public void Take(long nowPs)
    {
        Pump(nowPs);
        TakenBytes += _ring[0].Bytes;
        _ring.Pop();
        Taken++;
    }

    internal void Resize(int ringSize, long nowPs)
    {
        Pump(nowPs);
        while (_ring.Count > ringSize)
        {
            _ring.DropNewest();
            Dropped++;
        }
        RingSize = ringSize;
        LargestRing = Math.Max(LargestRing, ringSize);
    }

    /// <summary>Arrival of the first packet nobody took, whether already in the ring or still on the wire; Never if none comes within sight.</summary>
    public long FirstPs(long untilPs) => NthPs(1, untilPs);

    /// <summary>Arrival of the <paramref name="n"/>th packet nobody took. A full ring cannot count further than its size.</summary>
    public long NthPs(int n, long untilPs)
    {
        n = Math.Min(n, RingSize);
        if (_ring.Count >= n) return _ring[n - 1].AtPs;
        int ahead = n - 1 - _ring.Count;
        while (Inbound.Count <= ahead && controller.StreamPs <= untilPs) controller.ReadAhead(controller.StreamPs);
        return Inbound.Count > ahead ? Inbound[ahead].AtPs : SimTime.Never;
    }

    /// <summary>Arrival of the next frame that has not reached the ring; Never if none comes within sight.</summary>
    internal long NextOnWirePs(long untilPs)
    {
        while (Inbound.Count == 0 && controller.StreamPs <= untilPs) controller.ReadAhead(controller.StreamPs);
        return Inbound.Count > 0 ? Inbound[0].AtPs : SimTime.Never;
    }
}
