using Tophalf.Hardware.Devices;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// The network drivers of the twin as data, from their sources below drivers/net/ethernet: defaults and limits of moderation from each driver's get_coalesce and
/// set_coalesce, ring sizes from e1000.h, igb.h, ixgbe.h (an 82599), i40e.h (an XL710), ice.h (an E810), mlx5/core/en.h, bnxt.h, ena_netdev.h, gve.h and amd/lance.c.
/// </summary>
internal static class NicModels
{
    private static readonly CoalesceSettings UsecsAndFrames = new() { RxUsecs = 0, RxFrames = 0, TxUsecs = 0, TxFrames = 0 };

    /// <summary>drivers/net/veth.c; its ring has VETH_RING_SIZE places. The rate stands for none: a frame is there at once.</summary>
    public static NicModel Veth { get; } = new()
    {
        Name = "veth",
        Driver = "veth",
        Version = "1.0",
        Firmware = "",
        IsVirtual = true,
        HashFields = null,
        Features = new NicFeatures
        {
            On =
            [
                "rx-checksum", "tx-checksum-ip-generic", "tx-checksum-sctp", "tx-scatter-gather", "tx-scatter-gather-fraglist", "tx-tcp-segmentation", "tx-tcp-ecn-segmentation",
                "tx-tcp6-segmentation", "rx-vlan-hw-parse", "tx-vlan-hw-insert",
            ],
        },
        Counters = NicCounters.Lance,
        BitsPerSecond = 1_000_000_000_000,
        MaxQueues = 1,
        MaxRing = 256,
        MinRing = 256,
        RxRing = 256,
        TxRing = 256,
        RssTableSize = 0,
        RssKeyBytes = 0,
        Moderation = ModerationKind.FromFirstPacket,
        Coalescing = new CoalesceSettings(),
        HasChannels = false,
        HasNativeXdp = false,
        QueueAction = "{0}",
    };

    public static IReadOnlyList<NicModel> All { get; } = [.. Physical.Select(WithVirtualFunctions)];

    /// <summary>mlx5 and bnxt drive their virtual functions themselves; how many there are is the firmware's choice.</summary>
    private static NicModel WithVirtualFunctions(NicModel model) => model.Name switch
    {
        "mlx5" => model with { Sriov = new SriovSupport(8, VfModels.Of(model, queues: 8), 2, 1) { RateAbove = 0 } },
        "bnxt" => model with { Sriov = new SriovSupport(16, VfModels.Of(model, queues: 8), 16, 1) { RateAbove = 0 } },
        _ => model,
    };

