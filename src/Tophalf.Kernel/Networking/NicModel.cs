using Tophalf.Hardware.Devices;

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
    public required long BitsPerSecond { get; init; }
    public required int MaxQueues { get; init; }
    public required int MaxRing { get; init; }
    public required int RxRing { get; init; }
    public required int TxRing { get; init; }
    public int MinRing { get; init; } = 64;

    /// <summary>Ring sizes are multiples of this; 0: powers of two.</summary>
    public int RingMultiple { get; init; }

    /// <summary>Entries of the indirection table; 0: the device has no receive-side scaling.</summary>
    public int RssTableSize { get; init; } = 128;

    /// <summary>Length of the RSS hash key; 0: the key cannot be set.</summary>
    public int RssKeyBytes { get; init; } = 40;

    /// <summary>The driver makes no more queue pairs than there are CPUs.</summary>
    public bool IsLimitedToCpus { get; init; } = true;

    /// <summary>Largest value rx-usecs and tx-usecs take.</summary>
    public uint MaxUsecs { get; init; } = 10_000;

    public uint RxUsecs { get; init; }

    /// <summary>Null: the driver has no frame count, and refuses one.</summary>
    public uint? RxFrames { get; init; }

    /// <summary>Null: one throttle serves both directions of a vector, so transmit has no setting of its own.</summary>
    public uint? TxUsecs { get; init; }

    public uint? TxFrames { get; init; }

    /// <summary>ethtool -l and -L know the device's queues.</summary>
    public bool HasChannels { get; init; } = true;

    /// <summary>The driver knows of adaptive moderation, though the twin's never switches it on.</summary>
    public bool KnowsAdaptive { get; init; }

    /// <summary>What the driver says of the processors its lines would like.</summary>
    public AffinityHint Hint { get; init; }

    /// <summary>Line names; {0} device, {1} queue, {2} PCI address, {3} number among the virtio devices.</summary>
    public required string QueueAction { get; init; }

    /// <summary>The line of a queue's transmit side; null when one line serves both.</summary>
    public string? TransmitAction { get; init; }

    /// <summary>The line for link changes and the like; null when there is none.</summary>
    public string? OtherAction { get; init; }

    /// <summary>That line stands before the queues' lines instead of after them.</summary>
    public bool OtherFirst { get; init; }

    /// <summary>MSI-X entries of a device with so many queue pairs.</summary>
    public int Entries(int queues) => queues * (TransmitAction is null ? 1 : 2) + 1;

    /// <summary>What may be set, for a person who set something else.</summary>
    public string CoalesceHelp =>
        $"rx-usecs{(RxFrames is null ? "" : ", rx-frames")}{(TxUsecs is null ? "" : ", tx-usecs")}{(TxFrames is null ? "" : ", tx-frames")}, times up to {MaxUsecs}";

    // Ring sizes: e1000.h, igb.h, ixgbe.h (an 82599), i40e.h (an XL710), ice.h (an E810) and mlx5/core/en.h below drivers/net/ethernet.
    // A virtqueue has a power of two of entries (Virtio 1.2 §2.7), and QEMU offers at most 1024 to a network device.
    // Adaptive moderation is off in every model here: values are those a driver comes up with when its dynamic mode is switched off.
    public static IReadOnlyList<NicModel> All { get; } =
    [
        new()
        {
            Name = "e1000e", Driver = "e1000e", Moderation = ModerationKind.Throttle, BitsPerSecond = 1_000_000_000, MaxQueues = 1, MaxRing = 4096, RingMultiple = 8, RssKeyBytes = 0,
            RxRing = 256, TxRing = 256, RssTableSize = 0, RxUsecs = 50, HasChannels = false,
            QueueAction = "{0}-rx-{1}", TransmitAction = "{0}-tx-{1}", OtherAction = "{0}",
        },
        new()
        {
            Name = "igb", Driver = "igb", Moderation = ModerationKind.Throttle, BitsPerSecond = 1_000_000_000, MaxQueues = 8, MaxRing = 4096, RingMultiple = 8,
            RxRing = 256, TxRing = 256, RxUsecs = 50, QueueAction = "{0}-TxRx-{1}", OtherAction = "{0}", OtherFirst = true,
        },
        new()
        {
            Name = "ixgbe", Driver = "ixgbe", Moderation = ModerationKind.Throttle, BitsPerSecond = 10_000_000_000, MaxQueues = 64, MaxRing = 8192, RingMultiple = 8,
            RxRing = 512, TxRing = 512, MaxUsecs = 1_022, RxUsecs = 50, Hint = AffinityHint.OneCpu, QueueAction = "{0}-TxRx-{1}", OtherAction = "{0}",
        },
        new()
        {
            Name = "i40e", Driver = "i40e", Moderation = ModerationKind.Throttle, BitsPerSecond = 40_000_000_000, MaxQueues = 64, MaxRing = 8160, RingMultiple = 32, RssKeyBytes = 52,
            RxRing = 512, TxRing = 512, RssTableSize = 512, MaxUsecs = 8_160, RxUsecs = 50, KnowsAdaptive = true, Hint = AffinityHint.OneCpu,
            QueueAction = "i40e-{0}-TxRx-{1}", OtherAction = "i40e-{2}:misc", OtherFirst = true,
        },
        new()
        {
            Name = "ice", Driver = "ice", Moderation = ModerationKind.Throttle, BitsPerSecond = 100_000_000_000, MaxQueues = 64, MaxRing = 8160, RingMultiple = 32, RssKeyBytes = 52,
            RxRing = 2048, TxRing = 256, RssTableSize = 512, MaxUsecs = 8_160, RxUsecs = 50, KnowsAdaptive = true, Hint = AffinityHint.OneCpu,
            QueueAction = "ice-{0}-TxRx-{1}", OtherAction = "ice-{2}:misc", OtherFirst = true,
        },
        new()
        {
            Name = "mlx5", Driver = "mlx5_core", Moderation = ModerationKind.FromFirstPacket, BitsPerSecond = 100_000_000_000, MaxQueues = 64, MaxRing = 8192,
            RxRing = 1024, TxRing = 1024, RssTableSize = 256, MaxUsecs = 4_095, RxUsecs = 8, RxFrames = 128, TxUsecs = 16, TxFrames = 32, KnowsAdaptive = true,
            QueueAction = "mlx5_comp{1}@pci:{2}", OtherAction = "mlx5_async0@pci:{2}", OtherFirst = true,
        },
        new()
        {
            Name = "virtio-net", Driver = "virtio_net", Moderation = ModerationKind.FromFirstPacket, BitsPerSecond = 10_000_000_000, MaxQueues = 64, MaxRing = 1024, IsLimitedToCpus = false,
            RxRing = 256, TxRing = 256, RxUsecs = 0, RxFrames = 1, TxUsecs = 0, TxFrames = 1, KnowsAdaptive = true, Hint = AffinityHint.ShareApplied,
            QueueAction = "virtio{3}-input.{1}", TransmitAction = "virtio{3}-output.{1}", OtherAction = "virtio{3}-config", OtherFirst = true,
        },
    ];

    public static NicModel? Find(string name) => All.FirstOrDefault(model => model.Name == name);
}
