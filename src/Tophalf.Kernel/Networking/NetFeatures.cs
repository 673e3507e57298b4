namespace Tophalf.Kernel.Networking;

/// <summary>One bit of netdev_features_t.</summary>
/// <param name="Name">As the kernel calls it (net/ethtool/common.c, netdev_features_strings).</param>
/// <param name="Shown">As ethtool -k prints it: old names for what is older than the list.</param>
/// <param name="Short">A word ethtool -K takes too; null: none.</param>
/// <param name="Group">The heading it is printed under; null: a row of its own.</param>
public sealed record NetFeature(string Name, string Shown, string? Short = null, string? Group = null)
{
    /// <summary>All features of a 6.1 kernel in the order ethtool prints them.</summary>
    public static IReadOnlyList<NetFeature> All { get; } =
    [
        new("rx-checksum", "rx-checksumming", "rx"),
        .. Grouped("tx-checksumming", "tx-checksum-ipv4", "tx-checksum-ip-generic", "tx-checksum-ipv6", "tx-checksum-fcoe-crc", "tx-checksum-sctp"),
        .. Grouped("scatter-gather", "tx-scatter-gather", "tx-scatter-gather-fraglist"),
        .. Grouped("tcp-segmentation-offload", "tx-tcp-segmentation", "tx-tcp-ecn-segmentation", "tx-tcp-mangleid-segmentation", "tx-tcp6-segmentation"),
        new("tx-generic-segmentation", "generic-segmentation-offload", "gso"),
        new("rx-gro", "generic-receive-offload", "gro"),
        new("rx-lro", "large-receive-offload", "lro"),
        new("rx-vlan-hw-parse", "rx-vlan-offload", "rxvlan"),
        new("tx-vlan-hw-insert", "tx-vlan-offload", "txvlan"),
        new("rx-ntuple-filter", "ntuple-filters", "ntuple"),
        new("rx-hashing", "receive-hashing", "rxhash"),
        .. new[]
        {
            "highdma", "rx-vlan-filter", "vlan-challenged", "tx-lockless", "netns-local", "tx-gso-robust", "tx-fcoe-segmentation", "tx-gre-segmentation",
            "tx-gre-csum-segmentation", "tx-ipxip4-segmentation", "tx-ipxip6-segmentation", "tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation", "tx-gso-partial",
            "tx-tunnel-remcsum-segmentation", "tx-sctp-segmentation", "tx-esp-segmentation", "tx-udp-segmentation", "tx-gso-list", "fcoe-mtu", "tx-nocache-copy", "loopback",
            "rx-fcs", "rx-all", "tx-vlan-stag-hw-insert", "rx-vlan-stag-hw-parse", "rx-vlan-stag-filter", "l2-fwd-offload", "hw-tc-offload", "esp-hw-offload",
            "esp-tx-csum-hw-offload", "rx-udp_tunnel-port-offload", "tls-hw-tx-offload", "tls-hw-rx-offload", "rx-gro-hw", "tls-hw-record", "rx-gro-list",
            "macsec-hw-offload", "rx-udp-gro-forwarding", "hsr-tag-ins-offload", "hsr-tag-rm-offload", "hsr-fwd-offload", "hsr-dup-offload",
        }.Select(name => new NetFeature(name, name)),
    ];

    /// <summary>The word of -K for a whole group.</summary>
    public static string? GroupOf(string word) => word switch
    {
        "tx" or "tx-checksumming" => "tx-checksumming",
        "sg" or "scatter-gather" => "scatter-gather",
        "tso" or "tcp-segmentation-offload" => "tcp-segmentation-offload",
        _ => null,
    };

    private static IEnumerable<NetFeature> Grouped(string group, params string[] names) => names.Select(name => new NetFeature(name, name, null, group));
}

/// <summary>A feature of one device: on or off, and whether that can be changed.</summary>
public readonly record struct FeatureState(NetFeature Feature, bool IsOn, bool IsFixed);

/// <summary>The features of one device (netdev->features and hw_features). Of those the twin acts on GRO, which costs time per packet and merges segments of TCP streams, and on ntuple filters; the others are kept.</summary>
internal sealed class FeatureSet
{
    /// <summary>On and changeable with any driver: the kernel's own, and with every driver of the twin what computes checksums and splits segments.</summary>
    private static readonly string[] s_on =
    [
        "tx-checksum-ip-generic", "tx-scatter-gather", "tx-tcp-segmentation", "tx-generic-segmentation", "rx-gro",
    ];

    /// <summary>NETIF_F_SOFT_FEATURES_OFF, tx-nocache-copy, and TSO_MANGLEID where there is TSO: off until asked for.</summary>
    private static readonly string[] s_off = ["rx-gro-list", "rx-udp-gro-forwarding", "tx-nocache-copy", "tx-tcp-mangleid-segmentation"];

    private readonly Dictionary<string, bool> _changeable = [];
    private readonly HashSet<string> _fixedOn;

    public FeatureSet(NicModel model)
    {
        foreach (string name in s_on.Concat(model.FeaturesOn)) _changeable[name] = true;
        foreach (string name in s_off.Concat(model.FeaturesOff)) _changeable[name] = false;
        _fixedOn = [.. model.FeaturesFixedOn];
        if (model.HasLro) _changeable["rx-lro"] = false;
        if (model.FlowRules > 0) _changeable["rx-ntuple-filter"] = model.NtupleIsOn;
    }

    public bool this[string name] => _changeable.TryGetValue(name, out bool on) ? on : _fixedOn.Contains(name);

    public IReadOnlyList<FeatureState> States => [.. NetFeature.All.Select(feature => new FeatureState(feature, this[feature.Name], !_changeable.ContainsKey(feature.Name)))];

    /// <summary>Sets what can be set.</summary>
    public void Set(string name, bool on)
    {
        if (_changeable.ContainsKey(name)) _changeable[name] = on;
    }
}
