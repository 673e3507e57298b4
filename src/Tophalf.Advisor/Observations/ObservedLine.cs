using Tophalf.Linux;

namespace Tophalf.Advisor.Observations;

/// <summary>One numbered line of /proc/interrupts with what /proc/irq says of it.</summary>
/// <param name="PerCpu">Interrupts between the moments, in the order of <see cref="Observation.Cpus"/>.</param>
/// <param name="SinceBoot">Interrupts on all CPUs since boot.</param>
public sealed record ObservedLine(int Irq, IReadOnlyList<string> Actions, string Chip, IReadOnlyList<long> PerCpu, long SinceBoot)
{
    public CpuMask? Affinity { get; init; }

    /// <summary>The mask as it was at the first moment.</summary>
    public CpuMask? AffinityBefore { get; init; }

    public CpuMask? Effective { get; init; }
    public CpuMask? Hint { get; init; }
    public int? Node { get; init; }

    /// <summary>Now; null where /proc/irq does not show it.</summary>
    public SpuriousCounts? Spurious { get; init; }

    /// <summary>Unhandled interrupts noted at the first moment; null where there was none.</summary>
    public long? UnhandledBefore { get; init; }

    /// <summary>Nobody may write the mask: managed by the driver's queue layout, or per CPU. Null where the modes are not seen.</summary>
    public bool? IsManaged { get; init; }

    /// <summary>The queue this line serves, by the name of its handler; null for other lines.</summary>
    public QueueName? Queue { get; init; }

    public long Count => PerCpu.Sum();
    public string Name => string.Join(", ", Actions);

    /// <summary>"irq 29 (eth0-TxRx-0)".</summary>
    public string Label => Actions.Count > 0 ? $"irq {Irq} ({Name})" : $"irq {Irq}";

    public string Path(string file) => $"{IrqDirectory.Path}/{Irq}/{file}";

    /// <summary>The CPU the line goes to: where it came most often, else what the controller is told; null when neither is known.</summary>
    public int? Target(IReadOnlyList<int> cpus)
    {
        if (Count > 0)
            return cpus[Enumerable.Range(0, PerCpu.Count).MaxBy(i => PerCpu[i])];
        return Effective is { IsEmpty: false } effective ? effective.First : null;
    }
}

/// <summary>A named row of /proc/interrupts.</summary>
/// <param name="PerCpu">Between the moments; one number where the row counts for the whole machine.</param>
public sealed record ObservedRow(string Name, IReadOnlyList<long> PerCpu)
{
    public long Count => PerCpu.Sum();
}
