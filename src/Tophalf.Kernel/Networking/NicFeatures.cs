namespace Tophalf.Kernel.Networking;

/// <summary>
/// What a driver puts into netdev->hw_features and netdev->features before it registers its device, as Linux 6.1 has it: features a person may change, on or off at first, and
/// those that are on for good. What the core adds to every device (NETIF_F_SOFT_FEATURES and the like) is not in it.
/// </summary>
public sealed record NicFeatures
{
    public required IReadOnlyList<string> On { get; init; }
    public IReadOnlyList<string> Off { get; init; } = [];
    public IReadOnlyList<string> FixedOn { get; init; } = [];

    /// <summary>The driver's ndo_fix_features has tx-vlan-offload follow rx-vlan-offload: the card does both or neither.</summary>
    public bool TxVlanFollowsRx { get; init; }

    private static readonly string[] s_tunnels =
    [
        "tx-gre-segmentation", "tx-gre-csum-segmentation", "tx-ipxip4-segmentation", "tx-ipxip6-segmentation", "tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation", "tx-gso-partial",
    ];

    /// <summary>What igb, ixgbe and i40e have in common: checksums of any protocol, segmentation for both versions of IP.</summary>
    private static readonly string[] s_intel =
    [
        "rx-checksum", "tx-checksum-ip-generic", "tx-checksum-sctp", "tx-scatter-gather", "tx-tcp-segmentation", "tx-tcp6-segmentation", "tx-udp-segmentation",
        "rx-vlan-hw-parse", "tx-vlan-hw-insert", "rx-hashing", .. s_tunnels,
    ];

    /// <summary>drivers/net/ethernet/amd/lance.c sets none.</summary>
    public static NicFeatures None { get; } = new() { On = [] };

    /// <summary>e1000_main.c, e1000_probe: an 82545EM.</summary>
    public static NicFeatures E1000 { get; } = new()
    {
        On = ["tx-checksum-ip-generic", "tx-scatter-gather", "tx-tcp-segmentation", "rx-vlan-hw-parse"],
        Off = ["rx-checksum", "rx-fcs", "rx-all"],
        FixedOn = ["tx-vlan-hw-insert", "rx-vlan-filter"],
        TxVlanFollowsRx = true,
    };

    /// <summary>e1000e/netdev.c, e1000_probe.</summary>
    public static NicFeatures E1000e { get; } = new()
    {
        On = ["rx-checksum", "tx-checksum-ip-generic", "tx-scatter-gather", "tx-tcp-segmentation", "tx-tcp6-segmentation", "rx-vlan-hw-parse", "tx-vlan-hw-insert", "rx-hashing"],
        Off = ["rx-fcs", "rx-all"],
        FixedOn = ["highdma", "rx-vlan-filter"],
        TxVlanFollowsRx = true,
    };

    /// <summary>igb_main.c, igb_probe: an I350. HW_TC and NTUPLE come with that chip; the 82576 lacks both.</summary>
    public static NicFeatures Igb { get; } = new()
    {
        On = [.. s_intel, "hw-tc-offload"],
        Off = ["rx-ntuple-filter", "rx-all"],
        FixedOn = ["highdma", "rx-vlan-filter"],
        TxVlanFollowsRx = true,
    };

    /// <summary>ixgbe_main.c, ixgbe_probe: an 82599, which has LRO (RSC), but neither IPsec offload nor tunnel ports, as its successors do.</summary>
    public static NicFeatures Ixgbe { get; } = new()
    {
        On = [.. s_intel, "rx-vlan-filter"],
        Off = ["rx-lro", "rx-ntuple-filter", "rx-all", "l2-fwd-offload", "hw-tc-offload"],
        FixedOn = ["highdma"],
    };

    /// <summary>i40e_main.c, i40e_config_netdev. The core adds the port offload where there is a udp_tunnel_nic_info.</summary>
    public static NicFeatures I40e { get; } = new()
    {
        On = [.. s_intel, "tx-tcp-ecn-segmentation", "highdma", "rx-ntuple-filter", "rx-udp_tunnel-port-offload"],
        Off = ["hw-tc-offload", "l2-fwd-offload"],
        FixedOn = ["rx-vlan-filter"],
    };

