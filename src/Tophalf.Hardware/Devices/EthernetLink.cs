using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// One direction of an Ethernet link: frames follow each other no closer than their time on the wire,
/// preamble (8 bytes) and inter-frame gap (12 bytes) included (IEEE 802.3 §4.2.3.2.2, §3.1.1).
/// </summary>
public sealed class EthernetLink(long bitsPerSecond)
{
    public const int OverheadBytes = 20;

    /// <summary>An 802.1Q tag, which makes a frame that much longer (IEEE 802.3 §3.2.7).</summary>
    public const int TagBytes = 4;

    // Whole picoseconds per byte at every rate Ethernet has; other rates are rounded per frame.
    private readonly long _wholePsPerByte = 8 * SimTime.Second % bitsPerSecond == 0 ? 8 * SimTime.Second / bitsPerSecond : 0;

    /// <summary>When it is free.</summary>
    public long FreePs { get; private set; }

    public long BitsPerSecond { get; } = bitsPerSecond;

    /// <summary>Time a frame of <paramref name="bytes"/> (FCS included) occupies the wire.</summary>
    public long WirePs(int bytes) => _wholePsPerByte != 0
        ? (bytes + OverheadBytes) * _wholePsPerByte
        : (long)((Int128)(bytes + OverheadBytes) * 8 * SimTime.Second / BitsPerSecond);

    /// <summary>A frame is ready to go at <paramref name="readyPs"/>; returns when its last bit has passed.</summary>
    public long Pass(long readyPs, int bytes)
    {
        FreePs = Math.Max(readyPs, FreePs) + WirePs(bytes);
        return FreePs;
    }

    /// <summary>Takes back what has been read of the time to come.</summary>
    internal void Rewind(long freePs) => FreePs = freePs;
}
