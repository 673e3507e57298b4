using System.Globalization;
using Spectre.Console;
using Tophalf.Advisor;
using Tophalf.Cli.Text;
using Tophalf.Twin.Host;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>A twin of this machine beside the machine itself: interrupts per second of every line and CPU, and where the CPUs' time went.</summary>
internal static class HostPage
{
    private const int RowsShown = 60;
    private const int CpusShown = 16;
    private const int BarWidth = 40;
    private const int LongestName = 32;

    public static void Write(Page page, HostObservation host, AdvisedRun run, string? followed)
    {
        RunReport twin = run.Report;
        page.Line($"host observed for {Figures.Duration(host.Seconds)}, Linux {host.Release}, {Figures.Plural(host.Cpus.Count, "CPU")}");
        WriteInterrupts(page, [.. HostRate.Of(host, twin)]);
        WriteCpus(page, host, twin);
        if (followed != null)
            HopsPart.Write(page, followed, twin.Hops, twin.Followed);
        FindingsPart.Write(page, "findings on the twin", run.Findings);
        page.Line();
        page.Line(RunPage.Footer(twin));
    }

    private static void WriteInterrupts(Page page, List<HostRate> rates)
    {
        page.Heading("interrupts per second");
        List<HostRate> shown = [.. rates.OrderByDescending(rate => Math.Max(rate.Host, rate.Twin)).Take(RowsShown)];
        Grid columns = ColumnText.Of("", "handlers", "", ">host", ">twin", ">twin/host");
        foreach (HostRate rate in rates.Where(shown.Contains))
            columns.Add($"{rate.Label}:", Short(rate.Name), $"CPU{rate.Cpu}", Fixed(rate.Host), Fixed(rate.Twin), rate.Ratio is { } ratio ? Fixed2(ratio) : "-");
        page.Write(columns);
        if (rates.Count > shown.Count)
            page.Line($"  {Figures.Plural(rates.Count - shown.Count, "rarer row")}", Look.Faint);
        page.Items(
        [
            ("host", $"{Fixed(rates.Sum(rate => rate.Host))} a second"),
            ("twin", $"{Fixed(rates.Sum(rate => rate.Twin))} a second"),
        ]);
    }

    private static void WriteCpus(Page page, HostObservation host, RunReport twin)
    {
        page.Heading("CPUs");
        page.Line("  " + TimeBar.Legend, Look.Faint);
        Grid columns = ColumnText.Of("", "", "", ">user", ">system", ">hardirq", ">softirq", ">idle");
        for (int i = 0; i < Math.Min(CpusShown, host.Cpus.Count); i++)
        {
            HostCpu cpu = host.CpuShares[i];
            AddRow(columns, $"CPU{host.Cpus[i]}", "host", [100 * cpu.User, 100 * cpu.System, 100 * cpu.Hardirq, 100 * cpu.Softirq], 100 * cpu.Iowait, 100 * cpu.Idle);
            CpuReport twinCpu = twin.Cpus[i];
            AddRow(
                columns, "", "twin", [twinCpu.UserPct + twinCpu.NicePct, twinCpu.SystemPct, twinCpu.HardirqPct, twinCpu.SoftirqPct], twinCpu.IowaitPct, twinCpu.IdlePct);
        }

        page.Write(columns);
        if (host.Cpus.Count > CpusShown)
            page.Line($"  {Figures.Plural(host.Cpus.Count - CpusShown, "more CPU")}", Look.Faint);
    }

    private static void AddRow(Grid columns, string cpu, string machine, double[] busyPct, double iowaitPct, double idlePct)
    {
        TimeBar.Part[] parts = TimeBar.Parts(busyPct[0], busyPct[1], busyPct[2], busyPct[3], iowaitPct);
        string[] figures = [.. busyPct.Append(idlePct).Select(Figures.Percent)];
        columns.AddRow(
            [new Spectre.Console.Text(cpu), new Spectre.Console.Text(machine), TimeBar.Of(parts, BarWidth), .. figures.Select(figure => new Spectre.Console.Text(figure))]);
    }

    private static string Fixed(double perSecond) => perSecond.ToString("N1", CultureInfo.InvariantCulture);

    private static string Fixed2(double ratio) => ratio.ToString("N2", CultureInfo.InvariantCulture);

    private static string Short(string text) => text.Length <= LongestName ? text : text[..(LongestName - 1)] + "…";
}
