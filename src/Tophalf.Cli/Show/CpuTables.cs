using System.Collections.Immutable;
using System.Text.Json;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>/proc/interrupts, and the lines of a kernel log that stand in the same text.</summary>
internal sealed class ShownInterrupts(ProcInterrupts table, KernelLog? log, double? seconds = null) : Shown
{
    public override string Kind => "interrupts";
    public override string Path => ProcInterrupts.Path;
    public override IReadOnlyList<ReaderProblem> Problems => table.Problems;

    public override void Write(Page page, string name)
    {
        InterruptsPage.Write(page, name, table, seconds);
        if (log is { Lines.Length: > 0 })
            KernelLogPage.WriteLines(page, log);
    }

    public override void Write(Utf8JsonWriter json)
    {
        CpuRows.WriteCpus(json, table.Cpus, seconds);
        json.Objects("rows", table.Rows, row =>
        {
            json.WriteString("id", row.Label);
            json.Counts("per_cpu", row.Counts);
            json.WriteString("chip", row.Chip);
            json.WriteString("hwirq", row.HardwareIrq);
            json.WriteString("flow", row.Flow ?? row.Trigger);
            json.WriteString("name", row.Irq is null ? row.Description : string.Join(", ", row.Actions));
            if (RowExplanations.Of(row.Label) is { } means)
                json.WriteString("means", means);
        });
        if (log is { Lines.Length: > 0 })
            ShownKernelLog.WriteLines(json, log);
    }

    public override Shown? Since(Shown earlier, double? between) =>
        earlier is ShownInterrupts other && table.Since(other.Table) is { } difference ? new ShownInterrupts(difference, null, between) : null;

    private ProcInterrupts Table => table;
}

/// <summary>/proc/softirqs.</summary>
internal sealed class ShownSoftirqs(ProcSoftirqs table, double? seconds = null) : Shown
{
    public override string Kind => "softirqs";
    public override string Path => ProcSoftirqs.Path;
    public override IReadOnlyList<ReaderProblem> Problems => table.Problems;

    public override void Write(Page page, string name) => SoftirqsPage.Write(page, name, table, seconds);

    public override void Write(Utf8JsonWriter json)
    {
        CpuRows.WriteCpus(json, table.Cpus, seconds);
        json.Objects("rows", table.Rows, row =>
        {
            json.WriteString("id", row.Name);
            json.Counts("per_cpu", row.Counts);
            json.WriteString("name", SoftirqName.Does(row.Name));
        });
    }

    public override Shown? Since(Shown earlier, double? between) =>
        earlier is ShownSoftirqs other && table.Since(other.Table) is { } difference ? new ShownSoftirqs(difference, between) : null;

    private ProcSoftirqs Table => table;
}

/// <summary>What files with a column per CPU have in common.</summary>
internal static class CpuRows
{
    /// <param name="seconds">Of differences: the time between the two files.</param>
    public static void WriteCpus(Utf8JsonWriter json, ImmutableArray<int> cpus, double? seconds)
    {
        json.Array("cpus", cpus, json.WriteNumberValue);
        if (seconds is { } between)
            json.Number("seconds", between);
    }
}