    private static IReadOnlyList<NicModel> Physical =>
    [
        // An 82545EM; older ones of the family do not let ethtool set their moderation.
        new()
        {
            Name = "e1000", HashFields = null, PacketBufferBytes = 48 << 10, Driver = "e1000", IsOnPin = true, HasNativeXdp = false, BitsPerSecond = 1_000_000_000, MaxQueues = 1, MaxRing = 4096, MinRing = 48, RingMultiple = 8, RxRing = 256, TxRing = 256, RssTableSize = 0, RssKeyBytes = 0, HasChannels = false,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Itr256Ns, Adaptive = AdaptiveKind.E1000e,
            Coalescing = new CoalesceSettings { RxUsecs = 3 }, UsecsModes = [0, 1, 3, 4], MinUsecs = 10,
            Features = NicFeatures.E1000, Counters = NicCounters.E1000, Pause = PauseSupport.E1000, Mtu = new(16110) { Least = 46, JumboBufferBytes = 4096 },
            Offers = DriverOffers.Test | DriverOffers.Eeprom | DriverOffers.Registers,
            QueueAction = "{0}",
        },
        new()
        {
            Name = "e1000e", HashFields = null, PacketBufferBytes = 32 << 10, Driver = "e1000e", HasNativeXdp = false, BitsPerSecond = 1_000_000_000, MaxQueues = 1, MaxRing = 4096, RingMultiple = 8, RxRing = 256, TxRing = 256, RssTableSize = 0, RssKeyBytes = 0, HasChannels = false,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Itr256Ns, Adaptive = AdaptiveKind.E1000e,
            Coalescing = new CoalesceSettings { RxUsecs = 3 }, UsecsModes = [0, 1, 3, 4], MinUsecs = 10,
            Features = NicFeatures.E1000e, Counters = NicCounters.E1000e, Pause = PauseSupport.Gigabit, Mtu = new(9212) { JumboBufferBytes = 4096 }, Offers = DriverOffers.All,
            QueueAction = "{0}-rx-{1}", TransmitAction = "{0}-tx-{1}", OtherAction = "{0}",
        },
        new()
        {
            Name = "igb", Xdp = XdpLimits.Igb, ShowsOtherChannel = true, HasZeroCopy = true, Features = NicFeatures.Igb, Sriov = new(7, VfModels.Igbvf, 128, 4), Counters = NicCounters.Igb, Pause = PauseSupport.Gigabit, Mtu = new(9216) { JumboBufferBytes = 3072 }, HashFields = HashFieldRules.UdpByAddresses, PacketBufferBytes = 64 << 10, Offers = DriverOffers.All, FlowRules = new(16) { ByProtocol = false }, Driver = "igb", BitsPerSecond = 1_000_000_000, MaxQueues = 8, MaxRing = 4096, RingMultiple = 8, RxRing = 256, TxRing = 256,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Eitr1Us, Adaptive = AdaptiveKind.Igb, SharesThrottle = true,
            Coalescing = new CoalesceSettings { RxUsecs = 3, TxUsecs = 0 }, UsecsModes = [0, 1, 3], MinUsecs = 10,
            QueueAction = "{0}-TxRx-{1}", OtherAction = "{0}", OtherFirst = true,
        },
        new()
        {
            Name = "ixgbe", Xdp = XdpLimits.Ixgbe, ShowsOtherChannel = true, HasZeroCopy = true, Features = NicFeatures.Ixgbe, Sriov = new(63, VfModels.Ixgbevf, 128, 2) { RateAbove = 10 }, Counters = NicCounters.Ixgbe, Pause = PauseSupport.Ixgbe, Mtu = new(9710) { JumboBufferBytes = 3072 }, HashFields = HashFieldRules.UdpByAddresses, PacketBufferBytes = 512 << 10, Offers = DriverOffers.All, FlowRules = new(2046, NeedsNtuple: true) { HasOneMask = true }, Driver = "ixgbe", BitsPerSecond = 10_000_000_000, MaxQueues = 64, MaxRing = 8192, RingMultiple = 8, RxRing = 512, TxRing = 512,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Eitr2Us, Adaptive = AdaptiveKind.Ixgbe, SharesThrottle = true,
            Coalescing = new CoalesceSettings { RxUsecs = 1, TxUsecs = 0 }, UsecsModes = [0, 1], MinUsecs = 2, MaxUsecs = 1_022, Hint = AffinityHint.OneCpu,
            QueueAction = "{0}-TxRx-{1}", OtherAction = "{0}",
        },
        new()
        {
            Name = "i40e", LogsTimeWhileAdaptive = "{0} interrupt moderation cannot be changed if adaptive-{1} is enabled.", LogsOutOfRange = "Invalid value, {0}-usecs range is 0-8160", Xdp = XdpLimits.I40e, ShowsOtherChannel = true, HasZeroCopy = true, SharesXdpRings = false, Features = NicFeatures.I40e, Sriov = new(64, VfModels.Iavf, 16, 1) { RateAbove = 0, RateStep = 50 }, Counters = NicCounters.I40e, Pause = PauseSupport.I40e, Mtu = new(9702) { JumboBufferBytes = 3072 }, HashFields = HashFieldRules.SctpByAddresses, Offers = DriverOffers.All, FlowRules = new(7680, NeedsNtuple: true), Driver = "i40e", BitsPerSecond = 40_000_000_000, MaxQueues = 64, MaxRing = 8160, RingMultiple = 32, RxRing = 512, TxRing = 512, RssTableSize = 512, RssKeyBytes = 52,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Itr2Us, Adaptive = AdaptiveKind.I40e, MaxUsecs = 8_160,
            Coalescing = new CoalesceSettings { AdaptiveRx = true, AdaptiveTx = true, RxUsecs = 50, TxUsecs = 50 },
            Hint = AffinityHint.OneCpu, QueueAction = "i40e-{0}-TxRx-{1}", OtherAction = "i40e-{2}:misc", OtherFirst = true,
        },
        new()
        {
            Name = "ice", LogsTimeWhileAdaptive = "{1} interrupt throttling cannot be changed if adaptive-{1} is enabled", LogsOutOfRange = "Invalid value, {0}-usecs range is 0-8160", Xdp = XdpLimits.Ice, ShowsOtherChannel = true, HasZeroCopy = true, Features = NicFeatures.Ice, Sriov = new(128, VfModels.Iavf, 8, 1) { RateAbove = 0 }, FollowsFlows = true, Counters = NicCounters.Ice, Pause = PauseSupport.Ice, Mtu = new(9702) { JumboBufferBytes = 3072 }, HashFields = HashFieldRules.SctpByAddressesAtFirst, Offers = DriverOffers.All, FlowRules = new(15360, NeedsNtuple: true), Driver = "ice", BitsPerSecond = 100_000_000_000, MaxQueues = 64, MaxRing = 8160, RingMultiple = 32, RxRing = 2048, TxRing = 256, RssTableSize = 512, RssKeyBytes = 52,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Itr2Us, Adaptive = AdaptiveKind.Ice, MaxUsecs = 8_160,
            Coalescing = new CoalesceSettings { AdaptiveRx = true, AdaptiveTx = true, RxUsecs = 50, TxUsecs = 50 },
            Hint = AffinityHint.OneCpu, QueueAction = "ice-{0}-TxRx-{1}", OtherAction = "ice-{2}:misc", OtherFirst = true,
        },
        new()
        {
            Name = "mlx5", Xdp = XdpLimits.Mlx5, HasZeroCopy = true, TakesRedirectedAlways = true, SharesXdpRings = false, Features = NicFeatures.Mlx5, FollowsFlows = true, Counters = NicCounters.Mlx5, Pause = PauseSupport.Mlx5, Mtu = new(9978), HashFields = HashFieldRules.TcpAndUdp, DimOverlooksXdp = true, CountsEventsApart = true, FlowRules = new(1024), RssContexts = new(15, Errno.ENOSPC), Driver = "mlx5_core", BitsPerSecond = 100_000_000_000, MaxQueues = 64, MaxRing = 8192, RxRing = 1024, TxRing = 1024, RssTableSize = 256,
            Moderation = ModerationKind.FromFirstPacket, Adaptive = AdaptiveKind.Dim, MaxUsecs = 4_095, OutOfRange = Errno.ERANGE,
            Coalescing = new CoalesceSettings { AdaptiveRx = true, AdaptiveTx = true, RxUsecs = 8, RxFrames = 128, TxUsecs = 8, TxFrames = 128, CqeRx = true, CqeTx = false },
            QueueAction = "mlx5_comp{1}@pci:{2}", OtherAction = "mlx5_async0@pci:{2}", OtherFirst = true,
        },
        new()
        {
            Name = "bnxt", Xdp = XdpLimits.Bnxt, Features = NicFeatures.Bnxt, FollowsFlows = true, Counters = NicCounters.Bnxt, Pause = PauseSupport.Bnxt, Mtu = new(9500) { Least = 60 }, HashFields = HashFieldRules.SctpByAddresses, FlowRules = new(4096, NeedsNtuple: true) { ChoosesPlace = true }, RssContexts = new(32, Errno.EINVAL), Driver = "bnxt_en", BitsPerSecond = 25_000_000_000, MaxQueues = 64, MaxRing = 2047, RingMultiple = 1, RxRing = 511, TxRing = 511,
            Moderation = ModerationKind.FromFirstPacket, Adaptive = AdaptiveKind.Dim, MaxUsecs = 1_023,
            Coalescing = new CoalesceSettings
            {
                AdaptiveRx = true, RxUsecs = 6, RxFrames = 6, RxUsecsIrq = 1, RxFramesIrq = 1, TxUsecs = 28, TxFrames = 30, TxUsecsIrq = 2, TxFramesIrq = 2, StatsBlockUsecs = 1_000_000, CqeRx = false, CqeTx = false,
            },
            EndsAdaptiveAlone = true,
            QueueAction = "{0}-TxRx-{1}",
        },
        new()
        {
            // A virtqueue has a power of two of entries (Virtio 1.2 §2.7), and QEMU offers at most 1024 to a network device, 256 where nobody asks for more, and no notification coalescing.
            Name = "virtio-net", KnowsSpeed = false, Version = "1.0.0", Firmware = "", Xdp = XdpLimits.VirtioNet, KeepsRingsAsMade = true, OffersCoalescing = false, HasZeroCopy = true, Driver = "virtio_net", BitsPerSecond = 10_000_000_000, MaxQueues = 64, MaxRing = 1024, RxRing = 256, TxRing = 256, IsLimitedToCpus = false,
            Moderation = ModerationKind.FromFirstPacket, Adaptive = AdaptiveKind.Dim,
            Coalescing = UsecsAndFrames with { AdaptiveRx = false, RxFrames = 1, TxFrames = 1 },
            Features = NicFeatures.VirtioNet, Counters = NicCounters.VirtioNet, Mtu = new(65535) { CardDropsLonger = false }, HashFields = HashFieldRules.TcpAndUdp,
            Hint = AffinityHint.ShareApplied,
            QueueAction = "virtio{3}-input.{1}", TransmitAction = "virtio{3}-output.{1}", OtherAction = "virtio{3}-config", OtherFirst = true,
        },
        new()
        {
            Name = "ena", Xdp = XdpLimits.Ena, Features = NicFeatures.Ena, Counters = NicCounters.Ena, Mtu = new(9216) { Least = 128, JumboBufferBytes = 4096 }, HashFields = HashFieldRules.TcpAndUdp with { UnknownAnswer = Errno.EOPNOTSUPP }, RoundsRingsDown = true, Driver = "ena", BitsPerSecond = 25_000_000_000, MaxQueues = 32, MaxRing = 8192, RxRing = 1024, TxRing = 1024, MinRing = 256,
            Moderation = ModerationKind.FromFirstPacket, Adaptive = AdaptiveKind.Dim, MaxUsecs = 65_535,
            Coalescing = new CoalesceSettings { AdaptiveRx = false, RxUsecs = 0, TxUsecs = 64 },
            QueueAction = "{0}-Tx-Rx-{1}", OtherAction = "ena-mgmnt@pci:{2}", OtherFirst = true,
        },
        new()
        {
            Name = "gve", HasSeparateChannels = true, Features = NicFeatures.Gve, Counters = NicCounters.Gve, HashFields = null, HasRssControl = false, HasNativeXdp = false, Driver = "gve", BitsPerSecond = 32_000_000_000, MaxQueues = 16, MaxRing = 4096, RxRing = 1024, TxRing = 1024, MinRing = 256,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Itr2Us, MaxUsecs = 8_190,
            Coalescing = new CoalesceSettings { RxUsecs = 20, TxUsecs = 50 },
            QueueAction = "gve-ntfy-blk{1}@pci:{2}", OtherAction = "gve-mgmnt@pci:{2}",
        },
        new()
        {
            Name = "lance", HashFields = null, Features = NicFeatures.None, Counters = NicCounters.Lance, IsOldDriver = true, Driver = "lance", BitsPerSecond = 10_000_000, MaxQueues = 1, MaxRing = 16, RxRing = 16, TxRing = 16, MinRing = 16, RssTableSize = 0, RssKeyBytes = 0,
            Moderation = ModerationKind.FromFirstPacket, Coalescing = new CoalesceSettings(), HasChannels = false, HasNativeXdp = false, QueueAction = "{0}",
        },
    ];
}
