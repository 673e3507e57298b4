using System.Globalization;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Hardware;
using Tophalf.Simulation;

namespace Tophalf.Cli.Run;

/// <summary>The way of one interrupt, hop by hop, with what each hop cost and how long it has been since the device raised.</summary>
internal static class HopsPart
{
    /// <param name="page">Where to.</param>
    /// <param name="followed">What was asked for.</param>
    /// <param name="hops">The stops, from the device on.</param>
    /// <param name="summary">The moments latency is measured between; null when no handler was reached.</param>
    public static void Write(Page page, string followed, IReadOnlyList<Hop> hops, HopSummary? summary)
    {
        if (hops.Count == 0)
        {
            page.Heading($"followed {followed}: no interrupt came");
            return;
        }

        page.Heading($"followed {followed}");
        Grid columns = ColumnText.Of(">time us", "place", ">cost ns", ">total ns", "what");
        foreach (Hop hop in hops)
        {
            columns.Add(
                Decimal(hop.AtPs, SimTime.Microsecond, "N3"), hop.Place, hop.CostPs == 0 ? "" : Decimal(hop.CostPs, SimTime.Nanosecond, "#,0.###"),
                Decimal(hop.AtPs - hops[0].AtPs, SimTime.Nanosecond, "#,0.###"), hop.What);
        }

        page.Write(columns.WrapLast());
        if (summary is not { } moments)
            return;
        page.Line($"  device to handler: {Nanoseconds(moments.KernelEntryPs - moments.RaisedPs)} to the kernel's interrupt code, "
            + $"{Nanoseconds(moments.HandlerEntryPs - moments.RaisedPs)} to the driver's handler");
    }

    private static string Nanoseconds(long ps) => $"{Decimal(ps, SimTime.Nanosecond, "#,0.###")} ns";

    private static string Decimal(long ps, long unitPs, string format) => ((decimal)ps / unitPs).ToString(format, CultureInfo.InvariantCulture);
}
