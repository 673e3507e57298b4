using System.Collections.Immutable;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>/proc/softirqs explained: what each vector does, how often it ran, and on which CPUs.</summary>
internal static class SoftirqsPage
{
    private const int MostGlyphs = 64;

    public static void Write(Page page, string name, ProcSoftirqs table)
    {
        long total = table.Rows.Sum(row => row.Total);
        page.Line($"{name}: {ProcSoftirqs.Path} of {Figures.Plural(table.Cpus.Length, "CPU")}, {Figures.Plural(total, "softirq")}", Look.Heading);
        page.Line();
        bool drawsCpus = table.Cpus.Length <= MostGlyphs;
        Grid columns = ColumnText.Of("softirq", ">runs", ">share", "mostly on", drawsCpus ? "by CPU" : "", "does");
        foreach (SoftirqRow row in table.Rows.OrderByDescending(row => row.Total))
        {
            int most = Largest(row.Counts);
            columns.Add(
                row.Name,
                Figures.Count(row.Total),
                Figures.Share(row.Total, total),
                row.Total > 0 ? $"CPU{table.Cpus[most]} {Figures.Share(row.Counts[most], row.Total)}" : "-",
                drawsCpus ? Heat.Of(row.Counts) : "",
                Does(row.Name));
        }

        page.Write(columns.WrapLast());
    }

    private static int Largest(ImmutableArray<long> counts) => counts.IndexOf(counts.Max());

    /// <summary>What the vector's action does (include/linux/interrupt.h and the callers of open_softirq).</summary>
    private static string Does(string vector) => vector switch
    {
        "HI" => "high-priority tasklets",
        "TIMER" => "timers of the timer wheel",
        "NET_TX" => "frees sent packets, runs queueing disciplines",
        "NET_RX" => "polls network cards (NAPI)",
        "BLOCK" => "completes block requests",
        "IRQ_POLL" or "BLOCK_IOPOLL" => "polls storage adapters",
        "TASKLET" => "tasklets",
        "SCHED" => "balances load between CPUs",
        "HRTIMER" => "high-resolution timers",
        "RCU" => "calls RCU callbacks",
        _ => "",
    };
}
