using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>The interrupts of a run: a row for each line that came, then the local APIC's own vectors.</summary>
internal static class InterruptsPart
{
    private const int LinesShown = 40;
    private const int LongestName = 28;

    public static void Write(Page page, RunReport report)
    {
        page.Heading("interrupts" + Heat.Note(report.Cpus.Count));
        Grid columns = ColumnText.Of("", "handlers", "controller", "flow", "to CPU", ">interrupts", ">rate", "by CPU");
        List<InterruptReport> came = [.. report.Interrupts.Where(line => line.Total > 0)];
        foreach (InterruptReport line in came.Take(LinesShown))
        {
            columns.Add(
                $"{line.Irq}:",
                Short(line.Name),
                Short(line.Chip),
                line.Flow,
                line.EffectiveAffinity,
                Figures.Count(line.Total),
                Rate(report, line.Total),
                Heat.Grouped(line.PerCpu));
        }

        foreach (SystemVectorReport row in report.SystemVectors)
        {
            long total = row.PerCpu.Sum();
            columns.Add($"{row.Name}:", "", "local APIC", "", "", Figures.Count(total), Rate(report, total), Heat.Grouped(row.PerCpu));
        }

        page.Write(columns);
        if (came.Count > LinesShown)
            page.Line($"  {Figures.Plural(came.Count - LinesShown, "more line")} that came {Figures.Count(came.Skip(LinesShown).Sum(line => line.Total))} times", Look.Faint);
        if (report.Interrupts.Count > came.Count)
            page.Line($"  {Figures.Plural(report.Interrupts.Count - came.Count, "line")} that never came", Look.Faint);
    }

    private static string Rate(RunReport report, long count) => Figures.Rate(report.SimulatedS > 0 ? count / report.SimulatedS : 0);

    private static string Short(string text) => text.Length <= LongestName ? text : text[..(LongestName - 1)] + "…";
}
