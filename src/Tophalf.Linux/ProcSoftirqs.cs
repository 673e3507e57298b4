using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>One softirq vector's runs, by CPU.</summary>
/// <param name="Counts">In the order of the header's CPUs.</param>
public sealed record SoftirqRow(string Name, ImmutableArray<long> Counts)
{
    /// <summary>Runs on all CPUs together.</summary>
    public long Total => Counters.Sum(Counts);
}

/// <summary>
/// /proc/softirqs: how often each softirq vector ran, by CPU (fs/proc/softirqs.c). The columns are the possible CPUs,
/// so there may be more than /proc/interrupts has.
/// </summary>
public sealed record ProcSoftirqs(ImmutableArray<int> Cpus, ImmutableArray<SoftirqRow> Rows)
{
    /// <summary>Rows that were left out because they are not as the kernel prints them, by place in the text.</summary>
    public ImmutableArray<ReaderProblem> Problems { get; init; } = [];

    public const string Path = "/proc/softirqs";

    public static ProcSoftirqs Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    /// <summary>The last dump in <paramref name="text"/>; a vector we do not know is kept as long as another is known. Throws <see cref="ReaderException"/> when there is none.</summary>
    public static ProcSoftirqs Parse(string text)
    {
        CpuTable table = CpuTableParser.Parse(text, Path)[^1];
        if (table.Rows.Count == 0)
            throw ReaderException.WrongFile(Path, 1, 1, "a line of CPU columns without softirqs below it");
        if (!table.Rows.Any(row => SoftirqName.IsKnown(row.Label)))
            throw ReaderException.WrongFile(Path, table.Rows[0].Line, 1, $"{table.Rows[0].Label} is no softirq");
        ImmutableArray<SoftirqRow>.Builder rows = ImmutableArray.CreateBuilder<SoftirqRow>();
        List<ReaderProblem> problems = [.. table.Problems];
        foreach (CpuTableRow row in table.Rows)
        {
            if (row.Counts.Length == table.Cpus.Length && row.Tail.Length == 0)
                rows.Add(new SoftirqRow(row.Label, row.Counts));
            else if (!problems.Exists(problem => problem.Line == row.Line))
                problems.Add(new ReaderProblem(row.Line, 1, $"{row.Label} does not have one counter for each of {table.Cpus.Length} CPUs"));
        }
        if (rows.Count == 0)
            throw ReaderException.WrongFile(Path, problems[0].Line, problems[0].Column, problems[0].Says);
        return new ProcSoftirqs(table.Cpus, rows.DrainToImmutable()) { Problems = [.. problems.OrderBy(problem => problem.Line)] };
    }

    /// <summary>The row of a vector, such as NET_RX, or null.</summary>
    public SoftirqRow? this[string name] => Rows.FirstOrDefault(row => row.Name == name);

    /// <summary>What ran since <paramref name="earlier"/>, or null where that is no earlier reading of the same machine.</summary>
    public ProcSoftirqs? Since(ProcSoftirqs earlier)
    {
        if (!Cpus.SequenceEqual(earlier.Cpus) || Rows.Length != earlier.Rows.Length)
            return null;
        ImmutableArray<SoftirqRow>.Builder rows = ImmutableArray.CreateBuilder<SoftirqRow>(Rows.Length);
        foreach (SoftirqRow row in Rows)
        {
            if (earlier[row.Name] is not { } old || Counters.Since(old.Counts, row.Counts) is not { } counts)
                return null;
            rows.Add(row with { Counts = counts });
        }
        return this with { Rows = rows.MoveToImmutable() };
    }
}
