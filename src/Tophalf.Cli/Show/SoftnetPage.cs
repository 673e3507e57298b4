using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>/proc/net/softnet_stat explained: its columns have no names in the file.</summary>
internal static class SoftnetPage
{
    private const int CpusShown = 32;

    public static void Write(Page page, string name, SoftnetStat stat, double? seconds)
    {
        long processed = stat.Cpus.Sum(cpu => (long)cpu.Processed);
        page.Line($"{name}: {SoftnetStat.Path} of {Figures.Plural(stat.Cpus.Length, "CPU")}, {Figures.Plural(processed, "packet")} {(seconds is { } s ? $"in {Figures.Duration(s)}, {Figures.Rate(processed / s)}" : "(32-bit counters, which wrap)")}", Look.Heading);
        page.Line();
        Grid columns = ColumnText.Of("", ">processed", ">share", ">backlog full", ">budget spent", ">woken for RPS", ">flow limit", ">waiting");
        foreach (SoftnetCpu cpu in stat.Cpus.OrderByDescending(cpu => cpu.Processed).Take(CpusShown).OrderBy(cpu => cpu.Row))
        {
            columns.Add(
                cpu.Cpu is { } number ? $"CPU{number}" : $"row {cpu.Row}",
                Figures.Count(cpu.Processed),
                Figures.Share(cpu.Processed, processed),
                Figures.Count(cpu.Dropped),
                Figures.Count(cpu.TimeSqueeze),
                Optional(cpu.ReceivedRps),
                Optional(cpu.FlowLimitCount),
                Optional(cpu.BacklogLength));
        }

        page.Write(columns);
        if (stat.Cpus.Length > CpusShown)
            page.Line($"  {Figures.Plural(stat.Cpus.Length - CpusShown, "CPU")} with fewer packets", Look.Faint);
        WriteRemarks(page, stat);
    }

    private static void WriteRemarks(Page page, SoftnetStat stat)
    {
        long dropped = stat.Cpus.Sum(cpu => (long)cpu.Dropped);
        long squeezed = stat.Cpus.Sum(cpu => (long)cpu.TimeSqueeze);
        if (dropped + squeezed == 0)
            return;
        page.Heading("remarks");
        if (dropped > 0)
            page.Item("-", $"{Figures.Plural(dropped, "packet")} found the backlog full (net.core.netdev_max_backlog).");
        if (squeezed > 0)
            page.Item("-", $"{Figures.Plural(squeezed, "time")} the receive softirq stopped with packets left (net.core.netdev_budget, netdev_budget_usecs).");
    }

    private static string Optional(uint? count) => count is { } number ? Figures.Count(number) : "-";
}
