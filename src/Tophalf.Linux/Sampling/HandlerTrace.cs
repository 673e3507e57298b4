using System.Collections.Immutable;

namespace Tophalf.Linux.Sampling;

/// <summary>How long the handlers of an interrupt ran in a trace.</summary>
/// <param name="MeanNs">All handlers of the line, per interrupt.</param>
/// <param name="LongestNs">The longest run of one handler.</param>
/// <param name="Count">Interrupts traced from begin to end.</param>
/// <param name="SoftirqDelayNs">From the raise of a softirq in the handler to its begin, in the mean; null where none was raised.</param>
public readonly record struct HandlerTime(long Count, double MeanNs, long LongestNs, double? SoftirqDelayNs);

/// <summary>
/// Traces handlers and softirqs between readings. Where the kernel has no softirq events, handler times remain; where tracing is not permitted,
/// <see cref="WhyNot"/> says why. When the buffer is too small for what comes, the figures are those of the latest events.
/// </summary>
public sealed class HandlerTrace(ILinuxMachine machine) : IDisposable
{
    private static readonly string[] s_events = ["irq/irq_handler_entry", "irq/irq_handler_exit", "irq/softirq_raise", "irq/softirq_entry", "irq/softirq_exit"];

    private TraceInstance? _instance;
    private Dictionary<int, HandlerTime> _times = [];
    private long _startedNs;

    /// <summary>Why nothing is traced; null while it is.</summary>
    public TraceRefusal? WhyNot { get; private set; }

    /// <summary>Softirqs seen, those that took longest in all first.</summary>
    public ImmutableArray<TraceRow> Softirqs { get; private set; } = [];

    /// <summary>Whether the kernel tells of softirqs.</summary>
    public bool HasSoftirqs { get; private set; }

    /// <summary>False where the kernel has one buffer for all, which nobody else used when tracing began.</summary>
    public bool HasOwnBuffer { get; private set; } = true;

    /// <summary>Events in the last window.</summary>
    public long Events { get; private set; }

    /// <summary>Of which so many were overwritten before they were read.</summary>
    public long Lost { get; private set; }

    /// <summary>Time that was traced.</summary>
    public long WindowNs { get; private set; }

    /// <summary>Time in which nothing was traced, because the buffer was read.</summary>
    public long ReadNs { get; private set; }

    /// <summary>What one event costs the machine, measured when tracing began; null when it is lost in the noise or cannot be measured.</summary>
    public double? EventNs { get; private set; }

    /// <summary>Begins to trace, after a measurement of what that costs.</summary>
    public void Begin() => Try(() =>
    {
        _instance = TraceInstance.Create(machine, "tophalf-top", s_events, out TraceRefusal refusal);
        if (_instance is null)
        {
            WhyNot = refusal;
            return;
        }
        HasSoftirqs = _instance.Has("irq/softirq_raise");
        _instance.Start();
        HasOwnBuffer = _instance.IsOwn;
        EventNs = _instance.Marker is { } marker ? MeasureEvent(marker) : null;
        _instance.Stop();
        _instance.Clear();
        _instance.Start();
        _startedNs = machine.NowNs;
    });

    /// <summary>Takes in what was traced since the last time.</summary>
    public void Refresh() => Try(() =>
    {
        if (_instance is null)
            return;
        _instance.Stop();
        long stoppedNs = machine.NowNs;
        WindowNs = Math.Max(1, stoppedNs - _startedNs);
        Take(_instance.Read());
        _instance.Clear();
        _instance.Start();
        _startedNs = machine.NowNs;
        ReadNs = _startedNs - stoppedNs;
    });

    /// <summary>Null where no handler of the interrupt was seen from begin to end.</summary>
    public HandlerTime? OfIrq(int irq) => _times.TryGetValue(irq, out HandlerTime time) ? time : null;

    public void Dispose() => _instance?.Dispose();

    private void Take(string text)
    {
        _times = [];
        Softirqs = [];
        (Events, Lost) = (0, 0);
        // A buffer in which nothing is has a header alone.
        if (TraceText.IsEmpty(text))
            return;
        TraceText trace = TraceText.Parse(text);
        Events = trace.Written ?? trace.Events.Length;
        Lost = Math.Max(0, Events - trace.Events.Length);
        ImmutableArray<TraceRow> rows = TraceSummary.Of(trace);
        Softirqs = [.. rows.Where(row => row.Kind == "softirq")];
        foreach (IGrouping<int, TraceRow> line in rows.Where(row => row.Kind == "irq" && row.Timed > 0).GroupBy(row => row.Number))
        {
            long delays = line.Sum(row => row.Delays);
            _times[line.Key] = new HandlerTime(
                line.Max(row => row.Timed), line.Sum(row => row.MeanNs ?? 0), line.Max(row => row.LongestNs), delays > 0 ? (double)line.Sum(row => row.DelayNs) / delays : null);
        }
    }

    /// <summary>
    /// The same shell loop writes to /dev/null and to the trace: what the latter takes longer is the cost of events. It holds the copy from user space, so
    /// an event of the kernel costs rather less.
    /// </summary>
    private double? MeasureEvent(string marker)
    {
        const int Events = 5000, Rounds = 3;
        (long nothingNs, long eventsNs) = (long.MaxValue, long.MaxValue);
        for (int round = 0; round < Rounds; round++)
        {
            nothingNs = Math.Min(nothingNs, Loop("/dev/null"));
            eventsNs = Math.Min(eventsNs, Loop(marker));
        }
        return eventsNs > nothingNs ? (double)(eventsNs - nothingNs) / Events : null;

        long Loop(string file)
        {
            long startedNs = machine.NowNs;
            machine.Run($"i=0; while [ $i -lt {Events} ]; do i=$((i+1)); echo x; done > {file}");
            return machine.NowNs - startedNs;
        }
    }

    private void Try(Action action)
    {
        if (WhyNot is not null)
            return;
        try
        {
            action();
        }
        catch (LinuxException exception)
        {
            WhyNot = new TraceRefusal(exception.Errno.Text(), "run it as root on the host");
        }
        catch (ReaderException exception)
        {
            WhyNot = new TraceRefusal(exception.Problem, "show the file trace of tracefs");
        }
    }
}
