namespace Tophalf.Kernel.Networking;

/// <summary>What an XDP program says of a packet (enum xdp_action, include/uapi/linux/bpf.h), with its numbers.</summary>
public enum XdpAction
{
    Drop = 1,
    Pass = 2,

    /// <summary>Back out of the card it came in by.</summary>
    Tx = 3,
}

/// <summary>Where the program runs: XDP_FLAGS_DRV_MODE before there is an skb, XDP_FLAGS_SKB_MODE after.</summary>
public enum XdpMode
{
    Native,
    Generic,
}

/// <summary>
/// An XDP program that says the same of every packet. The twin has no BPF machine; what these cost is measured with programs of just this kind.
/// </summary>
/// <param name="Section">The section of the object file it stands in.</param>
public sealed record XdpProgram(string Section, XdpAction Action)
{
    /// <summary>The programs the twin has, as the object files that hold them are called.</summary>
    public static IReadOnlyDictionary<string, XdpProgram> ByObject { get; } = new SortedDictionary<string, XdpProgram>(StringComparer.Ordinal)
    {
        ["xdp_drop.o"] = new("xdp", XdpAction.Drop),
        ["xdp_pass.o"] = new("xdp", XdpAction.Pass),
        ["xdp_tx.o"] = new("xdp", XdpAction.Tx),
    };
}
