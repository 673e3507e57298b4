using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>What the bus between a card and memory carries of received frames, all queues together.</summary>
/// <param name="PacketsPerSecond">Frames; 0: as many as come.</param>
/// <param name="BitsPerSecond">Bits of frames; 0: as many as come.</param>
public readonly record struct HostBusLimit(double PacketsPerSecond, long BitsPerSecond);

/// <summary>
/// The way of received frames from a card's packet buffer into memory, which all its queues share: a PCIe link carries so many transactions a second. Frames that come
/// faster wait in the buffer, and those that find it full are discarded at the port, whatever room the rings have.
/// What is discarded follows from the wire alone, so it may be read ahead of the clock like the wire.
/// </summary>
internal sealed class HostBus(HostBusLimit limit, int bufferBytes)
{
    private readonly long _packetPs = limit.PacketsPerSecond > 0 ? (long)(SimTime.Second / limit.PacketsPerSecond) : 0;
    private readonly double _bytePs = limit.BitsPerSecond > 0 ? 8.0 * SimTime.Second / limit.BitsPerSecond : 0;
    private readonly PacketFifo _buffer = new(256), _discards = new(256);
    private long _freePs, _discarded;
    private int _buffered;

    /// <summary>The arrival of the last frame that was read from the wire.</summary>
    public long ArrivedPs { get; private set; }

    /// <summary>A frame's last bit arrives; returns when the frame is in memory, Never where it was discarded.</summary>
    public long Pass(long arrivedPs, int bytes, int flow)
    {
        ArrivedPs = arrivedPs;
        while (_buffer.Count > 0 && _buffer[0].AtPs <= arrivedPs)
        {
            _buffered -= _buffer[0].Bytes;
            _buffer.Pop();
        }
        if (_buffered + bytes > bufferBytes)
        {
            _discards.Push(new Packet(arrivedPs, bytes, flow));
            return SimTime.Never;
        }
        _freePs = Math.Max(arrivedPs, _freePs + _packetPs + (long)(_bytePs * bytes));
        _buffered += bytes;
        _buffer.Push(new Packet(_freePs, bytes, flow));
        return _freePs;
    }

    /// <summary>Frames discarded by <paramref name="nowPs"/>, which is never earlier than the last time it was asked.</summary>
    public long DiscardedBy(long nowPs)
    {
        for (; _discards.Count > 0 && _discards[0].AtPs <= nowPs; _discarded++) _discards.Pop();
        return _discarded;
    }
}
