using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>How one handler, softirq or system vector fared in a trace.</summary>
/// <param name="Kind">irq, softirq or vector.</param>
/// <param name="Number">Interrupt or softirq number; −1 for vectors, which have a name.</param>
/// <param name="Entries">How often it began.</param>
/// <param name="Unhandled">Handlers that returned IRQ_NONE.</param>
/// <param name="Timed">How many have a beginning and an end in the trace.</param>
/// <param name="TotalNs">Time of those together.</param>
/// <param name="ShortestGapNs">Between two beginnings on one CPU; null below two.</param>
/// <param name="Cpus">CPUs it ran on.</param>
/// <param name="Delays">Softirqs raised and begun in the trace: for a softirq its own, for an interrupt those its handler raised.</param>
/// <param name="DelayNs">Time from raise to begin, of those together. What is raised again before it began waits since the first raise.</param>
public sealed record TraceRow(
    string Kind, int Number, string Name, long Entries, long Unhandled, long Timed, long TotalNs, long LongestNs, long? ShortestGapNs, CpuMask Cpus,
    long Delays, long DelayNs, long LongestDelayNs)
{
    /// <summary>Mean time of one; null when none has a beginning and an end.</summary>
    public double? MeanNs => Timed > 0 ? (double)TotalNs / Timed : null;

    /// <summary>Mean time from raise to begin; null when none was seen.</summary>
    public double? MeanDelayNs => Delays > 0 ? (double)DelayNs / Delays : null;
}

/// <summary>A trace's handlers, softirqs and system vectors: how often, how long, where.</summary>
public static class TraceSummary
{
    private const string Entry = "_entry", Exit = "_exit";

    /// <summary>Longest total time first. An exit without an entry, as at the beginning of a buffer, counts as nothing.</summary>
    public static ImmutableArray<TraceRow> Of(TraceText trace)
    {
        Dictionary<(string, int, string), Tally> tallies = [];
        Dictionary<(int Cpu, string Kind, int Number, string Vector), (Tally Tally, long? AtNs)> open = [];
        Dictionary<(int Cpu, int Vector), (long? AtNs, Tally? Handler)> raised = [];
        Dictionary<int, Tally> handlers = [];
        foreach (TraceEvent e in trace.Events)
        {
            if (e.Name == "softirq_raise")
            {
                raised.TryAdd((e.Cpu, e.Number ?? -1), (e.AtNs, handlers.GetValueOrDefault(e.Cpu)));
                continue;
            }
            bool isEntry = e.Name.EndsWith(Entry, StringComparison.Ordinal);
            if (!isEntry && !e.Name.EndsWith(Exit, StringComparison.Ordinal))
                continue;
            (string kind, int number, string name) = Identify(e, e.Name[..^(isEntry ? Entry : Exit).Length]);
            string vector = kind == "vector" ? name : "";
            if (isEntry)
            {
                if (!tallies.TryGetValue((kind, number, name), out Tally? tally))
                    tallies[(kind, number, name)] = tally = new Tally();
                tally.Begin(e.Cpu, e.AtNs);
                open[(e.Cpu, kind, number, vector)] = (tally, e.AtNs);
                if (kind == "irq")
                    handlers[e.Cpu] = tally;
                if (kind == "softirq" && raised.Remove((e.Cpu, number), out (long? AtNs, Tally? Handler) raise))
                {
                    tally.Waited(raise.AtNs, e.AtNs);
                    raise.Handler?.Waited(raise.AtNs, e.AtNs);
                }
            }
            else if (open.Remove((e.Cpu, kind, number, vector), out (Tally Tally, long? AtNs) begun))
            {
                begun.Tally.End(begun.AtNs, e.AtNs, e.Word("ret=") is "unhandled");
                if (kind == "irq")
                    handlers.Remove(e.Cpu);
            }
        }
        return [.. tallies.Select(pair => pair.Value.Row(pair.Key)).OrderByDescending(row => row.TotalNs).ThenByDescending(row => row.Entries)
            .ThenBy(row => row.Number).ThenBy(row => row.Name, StringComparer.Ordinal)];
    }

    private static (string Kind, int Number, string Name) Identify(TraceEvent e, string stem) => stem switch
    {
        "irq_handler" => ("irq", e.Number ?? -1, HandlerName(e.Details)),
        "softirq" => ("softirq", e.Number ?? -1, e.Word("[action=").TrimEnd(']').ToString()),
        _ => ("vector", -1, stem),
    };

    /// <summary>The last field of the event, so it may have blanks.</summary>
    private static string HandlerName(string details) => details.IndexOf("name=", StringComparison.Ordinal) is >= 0 and var at ? details[(at + 5)..] : "";

    private sealed class Tally
    {
        private readonly Dictionary<int, long> _lastBegin = [];
        private long _entries, _unhandled, _timed, _totalNs, _longestNs, _delays, _delayNs, _longestDelayNs;
        private long? _shortestGapNs;

        public void Begin(int cpu, long? atNs)
        {
            _entries++;
            if (atNs is not { } at)
            {
                _lastBegin.TryAdd(cpu, 0);
                return;
            }
            if (_lastBegin.TryGetValue(cpu, out long last) && at >= last)
                _shortestGapNs = Math.Min(_shortestGapNs ?? long.MaxValue, at - last);
            _lastBegin[cpu] = at;
        }

        public void End(long? begunNs, long? endedNs, bool isUnhandled)
        {
            if (isUnhandled)
                _unhandled++;
            if (begunNs is not { } begun || endedNs is not { } ended || ended < begun)
                return;
            _timed++;
            _totalNs = unchecked(_totalNs + ended - begun);
            _longestNs = Math.Max(_longestNs, ended - begun);
        }

        public void Waited(long? raisedNs, long? begunNs)
        {
            if (raisedNs is not { } raised || begunNs is not { } begun || begun < raised)
                return;
            _delays++;
            _delayNs = unchecked(_delayNs + begun - raised);
            _longestDelayNs = Math.Max(_longestDelayNs, begun - raised);
        }

        public TraceRow Row((string Kind, int Number, string Name) key) => new(
            key.Kind, key.Number, key.Name, _entries, _unhandled, _timed, _totalNs, _longestNs, _shortestGapNs, CpuMask.Of([.. _lastBegin.Keys]),
            _delays, _delayNs, _longestDelayNs);
    }
}
