namespace Tophalf.Hardware.Devices;

/// <summary>
/// A frame as the receive path sees it: when its last bit arrived, its length with FCS, which flow of the controller it belongs to, and its place in a stream where it is a
/// segment of one. Sixteen bytes, since the rings are full of them.
/// </summary>
public readonly record struct Packet
{
    private const int BytesBits = 19;

    public Packet(long atPs, int bytes, int flow)
    {
        AtPs = atPs;
        Flow = flow;
        _shape = (uint)bytes;
    }

    public Packet(long atPs, int bytes, int flow, TcpSegment segment) : this(atPs, bytes, flow) => _shape = (uint)bytes | (uint)segment.Bits << BytesBits | 1u << 31;

    /// <summary>The same with another length.</summary>
    public Packet WithBytes(int bytes) => IsSegment ? new Packet(AtPs, bytes, Flow, Segment) : new Packet(AtPs, bytes, Flow);

    // The widest first: they lie in memory in this order.
    public long AtPs { get; init; }
    public int Flow { get; }

    // bit 31: a segment   30..19: TcpSegment   18..0: bytes
    private readonly uint _shape;

    public int Bytes => (int)(_shape & ((1 << BytesBits) - 1));
    public bool IsSegment => (int)_shape < 0;
    public TcpSegment Segment => new((ushort)(_shape >> BytesBits & TcpSegment.Mask));
}

/// <summary>
/// Frames offered to a link, in the order of their time. Sources are exogenous: what they send does not depend on what the receiver does,
/// so they may be read ahead of the clock.
/// </summary>
public interface IPacketSource
{
    /// <summary>The next frames, each with the moment its sender would start sending it, as many as there is room for; fewer where the source is dry, which is not asked again then.</summary>
    int Read(Span<Packet> frames);
}

/// <summary>First-in first-out of packets in one array that only grows.</summary>
public sealed class PacketFifo(int capacity)
{
    private Packet[] _items = new Packet[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
    private int _head;

    public int Count { get; private set; }

    public ref readonly Packet this[int index] => ref _items[(_head + index) & (_items.Length - 1)];

    public void Push(in Packet packet)
    {
        if (Count == _items.Length) Grow();
        _items[(_head + Count) & (_items.Length - 1)] = packet;
        Count++;
    }

    public void Pop()
    {
        _head = (_head + 1) & (_items.Length - 1);
        Count--;
    }

    public void DropNewest() => Count--;

    public void Clear() => Count = 0;

    private void Grow()
    {
        var larger = new Packet[_items.Length * 2];
        for (int i = 0; i < Count; i++) larger[i] = this[i];
        _items = larger;
        _head = 0;
    }
}
