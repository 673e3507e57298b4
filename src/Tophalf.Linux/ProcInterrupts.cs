using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>
/// /proc/interrupts: how often each interrupt came, by CPU (kernel/irq/proc.c show_interrupts; arch/x86/kernel/irq.c
/// arch_show_interrupts). The columns are the CPUs online at that moment, so their numbers come from the header and may have gaps.
/// </summary>
/// <param name="Cpus">CPU numbers of the columns, ascending.</param>
/// <param name="HasHeader">False when the dump lacks the header; then <see cref="Cpus"/> is counted from 0.</param>
/// <param name="Rows">All rows in file order. A label may come twice: PowerPC has two rows LOC.</param>
public sealed record ProcInterrupts(ImmutableArray<int> Cpus, bool HasHeader, ImmutableArray<InterruptRow> Rows)
{
    /// <summary>Rows that were left out or are not as the kernel prints them, by place in the text.</summary>
    public ImmutableArray<ReaderProblem> Problems { get; init; } = [];

    public const string Path = "/proc/interrupts";

    public static ProcInterrupts Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    /// <summary>
    /// The dump in <paramref name="text"/>; of several, the last that has rows, as it is the newest.
    /// Throws <see cref="ReaderException"/> when there is none.
    /// </summary>
    public static ProcInterrupts Parse(string text)
    {
        IReadOnlyList<ProcInterrupts> all = ParseAll(text);
        return all.LastOrDefault(dump => dump.Rows.Length > 0) ?? all[^1];
    }

    /// <summary>Every dump in a text in which other lines may stand between: a mail, a console log. Never empty.</summary>
    public static IReadOnlyList<ProcInterrupts> ParseAll(string text) =>
        [.. CpuTableParser.Parse(text, Path).Select(FromTable)];

    /// <summary>Rows that have an interrupt number.</summary>
    public IEnumerable<InterruptRow> Numbered => Rows.Where(row => row.Irq is not null);

    /// <summary>Rows that have a name instead: the local APIC's vectors, inter-processor interrupts, error counters.</summary>
    public IEnumerable<InterruptRow> Named => Rows.Where(row => row.Irq is null);

    /// <summary>The row of an interrupt number, or null.</summary>
    public InterruptRow? this[int irq] => Rows.FirstOrDefault(row => row.Irq == irq);

    /// <summary>The first row of that label, or null.</summary>
    public InterruptRow? this[string label] => Rows.FirstOrDefault(row => row.Label == label);

    /// <summary>A row's counter on one CPU; 0 for a CPU without a column and for rows that are not per CPU.</summary>
    public long CountOn(InterruptRow row, int cpu)
    {
        int column = Cpus.BinarySearch(cpu);
        bool isPerCpu = row.Counts.Length == Cpus.Length;
        return isPerCpu && column >= 0 ? row.Counts[column] : 0;
    }

    /// <summary>
    /// What came since <paramref name="earlier"/>, or null where that is no earlier reading of the same machine: other CPUs, no row in
    /// common, a counter that went down. A row that is new counts in full.
    /// </summary>
    public ProcInterrupts? Since(ProcInterrupts earlier)
    {
        if (!Cpus.SequenceEqual(earlier.Cpus))
            return null;
        Dictionary<(string, int), InterruptRow> before = [];
        foreach ((string Label, int Place, InterruptRow Row) known in Places(earlier))
            before[(known.Label, known.Place)] = known.Row;
        ImmutableArray<InterruptRow>.Builder rows = ImmutableArray.CreateBuilder<InterruptRow>(Rows.Length);
        int common = 0;
        foreach ((string label, int place, InterruptRow row) in Places(this))
        {
            if (!before.TryGetValue((label, place), out InterruptRow? old))
            {
                rows.Add(row);
                continue;
            }
            if (Counters.Since(old.Counts, row.Counts) is not { } counts || !old.Actions.SequenceEqual(row.Actions))
                return null;
            rows.Add(row with { Counts = counts });
            common++;
        }
        return common == 0 ? null : this with { Rows = rows.MoveToImmutable() };
    }

    /// <summary>Each row with its label and which row of that label it is.</summary>
    private static IEnumerable<(string Label, int Place, InterruptRow Row)> Places(ProcInterrupts table)
    {
        Dictionary<string, int> seen = [];
        foreach (InterruptRow row in table.Rows)
            yield return (row.Label, seen[row.Label] = seen.GetValueOrDefault(row.Label) + 1, row);
    }

    private static ProcInterrupts FromTable(CpuTable table)
    {
        if (table.Rows.Count > 0 && table.Rows.All(row => SoftirqName.IsKnown(row.Label)))
            throw ReaderException.WrongFile(Path, table.Rows[0].Line, 1, $"these are the rows of {ProcSoftirqs.Path}");
        return new ProcInterrupts(table.Cpus, table.HasHeader, [.. table.Rows.Select(FromRow)]) { Problems = [.. table.Problems] };
    }

    private static InterruptRow FromRow(CpuTableRow row)
    {
        if (!int.TryParse(row.Label, NumberStyles.None, CultureInfo.InvariantCulture, out int irq))
            return new InterruptRow(row.Label, null, row.Counts, null, null, null, null, [], row.Tail);
        return InterruptRow.OfTail(row.Label, irq, row.Tail) with { Counts = row.Counts };
    }
}
