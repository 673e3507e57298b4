namespace Tophalf.Kernel.Modules.Pktgen;

/// <summary>The flags of a device, bit by bit (PKT_FLAGS of net/core/pktgen.c).</summary>
internal static class PktgenFlags
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "IPV6", "IPSRC_RND", "IPDST_RND", "TXSIZE_RND", "UDPSRC_RND", "UDPDST_RND", "UDPCSUM", "NO_TIMESTAMP", "MPLS_RND", "QUEUE_MAP_RND", "QUEUE_MAP_CPU", "FLOW_SEQ", "IPSEC",
        "MACSRC_RND", "MACDST_RND", "VID_RND", "SVID_RND", "NODE",
    ];

    public const uint SourceAddressRandom = 1 << 1, DestinationAddressRandom = 1 << 2, SizeRandom = 1 << 3, SourcePortRandom = 1 << 4, DestinationPortRandom = 1 << 5,
        QueueMapRandom = 1 << 9, QueueMapCpu = 1 << 10, FlowSequential = 1 << 11, SourceMacRandom = 1 << 13, DestinationMacRandom = 1 << 14;

    /// <summary>The order in which an unknown flag is answered; not that of the bits.</summary>
    public const string Available =
        "IPSRC_RND, IPDST_RND, UDPSRC_RND, UDPDST_RND, MACSRC_RND, MACDST_RND, TXSIZE_RND, IPV6, MPLS_RND, VID_RND, SVID_RND, FLOW_SEQ, QUEUE_MAP_RND, QUEUE_MAP_CPU, UDPCSUM, "
        + "NO_TIMESTAMP, IPSEC, NODE_ALLOC\n";

    /// <summary>pktgen_read_flag(): 0 where there is no such flag. IPV6 can only be taken off.</summary>
    public static uint Parse(string word, out bool off)
    {
        off = word.StartsWith('!');
        string name = off ? word[1..] : word;
        for (int bit = off ? 0 : 1; bit < Names.Count; bit++)
        {
            if (Names[bit] == name) return 1u << bit;
        }
        if (name != "FLOW_RND") return 0;
        off = !off;
        return FlowSequential;
    }
}
