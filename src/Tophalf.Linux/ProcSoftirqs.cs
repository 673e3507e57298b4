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
    public const string Path = "/proc/softirqs";

    public static ProcSoftirqs Read(ILinuxMachine machine) => Parse(machine.Read(Path));

    /// <summary>The last dump in <paramref name="text"/>. Throws <see cref="ReaderException"/> when there is none.</summary>
    public static ProcSoftirqs Parse(string text)
    {
        CpuTable table = CpuTableParser.Parse(text, Path)[^1];
        foreach (CpuTableRow row in table.Rows)
        {
            if (!SoftirqName.IsKnown(row.Label))
                throw ReaderException.WrongFile(Path, row.Line, 1, $"{row.Label} is no softirq");
            if (row.Counts.Length != table.Cpus.Length || row.Tail.Length > 0)
            {
                string problem = $"{row.Label} does not have one counter for each of {table.Cpus.Length} CPUs";
                throw ReaderException.WrongFile(Path, row.Line, 1, problem);
            }
        }
        if (table.Rows.Count == 0)
            throw ReaderException.WrongFile(Path, 1, 1, "a line of CPU columns without softirqs below it");
        return new ProcSoftirqs(table.Cpus, [.. table.Rows.Select(row => new SoftirqRow(row.Label, row.Counts))]);
    }

    /// <summary>The row of a vector, such as NET_RX, or null.</summary>
    public SoftirqRow? this[string name] => Rows.FirstOrDefault(row => row.Name == name);
}
