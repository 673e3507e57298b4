using System.Globalization;
using Spectre.Console;
using Tophalf.Advisor;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>What a command changes, side by side: latency, loss, interrupts and CPU time, and how hot each core runs.</summary>
internal static class ComparisonPage
{
    /// <summary>From here on "ten times" reads better than "+900 %".</summary>
    private const double FactorFrom = 10;

    private const int MostGlyphs = 64;

    public static void Write(Page page, Comparison comparison, string? followed)
    {
        foreach ((DeviceReport before, DeviceReport after) in comparison.Devices.Where(pair => IsActive(pair.Base) || IsActive(pair.Changed)))
            WriteDevice(page, comparison, before, after);
        WriteCpus(page, comparison);
        WriteHeat(page, comparison);
        if (followed != null)
        {
            HopsPart.Write(page, $"{followed}, base", comparison.Base.Hops, comparison.Base.Followed);
            HopsPart.Write(page, $"{followed}, changed", comparison.Changed.Hops, comparison.Changed.Followed);
        }

        IReadOnlyList<Finding> foundBefore = comparison.BaseRun.Findings, foundAfter = comparison.ChangedRun.Findings;
        string[] gone = [.. foundBefore.Select(finding => finding.Id).Except(foundAfter.Select(finding => finding.Id))];
        FindingsPart.Write(page, "findings after the change", foundAfter);
        if (gone.Length > 0)
            page.Line($"  gone: {string.Join(", ", gone)}");
        page.Line();
        page.Line(RunPage.Footer(comparison.Changed with { WallS = comparison.Base.WallS + comparison.Changed.WallS }) + ", twice");
    }

    private static bool IsActive(DeviceReport device) => device.Interrupts + device.Offered > 0;

    private static void WriteDevice(Page page, Comparison comparison, DeviceReport before, DeviceReport after)
    {
        Grid columns = Start(page, $"{before.Name} ({before.Model})");
        if (before.Latency.Count + after.Latency.Count > 0)
        {
            Latency(columns, "latency p50", before.Latency.P50, after.Latency.P50);
            Latency(columns, "latency p99", before.Latency.P99, after.Latency.P99);
            Latency(columns, "latency p99.9", before.Latency.P999, after.Latency.P999);
            Latency(columns, "latency max", before.Latency.Max, after.Latency.Max);
        }

        if (before.Offered + after.Offered > 0)
        {
            Count(columns, "delivered", before.Delivered, after.Delivered);
            Count(columns, "dropped at the ring", before.RxDropped, after.RxDropped);
            Count(columns, "dropped at the socket", before.SocketDropped, after.SocketDropped);
        }

        Row(columns, "interrupts", Comparison.PerSecond(comparison.Base, before.Interrupts), Comparison.PerSecond(comparison.Changed, after.Interrupts), Figures.Rate);
        if (before.RxPackets + after.RxPackets > 0)
            Row(columns, "received per interrupt", Comparison.PacketsPerInterrupt(before), Comparison.PacketsPerInterrupt(after), Fixed1);
        page.Write(columns);
    }

    private static void WriteCpus(Page page, Comparison comparison)
    {
        Grid columns = Start(page, $"CPU time, in cores of {comparison.Base.Cpus.Count}");
        foreach (((string cls, double before), (_, double after)) in Comparison.Cores(comparison.Base).Zip(Comparison.Cores(comparison.Changed)))
            columns.Add(cls, Cores(before), Cores(after), (after >= before ? "+" : "-") + Cores(Math.Abs(after - before)));
        page.Write(columns);
    }

    private static void WriteHeat(Page page, Comparison comparison)
    {
        page.Heading("heat of the cores: busy, from CPU 0" + Heat.Note(comparison.Base.Cpus.Count, MostGlyphs));
        page.Item("base   ", HeatOf(comparison.Base));
        page.Item("changed", HeatOf(comparison.Changed));
    }

    private static string HeatOf(RunReport report) => Heat.Of(Heat.Grouped(report.Cpus.Select(cpu => 1 - (cpu.IdlePct + cpu.IowaitPct) / 100), report.Cpus.Count, MostGlyphs));

    private static Grid Start(Page page, string heading)
    {
        page.Heading(heading);
        return ColumnText.Of("", ">base", ">changed", ">difference");
    }

    private static void Latency(Grid columns, string name, double beforeUs, double afterUs) => Row(columns, name, beforeUs, afterUs, Figures.Latency);

    private static void Count(Grid columns, string name, long before, long after) => Row(columns, name, before, after, count => Figures.Count((long)count));

    private static void Row(Grid columns, string name, double before, double after, Func<double, string> format) =>
        columns.Add(name, format(before), format(after), Difference(before, after, format));

    /// <summary>"+12.5 %", "× 31", "÷ 31"; where one side is zero the amount itself.</summary>
    private static string Difference(double before, double after, Func<double, string> format)
    {
        if (before == after)
            return "=";
        if (before <= 0 || after <= 0)
            return (after > before ? "+" : "-") + format(Math.Abs(after - before));
        double factor = after / before;
        if (factor >= FactorFrom)
            return $"× {Significant(factor)}";
        return factor <= 1 / FactorFrom
            ? $"÷ {Significant(1 / factor)}"
            : (100 * (factor - 1)).ToString("+0.0;-0.0", CultureInfo.InvariantCulture) + " %";
    }

    private static string Significant(double factor) => factor.ToString(factor >= 100 ? "N0" : "0.0", CultureInfo.InvariantCulture);

    private static string Fixed1(double value) => value.ToString("N1", CultureInfo.InvariantCulture);

    private static string Cores(double cores) => cores.ToString("0.000", CultureInfo.InvariantCulture);
}
