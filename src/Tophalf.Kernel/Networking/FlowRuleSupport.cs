using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>Which rules of <c>ethtool -N … flow-type</c> a driver takes (set_rxnfc of its struct ethtool_ops).</summary>
/// <param name="Places">How many.</param>
/// <param name="NeedsNtuple">Only while the feature is on; elsewhere what counts is that the device could have it.</param>
public sealed record FlowRuleSupport(int Places, bool NeedsNtuple = false)
{
    /// <summary>Rules by IP protocol, addresses and ports; else only by what is in the Ethernet header, which the twin's packets do not tell apart.</summary>
    public bool ByProtocol { get; init; } = true;

    /// <summary>The driver gives them their places, and takes no wish.</summary>
    public bool ChoosesPlace { get; init; }

    /// <summary>All rules ask for the same bits of addresses and ports.</summary>
    public bool HasOneMask { get; init; }
}

/// <summary>RSS contexts a driver takes (create_rxfh_context of its struct ethtool_ops).</summary>
/// <param name="Most">How many.</param>
/// <param name="WhenFull">What it answers when one more is asked for.</param>
public sealed record RssContextSupport(int Most, Errno WhenFull);
