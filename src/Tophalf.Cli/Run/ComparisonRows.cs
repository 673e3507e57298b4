using System.Globalization;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>A table of figures of two runs with the difference between them, under a heading.</summary>
internal sealed class ComparisonRows
{
    /// <summary>From here on "ten times" reads better than "+900 %".</summary>
    private const double FactorFrom = 10;

    private readonly Page _page;
    private readonly Grid _columns = ColumnText.Of("", ">base", ">changed", ">difference");

    public ComparisonRows(Page page, string heading)
    {
        _page = page;
        page.Heading(heading);
    }

    public void Write() => _page.Write(_columns);

    /// <summary>Four rows; "none" on the side where nothing was measured, and nothing at all where neither side has any.</summary>
    public void Latencies(string name, LatencyReport before, LatencyReport after)
    {
        if (before.Count + after.Count == 0)
            return;
        Latency($"{name} p50", latency => latency.P50);
        Latency($"{name} p99", latency => latency.P99);
        Latency($"{name} p99.9", latency => latency.P999);
        Latency($"{name} max", latency => latency.Max);

        void Latency(string row, Func<LatencyReport, double> of)
        {
            if (before.Count > 0 && after.Count > 0)
                Row(row, of(before), of(after), Figures.Latency);
            else
                _columns.Add(row, before.Count > 0 ? Figures.Latency(of(before)) : "none", after.Count > 0 ? Figures.Latency(of(after)) : "none", "");
        }
    }

    public void Count(string name, long before, long after) => Row(name, before, after, count => Figures.Count((long)count));

    public void CountIfAny(string name, long before, long after)
    {
        if (before + after > 0)
            Count(name, before, after);
    }

    public void Rate(string name, double before, double after) => Row(name, before, after, Figures.Rate);

    public void Percent(string name, double before, double after) => Row(name, before, after, Figures.Percent);

    public void Ratio(string name, double before, double after) => Row(name, before, after, ratio => ratio.ToString("N1", CultureInfo.InvariantCulture));

    /// <summary>Time in cores, whose difference is in cores too: a tenth of next to nothing is of no interest.</summary>
    public void Cores(string name, double before, double after) =>
        _columns.Add(name, Cores(before), Cores(after), (after >= before ? "+" : "-") + Cores(Math.Abs(after - before)));

    private void Row(string name, double before, double after, Func<double, string> format) =>
        _columns.Add(name, format(before), format(after), Difference(before, after, format));

    /// <summary>"+12.5 %", "× 31", "÷ 31"; where one side is zero the amount itself.</summary>
    private static string Difference(double before, double after, Func<double, string> format)
    {
        if (before == after)
            return "=";
        if (before <= 0 || after <= 0)
            return Sign(before, after) + format(Math.Abs(after - before));
        double factor = after / before;
        if (factor >= FactorFrom)
            return $"× {Significant(factor)}";
        return factor <= 1 / FactorFrom ? $"÷ {Significant(1 / factor)}" : Sign(before, after) + Figures.Percent(100 * Math.Abs(factor - 1));
    }

    private static string Sign(double before, double after) => after > before ? "+" : "-";

    private static string Significant(double factor) => factor.ToString(factor >= 100 ? "N0" : "0.0", CultureInfo.InvariantCulture);

    private static string Cores(double cores) => cores.ToString("0.000", CultureInfo.InvariantCulture);
}
