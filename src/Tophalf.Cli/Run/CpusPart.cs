using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>Where the CPUs' time went: one stacked bar each.</summary>
internal static class CpusPart
{
    private const int CpusShown = 32;
    private const int BarWidth = 40;

    public static void Write(Page page, RunReport report)
    {
        page.Heading("CPUs");
        page.Line("  " + TimeBar.Legend, Look.Faint);
        Grid columns = ColumnText.Of("", "", ">user", ">system", ">hardirq", ">softirq", ">idle", ">packets");
        foreach (CpuReport cpu in report.Cpus.OrderBy(cpu => cpu.IdlePct + cpu.IowaitPct).Take(CpusShown).OrderBy(cpu => cpu.Cpu))
        {
            TimeBar.Part[] parts = TimeBar.Parts(cpu.UserPct + cpu.NicePct, cpu.SystemPct, cpu.HardirqPct, cpu.SoftirqPct, cpu.IowaitPct);
            string[] figures =
            [
                Figures.Percent(cpu.UserPct + cpu.NicePct), Figures.Percent(cpu.SystemPct), Figures.Percent(cpu.HardirqPct),
                Figures.Percent(cpu.SoftirqPct), Figures.Percent(cpu.IdlePct), Figures.Count(cpu.SoftnetProcessed),
            ];
            columns.AddRow([new Spectre.Console.Text($"CPU{cpu.Cpu}"), TimeBar.Of(parts, BarWidth), .. figures.Select(figure => new Spectre.Console.Text(figure))]);
        }

        page.Write(columns);
        if (report.Cpus.Count > CpusShown)
            page.Line($"  {Figures.Plural(report.Cpus.Count - CpusShown, "CPU")} less busy", Look.Faint);
    }
}