    /// <summary>ice_main.c, ice_set_netdev_features, in the mode with one VLAN tag.</summary>
    public static NicFeatures Ice { get; } = new()
    {
        On =
        [
            "rx-checksum", "tx-checksum-ipv4", "tx-checksum-ipv6", "tx-checksum-sctp", "tx-scatter-gather", "tx-tcp-segmentation", "tx-tcp-ecn-segmentation", "tx-tcp6-segmentation",
            "tx-udp-segmentation", "rx-vlan-hw-parse", "tx-vlan-hw-insert", "rx-vlan-filter", "rx-hashing", "rx-ntuple-filter", "highdma", "rx-udp_tunnel-port-offload", .. s_tunnels,
        ],
        Off = ["hw-tc-offload", "loopback", "rx-fcs"],
    };

    /// <summary>mlx5/core/en_main.c, mlx5e_build_nic_netdev: a ConnectX-5 whose firmware offers all tunnels and no shaping of queues.</summary>
    public static NicFeatures Mlx5 { get; } = new()
    {
        On =
        [
            "rx-checksum", "tx-checksum-ip-generic", "tx-scatter-gather", "tx-tcp-segmentation", "tx-tcp6-segmentation", "tx-udp-segmentation", "rx-vlan-hw-parse", "tx-vlan-hw-insert",
            "rx-vlan-filter", "tx-vlan-stag-hw-insert", "rx-hashing", "rx-udp_tunnel-port-offload", .. s_tunnels,
        ],
        Off = ["rx-lro", "rx-ntuple-filter", "rx-fcs", "rx-all", "hw-tc-offload"],
        FixedOn = ["highdma", "rx-vlan-stag-filter"],
    };

    /// <summary>bnxt.c, bnxt_init_one: firmware that lets VLAN tags be stripped and inserted, and a chip that aggregates (TPA).</summary>
    public static NicFeatures Bnxt { get; } = new()
    {
        On =
        [
            "rx-checksum", "tx-checksum-ipv4", "tx-checksum-ipv6", "tx-scatter-gather", "tx-tcp-segmentation", "tx-tcp6-segmentation", "tx-udp_tnl-segmentation", "tx-gre-segmentation",
            "tx-ipxip4-segmentation", "tx-udp_tnl-csum-segmentation", "tx-gre-csum-segmentation", "tx-gso-partial", "rx-hashing", "rx-vlan-hw-parse", "rx-vlan-stag-hw-parse",
            "tx-vlan-hw-insert", "tx-vlan-stag-hw-insert", "rx-gro-hw", "rx-ntuple-filter", "rx-udp_tunnel-port-offload",
        ],
        Off = ["rx-lro"],
        FixedOn = ["highdma"],
    };

    /// <summary>virtio_net.c, virtnet_probe, with what QEMU offers.</summary>
    public static NicFeatures VirtioNet { get; } = new()
    {
        On = ["tx-checksum-ip-generic", "tx-scatter-gather", "tx-tcp-segmentation", "tx-tcp6-segmentation", "rx-gro-hw"],
        FixedOn = ["rx-checksum", "highdma", "tx-gso-robust", "rx-vlan-filter"],
    };

    /// <summary>ena_netdev.c, ena_set_dev_offloads: what Amazon's cards offer, which is no segmentation.</summary>
    public static NicFeatures Ena { get; } = new() { On = ["rx-checksum", "tx-checksum-ipv4", "tx-checksum-ipv6", "tx-scatter-gather", "rx-hashing", "highdma"] };

    /// <summary>gve_main.c, gve_probe, with the queue format DQO.</summary>
    public static NicFeatures Gve { get; } = new()
    {
        On = ["rx-checksum", "tx-checksum-ip-generic", "tx-scatter-gather", "tx-tcp-segmentation", "tx-tcp-ecn-segmentation", "tx-tcp6-segmentation", "rx-hashing", "highdma"],
        Off = ["rx-lro"],
    };
}
