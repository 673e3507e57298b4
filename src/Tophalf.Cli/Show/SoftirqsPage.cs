using System.Collections.Immutable;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>/proc/softirqs explained: what each vector does, how often it ran, and on which CPUs.</summary>
internal static class SoftirqsPage
{
    public static void Write(Page page, string name, ProcSoftirqs table, double? seconds)
    {
        long total = table.Rows.Sum(row => row.Total);
        page.Line($"{name}: {ProcSoftirqs.Path} of {Figures.Plural(table.Cpus.Length, "CPU")}, {Figures.Plural(total, "softirq")}{(seconds is { } time ? $", in {Figures.Duration(time)}" : "")}{Heat.Note(table.Cpus.Length)}", Look.Heading);
        page.Line();
        Grid columns = ColumnText.Of("softirq", seconds is null ? ">runs" : ">per second", ">share", "mostly on", "by CPU", "does");
        foreach (SoftirqRow row in table.Rows.OrderByDescending(row => row.Total))
        {
            int most = Largest(row.Counts);
            columns.Add(
                row.Name,
                seconds is { } s ? Figures.Rate(row.Total / s) : Figures.Count(row.Total),
                Figures.Share(row.Total, total),
                row.Total > 0 ? $"CPU{table.Cpus[most]} {Figures.Share(row.Counts[most], row.Total)}" : "-",
                Heat.Grouped(row.Counts),
                SoftirqName.Does(row.Name));
        }

        page.Write(columns.WrapLast());
    }

    private static int Largest(ImmutableArray<long> counts) => counts.IndexOf(counts.Max());
}
