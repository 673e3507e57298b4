using System.Globalization;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>/proc/stat explained: where each CPU's time went since boot, and how many events there were.</summary>
internal static class StatPage
{
    private const int BarWidth = 40;
    private const int CpusShown = 32;
    private const double TicksPerSecond = 100;

    public static void Write(Page page, string name, ProcStat stat, string what)
    {
        page.Line($"{name}: {ProcStat.Path} of {Figures.Plural(stat.Cpus.Length, "CPU")}, {what}", Look.Heading);
        page.Line("  " + TimeBar.Legend, Look.Faint);
        Grid columns = ColumnText.Of("", "", ">user", ">system", ">hardirq", ">softirq", ">idle", ">seconds");
        AddRow(columns, "all", stat.All);
        foreach (CpuTimes cpu in stat.Cpus.OrderByDescending(cpu => cpu.Total - cpu.Idle - cpu.Iowait).Take(CpusShown).OrderBy(cpu => cpu.Cpu))
            AddRow(columns, $"CPU{cpu.Cpu}", cpu);
        page.Write(columns);
        if (stat.Cpus.Length > CpusShown)
            page.Line($"  {Figures.Plural(stat.Cpus.Length - CpusShown, "CPU")} less busy", Look.Faint);

        page.Line();
        (string Name, long? Count)[] events =
            [("interrupts", stat.Interrupts), ("softirqs", stat.Softirqs), ("context switches", stat.ContextSwitches), ("processes started", stat.Processes)];
        page.Items(events.Where(row => row.Count != null).Select(row => (row.Name, Figures.Count(row.Count!.Value))));
        if (stat.BootTimeS is { } booted && booted <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            page.Line($"  booted {DateTimeOffset.FromUnixTimeSeconds(booted).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC");
    }

    private static void AddRow(Grid columns, string label, CpuTimes times)
    {
        double Percent(long ticks) => times.Total > 0 ? 100.0 * ticks / times.Total : 0;
        TimeBar.Part[] parts = TimeBar.Parts(
            Percent(times.User + times.Nice), Percent(times.System), Percent(times.Irq), Percent(times.Softirq), Percent(times.Iowait), Percent(times.Steal));
        string[] figures =
        [
            Figures.Percent(Percent(times.User + times.Nice)), Figures.Percent(Percent(times.System)), Figures.Percent(Percent(times.Irq)),
            Figures.Percent(Percent(times.Softirq)), Figures.Percent(Percent(times.Idle)), Figures.Count((long)(times.Total / TicksPerSecond)),
        ];
        columns.AddRow([new Spectre.Console.Text(label), TimeBar.Of(parts, BarWidth), .. figures.Select(figure => new Spectre.Console.Text(figure))]);
    }
}
