using Tophalf.Hardware.Devices;

namespace Tophalf.Kernel.Networking;

/// <summary>struct rtnl_link_stats64 of one device (include/uapi/linux/if_link.h), without what the twin's wire never does: CRC and frame errors, collisions, lost carriers.</summary>
/// <param name="RxErrors">All errors of reception together.</param>
/// <param name="RxDropped">Frames that arrived and were dropped: by the driver, or before a backlog that was full.</param>
/// <param name="RxMissed">Frames the card had no room for.</param>
/// <param name="RxLength">Frames of a length that is not allowed.</param>
/// <param name="RxFifo">Frames that overran the card's FIFO.</param>
public readonly record struct LinkStatistics(long RxPackets, long RxBytes, long RxErrors, long RxDropped, long RxMissed, long RxLength, long RxFifo, long TxPackets, long TxBytes, long TxDropped);

/// <summary>What netlink tells of an interface that is up.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Address">Of its Ethernet card.</param>
/// <param name="VirtualFunctions">Addresses of its virtual functions.</param>
public sealed record LinkState(int Index, string Name, MacAddress Address, int Mtu, int Queues, LinkStatistics Statistics, IReadOnlyList<MacAddress> VirtualFunctions);
