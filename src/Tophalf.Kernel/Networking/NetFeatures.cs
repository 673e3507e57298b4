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

    /// <summary>The first bits of netdev_features_t (include/linux/netdev_features.h), by which ethtool lists what has changed.</summary>
    private static readonly string[] s_firstBits =
    [
        "tx-scatter-gather", "tx-checksum-ipv4", "tx-checksum-ip-generic", "tx-checksum-ipv6", "highdma", "tx-scatter-gather-fraglist", "tx-vlan-hw-insert", "rx-vlan-hw-parse", "rx-vlan-filter",
        "vlan-challenged", "tx-generic-segmentation", "tx-lockless", "netns-local", "rx-gro", "rx-lro", "tx-tcp-segmentation", "tx-gso-robust", "tx-tcp-ecn-segmentation",
        "tx-tcp-mangleid-segmentation", "tx-tcp6-segmentation",
    ];

    /// <summary>Its place among the bits; those that are in no order of their own come last, as ethtool -k has them.</summary>
    public int Place => Array.IndexOf(s_firstBits, Name) is >= 0 and int at ? at : s_firstBits.Length;

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

/// <summary>A feature of one device: on or off, whether that can be changed, and what was asked for, which is something else where another feature it needs is off.</summary>
public readonly record struct FeatureState(NetFeature Feature, bool IsOn, bool IsFixed, bool IsWanted);

/// <summary>
/// The features of one device (netdev->features, hw_features and wanted_features). Of those the twin acts on GRO, which costs time per packet and merges segments of TCP streams, on
/// segmentation of what is sent, on VLAN filters and on ntuple filters; the others are kept.
/// </summary>
internal sealed class FeatureSet
{
    /// <summary>NETIF_F_SOFT_FEATURES: on and changeable with any driver.</summary>
    private static readonly string[] s_on = ["tx-generic-segmentation", "rx-gro"];

    /// <summary>NETIF_F_SOFT_FEATURES_OFF and tx-nocache-copy: off until asked for.</summary>
    private static readonly string[] s_off = ["rx-gro-list", "rx-udp-gro-forwarding", "tx-nocache-copy"];

    private readonly Dictionary<string, bool> _wanted = [];
    private readonly HashSet<string> _fixedOn;
    private readonly HashSet<string> _forbidden = [];
    private readonly bool _txVlanFollowsRx;
    private HashSet<string> _active = [];

    public FeatureSet(NicModel model)
    {
        foreach (string name in s_on.Concat(model.Features.On)) _wanted[name] = true;
        foreach (string name in s_off.Concat(model.Features.Off)) _wanted[name] = false;
        // register_netdevice() adds it where there is TSO.
        if (_wanted.ContainsKey("tx-tcp-segmentation")) _wanted["tx-tcp-mangleid-segmentation"] = false;
        _fixedOn = [.. model.Features.FixedOn];
        _txVlanFollowsRx = model.Features.TxVlanFollowsRx;
        Update();
    }

    public bool this[string name] => _active.Contains(name);

    /// <summary>A person may change it (hw_features).</summary>
    public bool IsChangeable(string name) => _wanted.ContainsKey(name);

    public IReadOnlyList<FeatureState> States =>
        [.. NetFeature.All.Select(feature => new FeatureState(feature, this[feature.Name], !IsChangeable(feature.Name), _wanted.TryGetValue(feature.Name, out bool wanted) ? wanted : this[feature.Name]))];

    /// <summary>The driver's ndo_fix_features keeps a feature off, or no longer.</summary>
    public void Forbid(string name, bool isForbidden)
    {
        if (isForbidden) _forbidden.Add(name);
        else _forbidden.Remove(name);
        Update();
    }

    /// <summary>Sets what can be set.</summary>
    public void Set(IEnumerable<(string Name, bool On)> wishes)
    {
        foreach ((string name, bool on) in wishes)
        {
            if (IsChangeable(name)) _wanted[name] = on;
        }
        Update();
    }

    /// <summary>netdev_fix_features(), net/core/dev.c: what is wanted, less what cannot be without something that is off.</summary>
    private void Update()
    {
        HashSet<string> active = [.. _fixedOn, .. _wanted.Where(wish => wish.Value).Select(wish => wish.Key)];
        // e1000_fix_features, igb_fix_features.
        if (_txVlanFollowsRx && active.Contains("rx-vlan-hw-parse")) active.Add("tx-vlan-hw-insert");
        else if (_txVlanFollowsRx) active.Remove("tx-vlan-hw-insert");
        bool anyProtocol = active.Contains("tx-checksum-ip-generic");
        if (!active.Contains("tx-scatter-gather")) active.ExceptWith(["tx-tcp-segmentation", "tx-tcp-ecn-segmentation", "tx-tcp-mangleid-segmentation", "tx-tcp6-segmentation", "tx-generic-segmentation"]);
        if (!anyProtocol && !active.Contains("tx-checksum-ipv4")) active.ExceptWith(["tx-tcp-segmentation", "tx-tcp-ecn-segmentation"]);
        if (!anyProtocol && !active.Contains("tx-checksum-ipv6")) active.Remove("tx-tcp6-segmentation");
        if (!active.Contains("tx-tcp-segmentation")) active.Remove("tx-tcp-mangleid-segmentation");
        if (!active.Contains("tx-tcp-segmentation") && !active.Contains("tx-tcp6-segmentation")) active.Remove("tx-tcp-ecn-segmentation");
        if (!active.Contains("rx-checksum") || active.Contains("rx-fcs")) active.Remove("rx-gro-hw");
        if (active.Contains("rx-fcs") || active.Contains("rx-gro-hw")) active.Remove("rx-lro");
        active.ExceptWith(_forbidden);
        _active = active;
    }
}
