namespace Tophalf.Twin.Scenarios;

/// <summary>What a device is to the machine: which keys it takes and which workloads reach it.</summary>
public enum DeviceKind
{
    /// <summary>A network card.</summary>
    Nic,

    /// <summary>A serial port.</summary>
    Uart,

    /// <summary>A device known only by its interrupts.</summary>
    Line,
}

/// <summary>Interrupt moderation a network driver lets be set (supported_coalesce_params of its struct ethtool_ops).</summary>
[Flags]
public enum CoalesceKeys
{
    None = 0,
    RxUsecs = 1,
    TxUsecs = 2,
    RxFrames = 4,
    TxFrames = 8,
    Usecs = RxUsecs | TxUsecs,
    Frames = RxFrames | TxFrames,
}

/// <summary>A row of the table of device models: name, kind, defaults and limits.</summary>
public sealed record DeviceModel(string Name, DeviceKind Kind)
{
    /// <summary>The kernel module that drives it, as ethtool -i prints.</summary>
    public string Driver { get; init; } = Name;

    public long DefaultLinkBitsPerSecond { get; init; }

    /// <summary>The most queue pairs.</summary>
    public int MaxQueues { get; init; }

    /// <summary>Receive descriptors per ring when the driver loads.</summary>
    public int DefaultRing { get; init; }

    /// <summary>Transmit descriptors per ring when the driver loads.</summary>
    public int DefaultTxRing { get; init; }

    public int MinRing { get; init; }
    public int MaxRing { get; init; }

    /// <summary>Ring sizes are multiples of this; 0: powers of two.</summary>
    public int RingMultiple { get; init; }

    /// <summary>Length of the RSS hash key; 0: the key cannot be set.</summary>
    public int RssKeyBytes { get; init; }

    public CoalesceKeys Coalesce { get; init; }

    /// <summary>All models, in the order help and errors list them.</summary>
    public static IReadOnlyList<DeviceModel> All { get; } =
    [
        // Ring sizes: e1000.h, igb.h, ixgbe.h (an 82599), i40e.h (an XL710), ice.h (an E810) and mlx5/core/en.h below
        // drivers/net/ethernet, in Linux 6.18. The queue limits are the model's own: what one port of the card is given here.
        Nic("e1000e", gigabits: 1, queues: 1, ring: 256) with { MaxRing = 4096, RingMultiple = 8, RssKeyBytes = 0, Coalesce = CoalesceKeys.RxUsecs },
        Nic("igb", gigabits: 1, queues: 8, ring: 256) with { MaxRing = 4096, RingMultiple = 8 },
        Nic("ixgbe", gigabits: 10, queues: 64, ring: 512) with { MaxRing = 8192, RingMultiple = 8 },
        Nic("i40e", gigabits: 40, queues: 64, ring: 512) with { MaxRing = 8160, RingMultiple = 32, RssKeyBytes = 52 },
        Nic("ice", gigabits: 100, queues: 64, ring: 2048) with { MaxRing = 8160, RingMultiple = 32, RssKeyBytes = 52, DefaultTxRing = 256 },
        Nic("mlx5", gigabits: 100, queues: 64, ring: 1024) with { MaxRing = 8192, Driver = "mlx5_core", Coalesce = CoalesceKeys.Usecs | CoalesceKeys.Frames },

        // A virtqueue has a power of two of entries (Virtio 1.2, 2.7), and QEMU offers at most 1024 to a network device.
        Nic("virtio-net", gigabits: 10, queues: 64, ring: 256) with { MaxRing = 1024, Driver = "virtio_net", Coalesce = CoalesceKeys.Usecs | CoalesceKeys.Frames },

        new("uart", DeviceKind.Uart) { Driver = "serial8250" },
        new("line", DeviceKind.Line),
    ];

    /// <summary>The model of that name, or null.</summary>
    public static DeviceModel? Find(string name) => All.FirstOrDefault(model => model.Name == name);

    private static DeviceModel Nic(string name, long gigabits, int queues, int ring) => new(name, DeviceKind.Nic)
    {
        DefaultLinkBitsPerSecond = gigabits * 1_000_000_000,
        MaxQueues = queues,
        DefaultRing = ring,
        DefaultTxRing = ring,
        MinRing = 64,
        RssKeyBytes = 40,
        Coalesce = CoalesceKeys.Usecs,
    };
}
