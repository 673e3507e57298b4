using System.Text.Json;
using Tophalf.Cli.Text;
using Tophalf.Linux;
using Tophalf.Linux.Sampling;

namespace Tophalf.Cli.Top;

/// <summary>One moment of a machine for programs: counts in the time given, so that rates are theirs to work out.</summary>
internal static class TopJson
{
    private static readonly string[] s_classes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

    public static void Write(Utf8JsonWriter json, TopView view)
    {
        MachineSample sample = view.Sample;
        json.WriteStartObject();
        json.Number("seconds", sample.Seconds);
        if (sample.Interrupts is { } interrupts)
        {
            json.Array("cpus", interrupts.Cpus, json.WriteNumberValue);
            json.Array("interrupts", view.Rows(TopOrder.Number, int.MaxValue, withSilent: true), row => WriteRow(json, view, interrupts, row));
        }
        if (sample.Softirqs is { } softirqs)
        {
            json.Objects("softirqs", Enumerable.Range(0, softirqs.Rows), row =>
            {
                json.WriteString("id", softirqs.Labels[row]);
                json.Counts("per_cpu", view.PerCpu(softirqs, row).ToArray());
            });
        }
        if (sample.Stat is { } stat)
            json.Array("cpu_ticks", Enumerable.Range(0, stat.Cpus.Length), cpu => WriteCpu(json, stat.Cpus[cpu], (view.IsRate ? stat.Deltas : stat.Times).AsSpan(cpu * StatTable.Classes)));
        if (sample.Softnet is { } softnet && view.IsRate)
        {
            json.Objects("softnet", Enumerable.Range(0, softnet.Rows), row =>
            {
                json.WriteNumber("processed", softnet.Deltas[row * SoftnetTable.Counters]);
                json.WriteNumber("dropped", softnet.Deltas[row * SoftnetTable.Counters + 1]);
                json.WriteNumber("time_squeeze", softnet.Deltas[row * SoftnetTable.Counters + 2]);
            });
        }
        if (view.Trace is { } trace)
            WriteTrace(json, trace);
        json.Objects("unseen", view.Unseen, unseen =>
        {
            json.WriteString("path", unseen.Path);
            json.WriteString("why", unseen.Why);
        });
        json.WriteEndObject();
    }

    private static void WriteTrace(Utf8JsonWriter json, HandlerTrace trace)
    {
        json.WriteStartObject("trace");
        if (trace.WhyNot is { } whyNot)
        {
            json.WriteString("why_not", whyNot.Why);
            json.WriteString("try", whyNot.Remedy);
            json.WriteEndObject();
            return;
        }
        json.WriteNumber("window_ns", trace.WindowNs);
        json.WriteNumber("events", trace.Events);
        json.WriteNumber("lost", trace.Lost);
        if (trace.EventNs is { } eventNs)
            json.Number("event_ns", eventNs);
        json.WriteNumber("read_ns", trace.ReadNs);
        json.Objects("softirqs", trace.Softirqs, row =>
        {
            json.WriteString("id", row.Name);
            json.WriteNumber("entries", row.Entries);
            json.WriteNumber("total_ns", row.TotalNs);
            json.WriteNumber("delays", row.Delays);
            json.WriteNumber("delay_ns", row.DelayNs);
            json.WriteNumber("longest_delay_ns", row.LongestDelayNs);
        });
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, TopView view, CounterTable table, TopRow row)
    {
        json.WriteStartObject();
        json.WriteString("id", row.Label);
        json.Counts("per_cpu", view.PerCpu(table, row.Row).ToArray());
        json.WriteString("chip", row.Chip);
        json.WriteString("name", row.Name);
        if (view.TimeOf(row) is { } time)
        {
            json.WriteNumber("handlers_traced", time.Count);
            json.Number("handler_ns", time.MeanNs);
            json.WriteNumber("handler_longest_ns", time.LongestNs);
            if (time.SoftirqDelayNs is { } delayNs)
                json.Number("softirq_delay_ns", delayNs);
        }
        if (row.Place is { } place)
        {
            json.WriteString("device", place.Device);
            json.WriteString("driver", place.Driver);
            json.WriteString("queue", place.Queue);
            if (place.Node is { } node)
                json.WriteNumber("node", node);
            Mask("affinity", place.Affinity);
            Mask("effective_affinity", place.Effective);
            Mask("affinity_hint", place.Hint);
            if (place.IsManaged is { } managed)
                json.WriteBoolean("managed", managed);
            json.WriteString("thread", place.Thread);
        }
        json.WriteEndObject();

        void Mask(string name, CpuMask? mask) => json.WriteString(name, mask?.ToList());
    }

    private static void WriteCpu(Utf8JsonWriter json, int cpu, ReadOnlySpan<long> ticks)
    {
        json.WriteStartObject();
        json.WriteNumber("cpu", cpu);
        for (int cls = 0; cls < s_classes.Length; cls++)
            json.WriteNumber(s_classes[cls], ticks[cls]);
        json.WriteEndObject();
    }
}
