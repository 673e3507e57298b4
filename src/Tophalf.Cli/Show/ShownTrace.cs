using System.Collections.Immutable;
using System.Text.Json;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Cli.Show;

/// <summary>A trace of interrupt events: how often each handler ran, how long, where.</summary>
internal sealed class ShownTrace(TraceText trace) : Shown
{
    private const int RowsShown = 40;

    private readonly ImmutableArray<TraceRow> _rows = TraceSummary.Of(trace);

    public override string Kind => "trace";

    public override void Write(Page page, string name)
    {
        string tracer = trace.Tracer.Length > 0 ? $" of tracer {trace.Tracer}" : "";
        page.Line($"{name}: trace{tracer}, {Figures.Plural(trace.Events.Length, "event")} {Span()}, {Figures.Plural(trace.OtherLines, "other line")}", Look.Heading);
        page.Line();
        if (_rows.Length > 0)
            page.Write(Rows());
        if (_rows.Length > RowsShown)
            page.Line($"  {Figures.Plural(_rows.Length - RowsShown, "more row")}", Look.Faint);
        List<string> remarks = [];
        if (trace.Written is { } written && written > trace.Events.Length + trace.OtherLines)
            remarks.Add($"The buffer took {Figures.Count(written)} events and the text has {Figures.Count(trace.Events.Length)}: the older ones were overwritten, or the text was cut.");
        foreach (TraceRow row in _rows.Where(row => row.Unhandled > 0))
            remarks.Add($"{row.Name} did not know {Figures.Count(row.Unhandled)} of {Figures.Count(row.Entries)} interrupts of irq {row.Number}: another device shares its line, or nobody knows them.");
        if (remarks.Count == 0)
            return;
        page.Heading("remarks");
        page.Items(remarks.Select(remark => ("-", remark)));
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("tracer", trace.Tracer);
        json.WriteNumber("events", trace.Events.Length);
        json.WriteNumber("other_lines", trace.OtherLines);
        json.Objects("rows", _rows, row =>
        {
            json.WriteString("id", row.Kind);
            if (row.Number >= 0)
                json.WriteNumber("number", row.Number);
            json.WriteString("name", row.Name);
            json.WriteNumber("entries", row.Entries);
            json.WriteNumber("unhandled", row.Unhandled);
            json.WriteNumber("timed", row.Timed);
            json.WriteNumber("total_ns", row.TotalNs);
            json.WriteNumber("longest_ns", row.LongestNs);
            json.WriteNumber("delays", row.Delays);
            json.WriteNumber("delay_ns", row.DelayNs);
            json.WriteNumber("longest_delay_ns", row.LongestDelayNs);
            if (row.ShortestGapNs is { } gap)
                json.WriteNumber("shortest_gap_ns", gap);
            json.Array("cpus", row.Cpus, json.WriteNumberValue);
        });
        json.Objects("event_counts", Counted(), pair =>
        {
            json.WriteString("name", pair.Name);
            json.WriteNumber("count", pair.Count);
        });
    }

    private IEnumerable<(string Name, int Count)> Counted() =>
        trace.Events.CountBy(e => e.Name).Select(pair => (pair.Key, pair.Value)).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal);

    private Grid Rows()
    {
        Grid columns = ColumnText.Of("", "", ">times", ">unhandled", ">mean", ">longest", ">softirq after", ">shortest gap", "CPUs");
        foreach (TraceRow row in _rows.Take(RowsShown))
        {
            columns.Add(
                row.Kind == "vector" ? "vector" : $"{row.Kind} {row.Number}",
                row.Name,
                Figures.Count(row.Entries),
                row.Kind == "irq" ? Figures.Count(row.Unhandled) : "",
                row.Timed > 0 ? Duration(row.TotalNs / row.Timed) : "-",
                row.Timed > 0 ? Duration(row.LongestNs) : "-",
                row.Delays > 0 ? Duration(row.DelayNs / row.Delays) : "-",
                row.ShortestGapNs is { } gap ? Duration(gap) : "-",
                row.Cpus.ToList());
        }
        return columns;
    }

    private string Span()
    {
        long[] times = [.. trace.Events.Select(e => e.AtNs).OfType<long>()];
        return times.Length > 1 ? $"in {Duration(times.Max() - times.Min())}" : "without times";
    }

    /// <summary>Traces of strangers may span more than a long of picoseconds holds.</summary>
    private static string Duration(long ns) => ns < long.MaxValue / SimTime.Nanosecond ? SimTime.Format(ns * SimTime.Nanosecond) : $"{ns / 1_000_000_000} s";
}
