namespace Tophalf.Twin.Host;

/// <summary>What a machine's interrupts did between two readings of its files.</summary>
public sealed record HostObservation
{
    public required double Seconds { get; init; }
    public required string Release { get; init; }

    /// <summary>CPU numbers, in the order of every per-CPU list here.</summary>
    public required IReadOnlyList<int> Cpus { get; init; }

    /// <summary>Numbered lines, quiet ones included.</summary>
    public required IReadOnlyList<HostLine> Lines { get; init; }

    /// <summary>LOC, RES, CAL …</summary>
    public required IReadOnlyList<HostLine> SystemVectors { get; init; }

    public required IReadOnlyList<HostCpu> CpuShares { get; init; }
    public required IReadOnlyList<HostInterface> Interfaces { get; init; }

    /// <summary>Softirqs per second and CPU, by name.</summary>
    public required IReadOnlyList<HostLine> Softirqs { get; init; }
}

/// <summary>One row of /proc/interrupts as rates.</summary>
/// <param name="Label">The row's label: an interrupt number, or LOC, RES …</param>
/// <param name="Name">Handlers, joined as the row prints them; the description for a named row.</param>
/// <param name="Chip">The controller; empty for a named row.</param>
/// <param name="PerCpuPerSecond">In the order of <see cref="HostObservation.Cpus"/>.</param>
public sealed record HostLine(string Label, string Name, string Chip, IReadOnlyList<double> PerCpuPerSecond)
{
    public int? Irq { get; init; }
    public string Flow { get; init; } = "";
    public string HardwareIrq { get; init; } = "";

    /// <summary>Positions in <see cref="HostObservation.Cpus"/> the line may be, and is, delivered to.</summary>
    public IReadOnlyList<int> Allowed { get; init; } = [];
    public int? Effective { get; init; }

    public double PerSecond => PerCpuPerSecond.Sum();
}

/// <summary>Where one CPU's time went, as parts of one.</summary>
public readonly record struct HostCpu(double User, double System, double Hardirq, double Softirq, double Iowait, double Idle);

/// <summary>Packets per second of one network interface.</summary>
public sealed record HostInterface(string Name, double RxPerSecond, double TxPerSecond);
