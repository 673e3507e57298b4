using Tophalf.Hardware.Devices;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>What a driver tells of the processors its queues would like (irq_update_affinity_hint, irq_set_affinity_and_hint).</summary>
public enum AffinityHint
{
    None,

    /// <summary>One processor per queue, in turn; a balancer may follow it.</summary>
    OneCpu,

    /// <summary>Every queue an equal share of the processors, and the line is moved there (drivers/net/virtio_net.c virtnet_set_affinity).</summary>
    ShareApplied,
}

/// <summary>Operations of struct ethtool_ops that <c>ethtool -i</c> tells of.</summary>
[Flags]
public enum DriverOffers
{
    None = 0,
    Test = 1,
    Eeprom = 2,
    Registers = 4,
    PrivateFlags = 8,
    All = Test | Eeprom | Registers | PrivateFlags,
}

/// <summary>By which rule a driver adapts its moderation to the traffic.</summary>
public enum AdaptiveKind
{
    None,

    /// <summary>rx-usecs 1 and 3 of e1000 and e1000e.</summary>
    E1000e,

    /// <summary>rx-usecs 1 and 3.</summary>
    Igb,

    /// <summary>rx-usecs 1.</summary>
    Ixgbe,

    /// <summary>adaptive-rx and adaptive-tx.</summary>
    I40e,

    /// <summary>adaptive-rx and adaptive-tx by lib/dim, with the driver's own delays.</summary>
    Ice,

    /// <summary>adaptive-rx and adaptive-tx by lib/dim, with the delays of its completion mode where cqe-mode is on.</summary>
    Dim,
}

/// <summary>
/// What tells one network driver from another, as far as interrupts go: how its controller spaces them, what ethtool may set, how many
/// queues and descriptors there are, and what its lines are called in /proc/interrupts.
/// </summary>
public sealed record NicModel
{
    public required string Name { get; init; }

    /// <summary>As <c>ethtool -i</c> prints it.</summary>
    public required string Driver { get; init; }

    public required ModerationKind Moderation { get; init; }

    /// <summary>Where the controller keeps its gap; null: the device takes microseconds as they are.</summary>
    public ThrottleRegister? Throttle { get; init; }

    public AdaptiveKind Adaptive { get; init; }

    /// <summary>The driver is older than NAPI: its handler takes all packets itself and hands them to netif_rx().</summary>
    public bool IsOldDriver { get; init; }

    /// <summary>The driver's adaptive moderation counts the events of each direction by themselves.</summary>
    public bool CountsEventsApart { get; init; }

    /// <summary>No hardware: a veth pair, whose ends are each other's cable.</summary>
    public bool IsVirtual { get; init; }

    public required long BitsPerSecond { get; init; }

    /// <summary>The driver is told the speed of its link; a virtual card's host need not say.</summary>
    public bool KnowsSpeed { get; init; } = true;
    public required int MaxQueues { get; init; }
    public required int MaxRing { get; init; }
    public required int RxRing { get; init; }
    public required int TxRing { get; init; }
    public int MinRing { get; init; } = 64;

    /// <summary>Ring sizes are multiples of this; 0: powers of two.</summary>
    public int RingMultiple { get; init; }

    /// <summary>A size that is no power of two becomes the next smaller one, not the next larger.</summary>
    public bool RoundsRingsDown { get; init; }

    /// <summary>Entries of the indirection table; 0: the device has no receive-side scaling.</summary>
    public int RssTableSize { get; init; } = 128;

    /// <summary>Length of the RSS hash key; 0: the key cannot be set.</summary>
    public int RssKeyBytes { get; init; } = 40;

    /// <summary>The driver makes no more queue pairs than there are CPUs.</summary>
    public bool IsLimitedToCpus { get; init; } = true;

    /// <summary>What the driver starts with; a null field is one it does not know.</summary>
    public required CoalesceSettings Coalescing { get; init; }

    /// <summary>Values of rx-usecs that are modes and not times; between the largest of them and <see cref="MinUsecs"/> nothing is valid.</summary>
    public IReadOnlyList<uint> UsecsModes { get; init; } = [0];

    /// <summary>Smallest and largest time rx-usecs and tx-usecs take.</summary>
    public uint MinUsecs { get; init; }
    public uint MaxUsecs { get; init; } = 10_000;

    /// <summary>What a time or count out of range is answered with.</summary>
    public Errno OutOfRange { get; init; } = Errno.EINVAL;

    /// <summary>Receive and transmit of a vector have one throttle, and a tx-usecs other than 0 is refused.</summary>
    public bool SharesThrottle { get; init; }

    /// <summary>What ethtool -k finds in netdev->features and hw_features.</summary>
    public required NicFeatures Features { get; init; }

    /// <summary>Which operations ethtool -i finds in the driver's table.</summary>
    public DriverOffers Offers { get; init; }

    /// <summary>The driver runs XDP programs itself (ndo_bpf); elsewhere they run on the skb.</summary>
    public bool HasNativeXdp { get; init; } = true;

    /// <summary>What the driver's own mode refuses; null: nothing.</summary>
    public XdpLimits? Xdp { get; init; }

