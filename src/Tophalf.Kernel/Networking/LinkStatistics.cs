using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking.Xdp;

namespace Tophalf.Kernel.Networking;

/// <summary>struct rtnl_link_stats64 of one device (include/uapi/linux/if_link.h), without what the twin's wire never does: CRC and frame errors, collisions, lost carriers.</summary>
/// <param name="RxErrors">All errors of reception together.</param>
/// <param name="RxDropped">Frames that arrived and were dropped: by the driver, or before a backlog that was full.</param>
/// <param name="RxMissed">Frames the card had no room for.</param>
/// <param name="RxLength">Frames of a length that is not allowed.</param>
/// <param name="RxFifo">Frames that overran the card's FIFO.</param>
/// <param name="OtherHost">Frames that IP dropped as another host's: here those of a VLAN that has no device (rx_otherhost_dropped, since Linux 5.19).</param>
public readonly record struct LinkStatistics(long RxPackets, long RxBytes, long RxErrors, long RxDropped, long RxMissed, long RxLength, long RxFifo, long TxPackets, long TxBytes, long TxDropped, long OtherHost = 0);

/// <summary>What netlink tells of an interface.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Address">Of its Ethernet card.</param>
/// <param name="Queues">Queue pairs in use.</param>
public sealed record LinkState(int Index, string Name, MacAddress Address, int Mtu, int Queues, LinkStatistics Statistics)
{
    public bool IsUp { get; init; } = true;

    /// <summary>min_mtu and max_mtu.</summary>
    public int LeastMtu { get; init; }
    public int MostMtu { get; init; }

    /// <summary>Queue pairs there may be.</summary>
    public int MostQueues { get; init; } = 1;

    /// <summary>The device below it and that one's bus; null where there is none.</summary>
    public (string Bus, string Name)? Parent { get; init; }

    /// <summary>Addresses of its virtual functions, and what each may send, in Mb/s; 0: as much as it likes.</summary>
    public IReadOnlyList<(MacAddress Address, int LimitMegabits)> VirtualFunctions { get; init; } = [];

    /// <summary>The other end of a veth pair.</summary>
    public string? Peer { get; init; }

    /// <summary>The mode and the number of its XDP program.</summary>
    public (XdpMode Mode, int Id)? Xdp { get; init; }

    /// <summary>A VLAN device's number, and the device below it.</summary>
    public (int Id, string Below)? Vlan { get; init; }
}
