using System.Text;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Tracing;

/// <summary>The text of trace and trace_pipe (kernel/trace/trace.c, trace_output.c).</summary>
internal static class TraceListing
{
    private const string Heading = """
        #                                _-----=> irqs-off/BH-disabled
        #                               / _----=> need-resched
        #                              | / _---=> hardirq/softirq
        #                              || / _--=> preempt-depth
        #                              ||| / _-=> migrate-disable
        #                              |||| /     delay
        #           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
        #              | |         |   |||||     |         |

        """;

    public static string Trace(Kernel kernel, IReadOnlyList<TraceBuffer> buffers)
    {
        int entries = buffers.Sum(buffer => buffer.Entries);
        var text = new StringBuilder($"# tracer: nop\n#\n# entries-in-buffer/entries-written: {entries}/{entries + buffers.Sum(buffer => buffer.Overrun)}   #P:{kernel.OnlineMask.Count}\n#\n");
        text.Append(Heading);
        foreach (TraceRecord record in Merged(buffers)) Line(text, record);
        return text.ToString();
    }

    /// <summary>What there is, consumed. Who reads on in Linux waits for more; here the text ends.</summary>
    public static string Pipe(IReadOnlyList<TraceBuffer> buffers)
    {
        var text = new StringBuilder();
        var lines = Merged(buffers).ToList();
        for (int cpu = 0; cpu < buffers.Count; cpu++)
        {
            if (buffers[cpu].Consume() is var lost and > 0) text.Append($"CPU:{cpu} [LOST {lost} EVENTS]\n");
        }
        foreach (TraceRecord record in lines) Line(text, record);
        return text.ToString();
    }

    /// <summary>Always the oldest of the processors' next ones; the lower processor first on a tie.</summary>
    private static IEnumerable<TraceRecord> Merged(IReadOnlyList<TraceBuffer> buffers)
    {
        var readers = buffers.Select(buffer => buffer.Records.GetEnumerator()).Where(reader => reader.MoveNext()).ToList();
        while (readers.Count > 0)
        {
            IEnumerator<TraceRecord> oldest = readers.MinBy(reader => reader.Current.AtPs)!;
            yield return oldest.Current;
            if (!oldest.MoveNext()) readers.Remove(oldest);
        }
    }

    private static void Line(StringBuilder text, in TraceRecord record)
    {
        // Linux keeps nanoseconds and prints them rounded to microseconds.
        long us = (record.AtPs / SimTime.Nanosecond + 500) / 1000;
        text.Append($"{record.Comm,16}-{record.Pid,-7} [{record.Cpu:d3}] ").Append(Context(record));
        text.Append($" {us / 1_000_000,5}.{us % 1_000_000:d6}: {record.Event.Name}: {record.Event.Text(record)}\n");
    }

    /// <summary>trace_print_lat_fmt: interrupts, reschedule, context, preempt depth, migration.</summary>
    internal static string Context(in TraceRecord record)
    {
        TraceFlags flags = record.Flags;
        bool Has(TraceFlags flag) => (flags & flag) != 0;
        char irqs = Has(TraceFlags.IrqsOff) ? Has(TraceFlags.BhOff) ? 'D' : 'd' : Has(TraceFlags.BhOff) ? 'b' : '.';
        char resched = Has(TraceFlags.NeedResched) ? Has(TraceFlags.NeedReschedLazy) ? 'B' : 'N' : Has(TraceFlags.NeedReschedLazy) ? 'L' : '.';
        char context = Has(TraceFlags.Nmi) ? Has(TraceFlags.Hardirq) ? 'Z' : 'z'
            : Has(TraceFlags.Hardirq) ? Has(TraceFlags.Softirq) ? 'H' : 'h' : Has(TraceFlags.Softirq) ? 's' : '.';
        return $"{irqs}{resched}{context}{(record.PreemptDepth > 0 ? record.PreemptDepth.ToString("x") : ".")}.";
    }
}
