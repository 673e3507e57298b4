using Tophalf.Kernel.Networking;

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

    /// <summary>QEMU's teaching device, which has a driver only once somebody loads one.</summary>
    Edu,
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
}

/// <summary>A row of the table of device models: name, kind, defaults and limits.</summary>
public sealed record DeviceModel(string Name, DeviceKind Kind)
{
    /// <summary>The kernel module that drives it, as ethtool -i prints.</summary>
    public string Driver { get; init; } = Name;

    public long DefaultLinkBitsPerSecond { get; init; }

    /// <summary>The most queue pairs.</summary>
    public int MaxQueues { get; init; }

    public int MinRing { get; init; }
    public int MaxRing { get; init; }

    /// <summary>Ring sizes are multiples of this; 0: powers of two.</summary>
    public int RingMultiple { get; init; }

    /// <summary>The most virtual functions.</summary>
    public int TotalVirtualFunctions { get; init; }

    /// <summary>Length of the RSS hash key; 0: the key cannot be set.</summary>
    public int RssKeyBytes { get; init; }

    /// <summary>It signals by a level line, which it may share.</summary>
    public bool IsOnPin { get; init; }

    public CoalesceKeys Coalesce { get; init; }

    /// <summary>Its driver polls (NAPI).</summary>
    public bool IsPolled { get; init; }

    /// <summary>Line names of a storage device, first of what is no queue, then of the queues; {0} the device's number among its kind, {1} queue. Null: no storage.</summary>
    public (string Other, string Queue)? StorageActions { get; init; }

    /// <summary>Its disk in /sys/block; {0} the device's number among its kind, {1} a letter instead. Null: no storage.</summary>
    public string? DiskName { get; init; }

    /// <summary>The first queue's number in its line's name.</summary>
    public int FirstQueueNumber { get; init; }

    /// <summary>All models, in the order help and errors list them.</summary>
    public static IReadOnlyList<DeviceModel> All { get; } =
    [
        .. NicModel.All.Select(Nic),
        new("uart", DeviceKind.Uart) { Driver = "serial8250" },
        new("line", DeviceKind.Line),
        // One queue per CPU, its vector spread and managed; the first vector is no queue's (drivers/nvme/host/pci.c nvme_setup_irqs, drivers/block/virtio_blk.c init_vq).
        new("nvme", DeviceKind.Line) { StorageActions = ("nvme{0}q0", "nvme{0}q{1}"), DiskName = "nvme{0}n1", FirstQueueNumber = 1 },
        new("virtio-blk", DeviceKind.Line) { Driver = "virtio_blk", StorageActions = ("virtio{0}-config", "virtio{0}-req.{1}"), DiskName = "vd{1}" },
        new("edu", DeviceKind.Edu),
    ];

    /// <summary>The model of that name, or null.</summary>
    public static DeviceModel? Find(string name) => All.FirstOrDefault(model => model.Name == name);

    /// <summary>What the drivers' own table says of a network card.</summary>
    private static DeviceModel Nic(NicModel nic) => new(nic.Name, DeviceKind.Nic)
    {
        Driver = nic.Driver,
        DefaultLinkBitsPerSecond = nic.BitsPerSecond,
        MaxQueues = nic.MaxQueues,
        IsOnPin = nic.IsOnPin,
        MinRing = nic.MinRing,
        MaxRing = nic.MaxRing,
        RingMultiple = nic.RingMultiple,
        RssKeyBytes = nic.RssKeyBytes,
        TotalVirtualFunctions = nic.Sriov?.TotalVfs ?? 0,
        IsPolled = !nic.IsOldDriver,
        Coalesce = (nic.Coalescing.RxUsecs is null ? 0 : CoalesceKeys.RxUsecs)
            | (!nic.HasFrames ? 0 : CoalesceKeys.RxFrames) | (nic.Coalescing.TxUsecs is null || nic.SharesThrottle ? 0 : CoalesceKeys.TxUsecs) | (nic.Coalescing.TxFrames is null ? 0 : CoalesceKeys.TxFrames),
    };
}
