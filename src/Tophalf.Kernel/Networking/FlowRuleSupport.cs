namespace Tophalf.Kernel.Networking;

/// <summary>Which rules of <c>ethtool -N … flow-type</c> a driver takes (set_rxnfc of its struct ethtool_ops).</summary>
/// <param name="Places">How many.</param>
/// <param name="NeedsNtuple">Only while the feature is on; elsewhere what counts is that the device could have it.</param>
public sealed record FlowRuleSupport(int Places, bool NeedsNtuple = false)
{
    /// <summary>Rules by IP protocol, addresses and ports; else only by what is in the Ethernet header, which the twin's packets do not tell apart.</summary>
    public bool ByProtocol { get; init; } = true;

    /// <summary>A rule may be inserted; else those shown are the driver's own.</summary>
    public bool ByHand { get; init; } = true;

    /// <summary>All rules ask for the same bits of addresses and ports.</summary>
    public bool HasOneMask { get; init; }
}
