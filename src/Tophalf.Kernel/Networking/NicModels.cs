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

    public static IReadOnlyList<NicModel> All { get; } =
    [
        // An 82545EM; older ones of the family do not let ethtool set their moderation.
        new()
        {
            Name = "e1000", PacketBufferBytes = 48 << 10, Driver = "e1000", IsOnPin = true, HasNativeXdp = false, BitsPerSecond = 1_000_000_000, MaxQueues = 1, MaxRing = 4096, MinRing = 48, RingMultiple = 8, RxRing = 256, TxRing = 256, RssTableSize = 0, RssKeyBytes = 0, HasChannels = false,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Itr256Ns, Adaptive = AdaptiveKind.E1000e,
            Coalescing = new CoalesceSettings { RxUsecs = 3 }, UsecsModes = [0, 1, 3, 4], MinUsecs = 10,
            FeaturesOn = ["rx-vlan-hw-parse"], FeaturesOff = ["rx-checksum", "rx-fcs", "rx-all"], FeaturesFixedOn = ["tx-vlan-hw-insert", "rx-vlan-filter"],
            Offers = DriverOffers.Test | DriverOffers.Eeprom | DriverOffers.Registers,
            QueueAction = "{0}",
        },
        new()
        {
            Name = "e1000e", PacketBufferBytes = 32 << 10, Driver = "e1000e", HasNativeXdp = false, BitsPerSecond = 1_000_000_000, MaxQueues = 1, MaxRing = 4096, RingMultiple = 8, RxRing = 256, TxRing = 256, RssTableSize = 0, RssKeyBytes = 0, HasChannels = false,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Itr256Ns, Adaptive = AdaptiveKind.E1000e,
            Coalescing = new CoalesceSettings { RxUsecs = 3 }, UsecsModes = [0, 1, 3, 4], MinUsecs = 10,
            FeaturesOff = ["rx-fcs", "rx-all"], FeaturesFixedOn = ["highdma", "rx-vlan-filter"], Offers = DriverOffers.All,
            QueueAction = "{0}-rx-{1}", TransmitAction = "{0}-tx-{1}", OtherAction = "{0}",
        },
        new()
        {
            Name = "igb", PacketBufferBytes = 64 << 10, Offers = DriverOffers.All, FlowRules = 16, Driver = "igb", BitsPerSecond = 1_000_000_000, MaxQueues = 8, MaxRing = 4096, RingMultiple = 8, RxRing = 256, TxRing = 256,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Eitr1Us, Adaptive = AdaptiveKind.Igb, SharesThrottle = true,
            Coalescing = new CoalesceSettings { RxUsecs = 3, TxUsecs = 0 }, UsecsModes = [0, 1, 3], MinUsecs = 10,
            QueueAction = "{0}-TxRx-{1}", OtherAction = "{0}", OtherFirst = true,
        },
        new()
        {
            Name = "ixgbe", PacketBufferBytes = 512 << 10, Offers = DriverOffers.All, HasLro = true, FlowRules = 2046, Driver = "ixgbe", BitsPerSecond = 10_000_000_000, MaxQueues = 64, MaxRing = 8192, RingMultiple = 8, RxRing = 512, TxRing = 512,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Eitr2Us, Adaptive = AdaptiveKind.Ixgbe, SharesThrottle = true,
            Coalescing = new CoalesceSettings { RxUsecs = 1, TxUsecs = 0 }, UsecsModes = [0, 1], MinUsecs = 2, MaxUsecs = 1_022, Hint = AffinityHint.OneCpu,
            QueueAction = "{0}-TxRx-{1}", OtherAction = "{0}",
        },
        new()
        {
            Name = "i40e", SharesXdpRings = false, Offers = DriverOffers.All, FlowRules = 7680, NtupleIsOn = true, Driver = "i40e", BitsPerSecond = 40_000_000_000, MaxQueues = 64, MaxRing = 8160, RingMultiple = 32, RxRing = 512, TxRing = 512, RssTableSize = 512, RssKeyBytes = 52,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Itr2Us, Adaptive = AdaptiveKind.I40e, MaxUsecs = 8_160,
            Coalescing = new CoalesceSettings { AdaptiveRx = true, AdaptiveTx = true, RxUsecs = 50, TxUsecs = 50 },
            Hint = AffinityHint.OneCpu, QueueAction = "i40e-{0}-TxRx-{1}", OtherAction = "i40e-{2}:misc", OtherFirst = true,
        },
        new()
        {
            Name = "ice", Offers = DriverOffers.All, FlowRules = 15360, NtupleIsOn = true, Driver = "ice", BitsPerSecond = 100_000_000_000, MaxQueues = 64, MaxRing = 8160, RingMultiple = 32, RxRing = 2048, TxRing = 256, RssTableSize = 512, RssKeyBytes = 52,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Itr2Us, Adaptive = AdaptiveKind.Ice, MaxUsecs = 8_160,
            Coalescing = new CoalesceSettings { AdaptiveRx = true, AdaptiveTx = true, RxUsecs = 50, TxUsecs = 50 },
            Hint = AffinityHint.OneCpu, QueueAction = "ice-{0}-TxRx-{1}", OtherAction = "ice-{2}:misc", OtherFirst = true,
        },
        new()
        {
            Name = "mlx5", TakesRedirectedAlways = true, SharesXdpRings = false, RingDrops = "rx_out_of_buffer", PortDrops = "rx_discards_phy", DimOverlooksXdp = true, CountsEventsApart = true, HasLro = true, FlowRules = 1024, NtupleIsOn = true, Driver = "mlx5_core", BitsPerSecond = 100_000_000_000, MaxQueues = 64, MaxRing = 8192, RxRing = 1024, TxRing = 1024, RssTableSize = 256,
            Moderation = ModerationKind.FromFirstPacket, Adaptive = AdaptiveKind.Dim, MaxUsecs = 4_095, OutOfRange = Errno.ERANGE,
            Coalescing = new CoalesceSettings { AdaptiveRx = true, AdaptiveTx = true, RxUsecs = 8, RxFrames = 128, TxUsecs = 8, TxFrames = 128, CqeRx = true, CqeTx = false },
            QueueAction = "mlx5_comp{1}@pci:{2}", OtherAction = "mlx5_async0@pci:{2}", OtherFirst = true,
        },
        new()
        {
            Name = "bnxt", Driver = "bnxt_en", BitsPerSecond = 25_000_000_000, MaxQueues = 64, MaxRing = 2047, RingMultiple = 1, RxRing = 511, TxRing = 511,
            Moderation = ModerationKind.FromFirstPacket, Adaptive = AdaptiveKind.Dim, MaxUsecs = 1_023,
            Coalescing = new CoalesceSettings { AdaptiveRx = true, RxUsecs = 6, RxFrames = 6, TxUsecs = 28, TxFrames = 30 },
            QueueAction = "{0}-TxRx-{1}",
        },
        new()
        {
            // A virtqueue has a power of two of entries (Virtio 1.2 §2.7), and QEMU offers at most 1024 to a network device.
            Name = "virtio-net", Driver = "virtio_net", BitsPerSecond = 10_000_000_000, MaxQueues = 64, MaxRing = 1024, RxRing = 256, TxRing = 256, IsLimitedToCpus = false,
            Moderation = ModerationKind.FromFirstPacket, Adaptive = AdaptiveKind.Dim,
            Coalescing = UsecsAndFrames with { AdaptiveRx = false, RxFrames = 1, TxFrames = 1 },
            FeaturesOn = ["tx-tcp6-segmentation"], FeaturesFixedOn = ["rx-checksum", "highdma", "tx-gso-robust", "rx-gro-hw"],
            Hint = AffinityHint.ShareApplied,
            QueueAction = "virtio{3}-input.{1}", TransmitAction = "virtio{3}-output.{1}", OtherAction = "virtio{3}-config", OtherFirst = true,
        },
        new()
        {
            Name = "ena", Driver = "ena", BitsPerSecond = 25_000_000_000, MaxQueues = 32, MaxRing = 8192, RxRing = 1024, TxRing = 1024, MinRing = 256,
            Moderation = ModerationKind.FromFirstPacket, Adaptive = AdaptiveKind.Dim, MaxUsecs = 65_535,
            Coalescing = new CoalesceSettings { AdaptiveRx = false, RxUsecs = 0, TxUsecs = 64 },
            QueueAction = "{0}-Tx-Rx-{1}", OtherAction = "ena-mgmnt@pci:{2}", OtherFirst = true,
        },
        new()
        {
            Name = "gve", Driver = "gve", BitsPerSecond = 32_000_000_000, MaxQueues = 16, MaxRing = 4096, RxRing = 1024, TxRing = 1024, MinRing = 256,
            Moderation = ModerationKind.Throttle, Throttle = ThrottleRegister.Itr2Us, MaxUsecs = 8_190,
            Coalescing = new CoalesceSettings { RxUsecs = 20, TxUsecs = 50 },
            QueueAction = "gve-ntfy-blk{1}@pci:{2}", OtherAction = "gve-mgmnt@pci:{2}",
        },
        new()
        {
            Name = "lance", IsOldDriver = true, Driver = "lance", BitsPerSecond = 10_000_000, MaxQueues = 1, MaxRing = 16, RxRing = 16, TxRing = 16, MinRing = 16, RssTableSize = 0, RssKeyBytes = 0,
            Moderation = ModerationKind.FromFirstPacket, Coalescing = new CoalesceSettings(), HasChannels = false, HasNativeXdp = false, QueueAction = "{0}",
        },
    ];
}
