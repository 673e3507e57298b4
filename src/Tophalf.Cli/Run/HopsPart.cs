using System.Globalization;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Hardware;
using Tophalf.Simulation;

namespace Tophalf.Cli.Run;

/// <summary>The way of one interrupt, hop by hop, with what each hop cost and how long it has been since the device raised.</summary>
internal static class HopsPart
{
    /// <summary>How the entry code's hop begins: from there on a handler can run.</summary>
    private const string KernelEntered = "registers saved";

    public static void Write(Page page, string followed, IReadOnlyList<Hop> hops)
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
        if (ToHandlerPs(hops) is { } toHandlerPs)
            page.Line($"  device to handler: {Decimal(toHandlerPs, SimTime.Nanosecond, "#,0.###")} ns");
    }

    /// <summary>From the device's raising to the end of the kernel's entry code, in picoseconds; null when it did not get so far.</summary>
    public static long? ToHandlerPs(IReadOnlyList<Hop> hops)
    {
        int entered = hops.ToList().FindIndex(hop => hop.What.StartsWith(KernelEntered, StringComparison.Ordinal));
        return entered < 0 ? null : hops[entered].AtPs - hops[0].AtPs;
    }

    private static string Decimal(long ps, long unitPs, string format) => ((decimal)ps / unitPs).ToString(format, CultureInfo.InvariantCulture);
}
