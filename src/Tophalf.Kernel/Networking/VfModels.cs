using Tophalf.Hardware.Devices;

namespace Tophalf.Kernel.Networking;

/// <summary>Drivers of virtual functions, from igbvf/netdev.c, ixgbevf/ixgbevf_main.c, iavf/iavf_main.c and, as they drive both kinds, mlx5 and bnxt. The port's own settings are not theirs.</summary>
internal static class VfModels
{
    private static readonly NicFeatures s_features = new()
    {
        On =
        [
            "rx-checksum", "tx-checksum-ip-generic", "tx-checksum-sctp", "tx-scatter-gather", "tx-tcp-segmentation", "tx-tcp6-segmentation", "rx-vlan-hw-parse", "tx-vlan-hw-insert",
            "tx-gre-segmentation", "tx-gre-csum-segmentation", "tx-ipxip4-segmentation", "tx-ipxip6-segmentation", "tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation", "tx-gso-partial",
        ],
        FixedOn = ["highdma", "rx-vlan-filter"],
    };

    private static NicCounters Counters(NicCounters queues) => new()
    {
        Device = [("rx_packets", NicCounter.RxPackets), ("tx_packets", NicCounter.TxPackets), ("rx_bytes", NicCounter.RxBytes), ("tx_bytes", NicCounter.TxBytes)],
        Queue = queues.Queue,
        RingDropsAs = LinkCounter.None,
        PortDropsAs = LinkCounter.None,
        TooLongIsAnError = false,
    };

    /// <summary>What the older two have in common: descriptors in eights, registers in microseconds, and nothing to say of hashing or channels.</summary>
    private static NicModel Older(string driver, ThrottleRegister throttle) => new()
    {
        Name = driver,
        Driver = driver,
        Features = s_features,
        Counters = Counters(NicCounters.E1000),
        HashFields = null,
        HasRssControl = false,
        HasChannels = false,
        BitsPerSecond = 1_000_000_000,
        MaxQueues = 1,
        MaxRing = 4096,
        RingMultiple = 8,
        RxRing = 256,
        TxRing = 256,
        Moderation = ModerationKind.Throttle,
        Throttle = throttle,
        Coalescing = new CoalesceSettings { RxUsecs = 3 },
        QueueAction = "{0}-rx-{1}",
        OtherAction = "{0}",
    };

    /// <summary>One queue, with an entry for each direction.</summary>
    public static NicModel Igbvf { get; } = Older("igbvf", ThrottleRegister.Eitr1Us) with
    {
        HasNativeXdp = false,
        Adaptive = AdaptiveKind.Igb,
        UsecsModes = [0, 1, 3],
        MinUsecs = 10,
        Mtu = new(9216) { CardDropsLonger = false, JumboBufferBytes = 4096 },
        TransmitAction = "{0}-tx-{1}",
    };

    /// <summary>Two queues of an 82599's virtual function.</summary>
    public static NicModel Ixgbevf { get; } = Older("ixgbevf", ThrottleRegister.Eitr2Us) with
    {
        Counters = Counters(NicCounters.Ixgbe),
        BitsPerSecond = 10_000_000_000,
        MaxQueues = 2,
        RxRing = 512,
        TxRing = 1024,
        Adaptive = AdaptiveKind.Ixgbe,
        Coalescing = new CoalesceSettings { RxUsecs = 1, TxUsecs = 0 },
        UsecsModes = [0, 1],
        MinUsecs = 2,
        MaxUsecs = 1_022,
        SharesThrottle = true,
        Mtu = new(9710) { CardDropsLonger = false, JumboBufferBytes = 3072 },
        QueueAction = "{0}-TxRx-{1}",
    };

    public static NicModel Iavf { get; } = new()
    {
        Name = "iavf",
        Driver = "iavf",
        Features = NicFeatures.I40e with { Off = [] },
        Counters = Counters(NicCounters.I40e),
        HashFields = HashFieldRules.SctpByAddresses,
        HasNativeXdp = false,
        BitsPerSecond = 40_000_000_000,
        MaxQueues = 4,
        MaxRing = 4096,
        RingMultiple = 32,
        RxRing = 512,
        TxRing = 512,
        RssTableSize = 64,
        RssKeyBytes = 52,
        Moderation = ModerationKind.Throttle,
        Throttle = ThrottleRegister.Itr2Us,
        Adaptive = AdaptiveKind.I40e,
        MaxUsecs = 8_160,
        Coalescing = new CoalesceSettings { AdaptiveRx = true, AdaptiveTx = true, RxUsecs = 50, TxUsecs = 50 },
        Mtu = new(9702) { CardDropsLonger = false, JumboBufferBytes = 3072 },
        QueueAction = "iavf-{0}-TxRx-{1}",
        OtherAction = "iavf-{2}:mbx",
        OtherFirst = true,
    };

    /// <summary>The function of a driver that has no other for it.</summary>
    public static NicModel Of(NicModel physical, int queues) => physical with
    {
        MaxQueues = queues,
        Pause = null,
        Sriov = null,
        Counters = Counters(physical.Counters),
        Mtu = physical.Mtu with { CardDropsLonger = false },
    };
}
