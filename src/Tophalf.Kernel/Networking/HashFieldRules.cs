using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// What a driver says of the fields that the receive hash covers (get_rxfh_fields and set_rxfh_fields of struct ethtool_ops): addresses alone, or addresses and ports, by IP
/// protocol. Protocols are 6 TCP, 17 UDP, 132 SCTP.
/// </summary>
public sealed record HashFieldRules
{
    public const byte Tcp = 6, Udp = 17, Sctp = 132;

    /// <summary>Protocols whose ports are covered when the driver starts.</summary>
    public required IReadOnlyList<byte> PortsAtFirst { get; init; }

    /// <summary>Protocols that may be covered either way; of the others only what they are may be asked for again.</summary>
    public required IReadOnlyList<byte> Changeable { get; init; }

    /// <summary>Protocols the driver has nothing to say of.</summary>
    public IReadOnlyList<byte> Unknown { get; init; } = [];

    /// <summary>What it answers to a question about those.</summary>
    public Errno UnknownAnswer { get; init; } = Errno.EINVAL;

    /// <summary>No protocol is special.</summary>
    public static HashFieldRules Any { get; } = new() { PortsAtFirst = [Tcp, Udp, Sctp], Changeable = [Tcp, Udp, Sctp] };

    /// <summary>
    /// igb_ethtool.c and ixgbe_ethtool.c, …_get_rss_hash_opts: UDP by addresses, since pieces of a datagram that was fragmented must not overtake each other; it may be asked for with ports.
    /// </summary>
    public static HashFieldRules UdpByAddresses { get; } = new() { PortsAtFirst = [Tcp], Changeable = [Udp] };

    /// <summary>i40e_ethtool.c and bnxt_ethtool.c: SCTP by addresses alone.</summary>
    public static HashFieldRules SctpByAddresses { get; } = new() { PortsAtFirst = [Tcp, Udp], Changeable = [Tcp, Udp] };

    /// <summary>ice_lib.c, ice_vsi_set_rss_flow_fld: SCTP by addresses at first.</summary>
    public static HashFieldRules SctpByAddressesAtFirst { get; } = new() { PortsAtFirst = [Tcp, Udp], Changeable = [Tcp, Udp, Sctp] };

    /// <summary>mlx5/core/en_fs_ethtool.c, ena_ethtool.c and virtio_net.c: TCP and UDP alone.</summary>
    public static HashFieldRules TcpAndUdp { get; } = new() { PortsAtFirst = [Tcp, Udp], Changeable = [Tcp, Udp], Unknown = [Sctp] };
}
