namespace Tophalf.Hardware.Devices;

/// <summary>
/// A flow steering rule of a controller (ethtool -N, "ntuple"): IPv4 packets of one protocol whose addresses and ports are these where the masks have ones go to one queue,
/// past receive-side scaling, or nowhere.
/// </summary>
public readonly record struct FlowRule
{
    /// <summary>Where it stands in the controller's table; the lowest that matches wins.</summary>
    public required int Location { get; init; }

    /// <summary>6 TCP, 17 UDP, 132 SCTP.</summary>
    public required byte Protocol { get; init; }

    public uint SourceAddress { get; init; }
    public uint SourceMask { get; init; }
    public uint DestinationAddress { get; init; }
    public uint DestinationMask { get; init; }
    public ushort SourcePort { get; init; }
    public ushort SourcePortMask { get; init; }
    public ushort DestinationPort { get; init; }
    public ushort DestinationPortMask { get; init; }

    /// <summary>The queue; <see cref="Drop"/> for none.</summary>
    public required int Queue { get; init; }

    public const int Drop = -1;

    /// <summary>The table and key (an RSS context) that choose the queue instead; 0: none.</summary>
    public int Context { get; init; }

    public bool Matches(in FlowKey flow) =>
        !flow.IsIPv6 && flow.Protocol == Protocol && !flow.IsFragment
        && (((uint)flow.SourceAddress ^ SourceAddress) & SourceMask) == 0 && (((uint)flow.DestinationAddress ^ DestinationAddress) & DestinationMask) == 0
        && ((flow.SourcePort ^ SourcePort) & SourcePortMask) == 0 && ((flow.DestinationPort ^ DestinationPort) & DestinationPortMask) == 0;

    /// <summary>It looks at the same bits as <paramref name="other"/>.</summary>
    public bool HasMaskOf(in FlowRule other) =>
        (SourceMask, DestinationMask, SourcePortMask, DestinationPortMask) == (other.SourceMask, other.DestinationMask, other.SourcePortMask, other.DestinationPortMask);
}
