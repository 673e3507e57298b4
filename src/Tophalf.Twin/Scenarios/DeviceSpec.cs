namespace Tophalf.Twin.Scenarios;

/// <summary>How an interrupt line tells of its device: by a change or by a state.</summary>
public enum TriggerMode
{
    Edge,
    Level,
}

/// <summary>What turns a line device's signal into an interrupt.</summary>
public enum InterruptChip
{
    /// <summary>A pin of the I/O APIC, that may be shared.</summary>
    IoApic,

    /// <summary>Messages of its own (PCI MSI-X).</summary>
    MsiX,
}

/// <summary>One device of a scenario. Which of the properties mean something follows from the kind of its model.</summary>
public sealed record DeviceSpec
{
    public required string Name { get; init; }

    /// <summary>A name in <see cref="DeviceModel.All"/>.</summary>
    public required string Model { get; init; }

    public required DeviceKind Kind { get; init; }

    /// <summary>Line of the device's name in the file, from 1.</summary>
    public int Line { get; init; }

    /// <summary>Column of the device's name in the file, from 1.</summary>
    public int Column { get; init; }

    /// <summary>PCI address, "0000:01:00.0" in lower case. Not for serial ports; null: the machine finds a free one.</summary>
    public string? Bus { get; init; }

    // A network card. Null: what the driver starts with.

    public long LinkBitsPerSecond { get; init; }

    /// <summary>Queue pairs, each with an interrupt of its own.</summary>
    public int? Queues { get; init; }

    /// <summary>Where the count of queues is written: whether the CPUs have vectors left for them is found out later.</summary>
    public SourcePosition? QueuesAt { get; init; }

    /// <summary>Descriptors of every ring, receive and transmit.</summary>
    public int? Ring { get; init; }

    /// <summary>The kernel has given the card away, to an application that polls it (vfio-pci).</summary>
    public bool IsGivenAway { get; init; }

    /// <summary>What the card's bus carries of received frames: so many packets in millionths of one a second, or so many bits a second; null: all that the link does.</summary>
    public long? BusMicroHz { get; init; }
    public long? BusBitsPerSecond { get; init; }

    /// <summary>Interrupt moderation as in ethtool -C. The values a driver refuses within this range, it refuses as it does for ethtool.</summary>
    public int? RxUsecs { get; init; }

    public int? RxFrames { get; init; }
    public int? TxUsecs { get; init; }
    public int? TxFrames { get; init; }

    /// <summary>Where the first of the moderation keys is written.</summary>
    public SourcePosition? CoalesceAt { get; init; }

    /// <summary>The RSS hash key, as long as the model's; null: random from the scenario's seed, as Linux fills it at boot.</summary>
    public IReadOnlyList<byte>? RssKey { get; init; }

    /// <summary>Packets a poll takes at most (the weight of netif_napi_add_weight); null: NAPI_POLL_WEIGHT.</summary>
    public int? Weight { get; init; }

    /// <summary>What chrt would make of its polling threads, once it has some.</summary>
    public PolicySpec ThreadPolicy { get; init; }

    /// <summary>The driver takes no more packets while a socket is nearly full. No driver of Linux does that.</summary>
    public bool HasFeedback { get; init; }

    /// <summary>The card of this machine that its cable leads to; null: it leaves the machine. Written at one of the two.</summary>
    public string? Cable { get; init; }
    public SourcePosition? CableAt { get; init; }

    // A serial port or a line device.

    /// <summary>I/O APIC pin, which is the interrupt number too; null for MSI-X.</summary>
    public int? Irq { get; init; }

    public TriggerMode Trigger { get; init; }

    // A serial port.

    /// <summary>Bits per second on the wire; a character is ten of them.</summary>
    public int Baud { get; init; }

    // A line device.

    public InterruptChip Chip { get; init; }

    /// <summary>The controller's own number where it is not the interrupt number: the pin, or the MSI-X entry. Set for a twin of a real machine only, as the next two.</summary>
    public int? Pin { get; init; }

    /// <summary>What the controller is called in /proc/interrupts; null: what the twin's kernel calls it.</summary>
    public string? ChipName { get; init; }

    /// <summary>CPUs the line may be delivered to when it is requested; empty: the default affinity.</summary>
    public IReadOnlyList<int> InitialCpus { get; init; } = [];

    /// <summary>Names of the handlers on the line, in the order they are called. More than one: the line is shared.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>What the kernel's reports call the function behind the first of them, such as "e1000_intr [e1000]"; null: the twin's own name of it.</summary>
    public string? Handler { get; init; }

    /// <summary>Interrupts the device has; 1 unless it sends MSI-X messages.</summary>
    public int Vectors { get; init; } = 1;

    /// <summary>All vectors but the first are spread over the CPUs and managed by the kernel.</summary>
    public bool IsSpread { get; init; }

    /// <summary>Virtual functions it starts with.</summary>
    public int VirtualFunctions { get; init; }

    /// <summary>Of a virtual function, the device it belongs to; null for devices of the file.</summary>
    public string? PhysicalFunction { get; init; }

    /// <summary>As udev calls the interface of a virtual function.</summary>
    public static string NameOfVirtual(string physical, int number) => $"{physical}v{number}";

    /// <summary>What workloads may go to besides the device itself.</summary>
    public IEnumerable<DeviceSpec> WithVirtualFunctions() =>
        Enumerable.Range(0, VirtualFunctions).Select(number => this with { Name = NameOfVirtual(Name, number), PhysicalFunction = Name, VirtualFunctions = 0 }).Prepend(this);
}
