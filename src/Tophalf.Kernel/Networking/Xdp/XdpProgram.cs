namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>What an XDP program says of a packet (enum xdp_action, include/uapi/linux/bpf.h), with its numbers.</summary>
public enum XdpAction
{
    /// <summary>Dropped, and told of as an exception: the program could not do what it wanted.</summary>
    Aborted = 0,

    Drop = 1,
    Pass = 2,

    /// <summary>Back out of the card it came in by.</summary>
    Tx = 3,

    /// <summary>Where a map says: out of another card, to another processor, or into an AF_XDP socket.</summary>
    Redirect = 4,
}

/// <summary>Where the program runs: XDP_FLAGS_DRV_MODE before there is an skb, XDP_FLAGS_SKB_MODE after.</summary>
public enum XdpMode
{
    Native,
    Generic,
}

/// <summary>By which map a program redirects, and how it chooses an entry.</summary>
public enum XdpTarget
{
    None,

    /// <summary>The first entry of a DEVMAP.</summary>
    Device,

    /// <summary>The entry of a CPUMAP that cpus_available names first.</summary>
    FirstCpu,

    /// <summary>One entry after the other of those in cpus_available.</summary>
    EachCpuInTurn,

    /// <summary>The entry of those in cpus_available that the flow's hash names.</summary>
    CpuByHash,
}

/// <summary>
/// An XDP program that does the same with every packet. The twin has no BPF machine; what these cost is measured with programs of just this kind.
/// </summary>
/// <param name="Section">The section of the object file it stands in.</param>
public sealed record XdpProgram(string Section, XdpAction Action, XdpTarget Target = XdpTarget.None)
{
    /// <summary>The programs the twin has, as the object files that hold them are called (samples/bpf of Linux); the first of a file is what no section name asks for.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<XdpProgram>> ByObject { get; } = new SortedDictionary<string, IReadOnlyList<XdpProgram>>(StringComparer.Ordinal)
    {
        ["xdp_drop.o"] = [new("xdp", XdpAction.Drop)],
        ["xdp_pass.o"] = [new("xdp", XdpAction.Pass)],
        ["xdp_redirect_cpu.o"] =
        [
            new("xdp_cpu_map0", XdpAction.Redirect, XdpTarget.FirstCpu),
            new("xdp_cpu_map2_round_robin", XdpAction.Redirect, XdpTarget.EachCpuInTurn),
            new("xdp_cpu_map5_lb_hash_ip_pairs", XdpAction.Redirect, XdpTarget.CpuByHash),
        ],
        ["xdp_redirect_map.o"] = [new("xdp", XdpAction.Redirect, XdpTarget.Device)],
        ["xdp_tx.o"] = [new("xdp", XdpAction.Tx)],
    };
}