    /// <summary>The driver takes redirected frames whether or not there is a program on the device itself (mlx5/core/en_main.c, mlx5e_set_xdp_feature).</summary>
    public bool TakesRedirectedAlways { get; init; }

    /// <summary>AF_XDP sockets without copies (NETDEV_XDP_ACT_XSK_ZEROCOPY): igb since 6.14, virtio-net since 6.11, the others for longer.</summary>
    public bool HasZeroCopy { get; init; }

    /// <summary>
    /// Processors beyond the queues share the rings for redirected frames, under a lock. i40e_xdp_xmit and mlx5e_xdp_xmit have none for them, and answer ENXIO.
    /// </summary>
    public bool SharesXdpRings { get; init; } = true;

    /// <summary>Where received frames wait for the bus, and are discarded when it is full.</summary>
    public int PacketBufferBytes { get; init; } = 256 << 10;

    /// <summary>What the driver counts, under which names.</summary>
    public required NicCounters Counters { get; init; }

    /// <summary>Flow control; null: ethtool is not told of any, and no pause frames are sent.</summary>
    public PauseSupport? Pause { get; init; }

    /// <summary>Virtual functions; null: none.</summary>
    public SriovSupport? Sriov { get; init; }

    public MtuSupport Mtu { get; init; } = new(MtuSupport.Ethernet);

    /// <summary>
    /// Net DIM is told of the packets the stack got, so packets that an XDP program keeps are none to it (mlx5/core/en_rx.c: only mlx5e_complete_rx_cqe counts). The other drivers
    /// count what they take out of the ring.
    /// </summary>
    public bool DimOverlooksXdp { get; init; }

    /// <summary>Which flow steering rules the driver takes; null: it has none, nor a list of them.</summary>
    public FlowRuleSupport? FlowRules { get; init; }

    /// <summary>The driver has a flow follow its task to another queue (ndo_rx_flow_steer), while ntuple is on.</summary>
    public bool FollowsFlows { get; init; }

    /// <summary>Tables beside its own; null: none.</summary>
    public RssContextSupport? RssContexts { get; init; }

    /// <summary>What the receive hash covers, and what of that may be changed; null: ethtool is not told.</summary>
    public HashFieldRules? HashFields { get; init; } = HashFieldRules.Any;

    /// <summary>The driver tells ethtool of its indirection table, and takes another.</summary>
    public bool HasRssControl { get; init; } = true;

    /// <summary>ethtool -l shows the line for other causes as a channel.</summary>
    public bool ShowsOtherChannel { get; init; }

    /// <summary>The driver's own version (MODULE_VERSION of older ones); null: the kernel's.</summary>
    public string? Version { get; init; }

    /// <summary>As ethtool -i prints it.</summary>
    public string Firmware { get; init; } = "N/A";

    /// <summary>The device's rings are as large as it was made; ethtool -G can only make them smaller.</summary>
    public bool KeepsRingsAsMade { get; init; }

    /// <summary>The device coalesces notifications (VIRTIO_NET_F_NOTF_COAL); null where that is no question.</summary>
    public bool? OffersCoalescing { get; init; }

    /// <summary>ethtool -l and -L know the device's queues.</summary>
    public bool HasChannels { get; init; } = true;

    /// <summary>What the driver says of the processors its lines would like.</summary>
    public AffinityHint Hint { get; init; }

    /// <summary>Line names; {0} device, {1} queue, {2} PCI address, {3} number among the virtio devices.</summary>
    public required string QueueAction { get; init; }

    /// <summary>The line of a queue's transmit side; null when one line serves both.</summary>
    public string? TransmitAction { get; init; }

    /// <summary>The line for link changes and the like; null when there is none.</summary>
    public string? OtherAction { get; init; }

    /// <summary>The device signals by its INTA wire, which it may share, and has no messages.</summary>
    public bool IsOnPin { get; init; }

    /// <summary>That line stands before the queues' lines instead of after them.</summary>
    public bool OtherFirst { get; init; }

    /// <summary>MSI-X entries of a device with so many queue pairs.</summary>
    public int Entries(int queues) => queues * (TransmitAction is null ? 1 : 2) + 1;

    public bool HasFrames => Coalescing.RxFrames is not null;

    /// <summary>A change that ends adaptive moderation does nothing else: other values of the same command are dropped (bnxt_ethtool.c, bnxt_set_coalesce).</summary>
    public bool EndsAdaptiveAlone { get; init; }

    /// <summary>What may be set, for a person who set something else.</summary>
    public string CoalesceHelp =>
        $"rx-usecs{(HasFrames ? ", rx-frames" : "")}{(Coalescing.TxUsecs is null || SharesThrottle ? "" : ", tx-usecs")}{(Coalescing.TxFrames is null ? "" : ", tx-frames")}, "
        + $"times {(MinUsecs > 0 ? $"{string.Join(", ", UsecsModes)} and {MinUsecs} to" : "up to")} {MaxUsecs}";

    public static IReadOnlyList<NicModel> All => NicModels.All;

    /// <summary>One end of a veth pair; not among the cards.</summary>
    public static NicModel Veth => NicModels.Veth;

    public static NicModel? Find(string name) => name == Veth.Name ? Veth : All.FirstOrDefault(model => model.Name == name);
}
