using Tophalf.Linux;

namespace Tophalf.Advisor.Observations;

/// <summary>
/// What a machine showed: counts between two moments, settings as of the second. Where there was one moment only, counts are those since boot.
/// A part the machine did not show is empty here and named in <see cref="Missing"/> with the reason.
/// </summary>
public sealed record Observation
{
    /// <summary>Between the two moments; null where there was only one.</summary>
    public double? Seconds { get; init; }

    /// <summary>Parts not seen and why, such as "/proc/interrupts: Permission denied".</summary>
    public IReadOnlyDictionary<Part, string> Missing { get; init; } = new Dictionary<Part, string>();

    /// <summary>CPUs online; every per-CPU list here is in this order.</summary>
    public IReadOnlyList<int> Cpus { get; init; } = [];

    public IReadOnlyList<ObservedLine> Lines { get; init; } = [];

    /// <summary>Named rows of /proc/interrupts: NMI, LOC, ERR …</summary>
    public IReadOnlyList<ObservedRow> Rows { get; init; } = [];

    public IReadOnlyList<ObservedCpu> CpuTimes { get; init; } = [];
    public IReadOnlyList<ObservedInterface> Interfaces { get; init; } = [];
    public IReadOnlyList<ObservedTask> Tasks { get; init; } = [];
    public IReadOnlyList<IdleState> IdleStates { get; init; } = [];
    public CpuTopology? Topology { get; init; }
    public IReadOnlyList<NumaNode> Nodes { get; init; } = [];
    public KernelCommandLine? CommandLine { get; init; }

    /// <summary>The kernel's log, line by line.</summary>
    public IReadOnlyList<string> Log { get; init; } = [];

    /// <summary>Udp RcvbufErrors of /proc/net/snmp.</summary>
    public long SocketDrops { get; init; }

    /// <summary>Small settings by path, those that could be read.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Samples between the two moments, for what goes up and down.</summary>
    public IReadOnlyList<TrafficSample> Samples { get; init; } = [];

    public bool Has(Part part) => !Missing.ContainsKey(part);

    /// <summary>CPUs taken away from general use: isolcpus=, cpuset partitions, nohz_full=.</summary>
    public CpuMask Isolated { get; init; }

    /// <summary>"a second" for rates; "since boot" where there was one moment only.</summary>
    public string PerSecond(long count) => Seconds is { } seconds
        ? FormattableString.Invariant($"{count / seconds:N0} a second")
        : FormattableString.Invariant($"{count:N0} since boot");

    /// <summary>Events per second; null where there is one moment only.</summary>
    public double? Rate(long count) => Seconds is > 0 ? count / Seconds.Value : null;

    /// <summary>Whether a count reaches a rate, or where there is no rate, a count since boot that says the same of a machine up for some hours.</summary>
    public bool IsAtLeast(long count, double perSecond) => Rate(count) is { } rate ? rate >= perSecond : count >= perSecond * SecondsAssumedSinceBoot;

    public ObservedCpu? CpuTime(int cpu) => CpuTimes.FirstOrDefault(times => times.Cpu == cpu);

    public ObservedLine? Line(int irq) => Lines.FirstOrDefault(line => line.Irq == irq);

    /// <summary>A setting that is a whole number, or null.</summary>
    public long? Setting(string path) => Settings.TryGetValue(path, out string? text) && long.TryParse(text, out long value) ? value : null;

    /// <summary>Three hours: what a count since boot is held against where nobody says how long the machine was up.</summary>
    private const double SecondsAssumedSinceBoot = 3 * 3600;
}

/// <summary>Counters at one moment, since the machine started.</summary>
/// <param name="Interrupts">By interrupt number.</param>
/// <param name="Packets">Received, by interface.</param>
public sealed record TrafficSample(long AtNs, IReadOnlyDictionary<int, long> Interrupts, IReadOnlyDictionary<string, long> Packets)
{
    /// <summary>null where the machine does not show both files.</summary>
    public static TrafficSample? Take(ILinuxMachine machine)
    {
        try
        {
            return new TrafficSample(
                machine.NowNs,
                ProcInterrupts.Read(machine).Numbered.DistinctBy(row => row.Irq).ToDictionary(row => row.Irq!.Value, row => row.Total),
                ProcNetDev.Read(machine).Interfaces.DistinctBy(device => device.Name).ToDictionary(device => device.Name, device => device.Receive.Packets));
        }
        catch (Exception failed) when (failed is LinuxException or ReaderException)
        {
            return null;
        }
    }
}
