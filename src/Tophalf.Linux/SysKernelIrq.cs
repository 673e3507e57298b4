using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>One interrupt below /sys/kernel/irq (kernel/irq/irqdesc.c). What the machine does not show is null.</summary>
/// <param name="HardwareIrq">The controller's own number.</param>
/// <param name="Flow">The flow's name, such as edge or fasteoi.</param>
/// <param name="Trigger">level or edge.</param>
/// <param name="PerCpu">One counter per possible CPU.</param>
public sealed record SysIrq(
    int Irq, ImmutableArray<string> Actions, string? Chip, string? HardwareIrq, string? Flow, string? Trigger, bool? IsWakeup, ImmutableArray<long> PerCpu);

/// <summary>/sys/kernel/irq: every allocated interrupt, those without a handler included (since 4.9).</summary>
public static class SysKernelIrq
{
    public const string Path = "/sys/kernel/irq";

    /// <summary>Ascending by number.</summary>
    public static ImmutableArray<SysIrq> Read(ILinuxMachine machine)
    {
        List<SysIrq> irqs = [];
        foreach (string name in machine.List(Path))
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int irq))
                continue;
            irqs.Add(ReadIrq(machine, irq));
            ReaderLimits.CheckRows(irqs.Count, 1);
        }
        return [.. irqs.OrderBy(irq => irq.Irq)];
    }

    private static SysIrq ReadIrq(ILinuxMachine machine, int irq)
    {
        string directory = string.Create(CultureInfo.InvariantCulture, $"{Path}/{irq}");
        string? actions = Text("actions"), wakeup = Text("wakeup"), counts = Text("per_cpu_count");
        return new SysIrq(
            irq,
            actions is null ? [] : [.. actions.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            Text("chip_name"), Text("hwirq"), Text("name"), Text("type"),
            wakeup is null ? null : wakeup == "enabled",
            counts is null ? [] : Counts(counts));

        string? Text(string file) => OptionalFile.Read(machine, $"{directory}/{file}")?.Trim() is { Length: > 0 } text ? text : null;
    }

    private static ImmutableArray<long> Counts(string text)
    {
        ImmutableArray<long>.Builder counts = ImmutableArray.CreateBuilder<long>();
        foreach (Range range in text.AsSpan().Split(','))
        {
            if (counts.Count == CpuMask.MaxCpus || !Fields.TryCounter(text.AsSpan(range).Trim(), out long count))
                throw new ReaderException(1, range.Start.Value + 1, "not a counter per CPU", "write counters parted by commas");
            counts.Add(count);
        }
        return counts.DrainToImmutable();
    }
}
