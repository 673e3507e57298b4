using Tophalf.Hardware.Devices;

namespace Tophalf.Twin.Captures;

/// <summary>One packet of a capture, as far as a receiving machine's timing depends on it.</summary>
public readonly record struct CapturedPacket
{
    /// <summary>Picoseconds since the first packet; never less than the packet before.</summary>
    public long TimePs { get; init; }

    /// <summary>Bytes the packet had when it was seen, its link-layer header included; at least <see cref="CapturedLength"/>.</summary>
    public int OriginalLength { get; init; }

    /// <summary>Bytes of it that the file holds.</summary>
    public int CapturedLength { get; init; }

    public LinkType LinkType { get; init; }

    /// <summary>False for what is not IP, or too short or damaged to tell.</summary>
    public bool HasFlow { get; init; }

    /// <summary>Meaningful where <see cref="HasFlow"/>.</summary>
    public FlowKey Flow { get; init; }
}
