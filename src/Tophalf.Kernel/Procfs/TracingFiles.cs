using System.Text;
using Tophalf.Kernel.Tracing;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Procfs;

/// <summary>tracefs: how tracepoints are switched on and what they recorded is read (kernel/trace/trace.c, trace_events.c; Documentation/trace/ftrace.rst).</summary>
internal sealed class TracingFiles(Kernel kernel)
{
    public const string MountPoint = "/sys/kernel/tracing";

    /// <summary>Of a buffer nobody has used yet: two pages.</summary>
    private const int UnusedKilobytes = 7;

    private const int FewestKilobytes = 1, MostKilobytes = 1 << 20;

    private readonly KernelProfile _profile = new(kernel.Options.Release);

    private Tracer Tracer => kernel.Tracer;
    private int PerCpuKilobytes => TraceBuffer.RoundedKilobytes(Tracer.BufferKilobytes);
    private IReadOnlyList<Tracepoint> All => Tracer.Events.All;

    public Directory Tree() => Directory.Of(
        ("available_events", new File(() => Lines(All))),
        ("available_tracers", new File(() => "nop\n")),
        ("buffer_size_kb", new File(() => Tracer.IsExpanded ? $"{PerCpuKilobytes}\n" : $"{UnusedKilobytes} (expanded: {Tracer.BufferKilobytes})\n", Resize)),
        ("buffer_total_size_kb", new File(() => Tracer.IsExpanded ? $"{PerCpuKilobytes * kernel.CpuCount}\n"
            : $"{UnusedKilobytes * kernel.CpuCount} (expanded: {Tracer.BufferKilobytes * kernel.CpuCount})\n")),
        ("current_tracer", new File(() => "nop\n", text => text.Trim() == "nop" ? Errno.None : Errno.EINVAL)),
        ("events", Events()),
        ("options", Directory.Of(("overwrite", Bit(() => Tracer.Overwrites, on => Tracer.Overwrites = on)))),
        ("per_cpu", new Directory(() => kernel.Cpus.Select(cpu => $"cpu{cpu.Id}"),
            name => kernel.Cpus.FirstOrDefault(cpu => name == $"cpu{cpu.Id}") is { } cpu ? PerCpu(cpu.Id) : null)),
        ("set_event", new File(() => Lines(All.Where(traced => traced.IsEnabled)), SetEvents) { Truncate = () => EnableAll(All, on: false) }),
        ("trace", new File(() => Settled(() => TraceListing.Trace(kernel, Tracer.Buffers)), _ => Errno.None) { Truncate = () => Settle(Tracer.Reset) }),
        ("trace_clock", new File(() => "[local]\n")),
        ("trace_pipe", new File(() => Settled(() => TraceListing.Pipe(Tracer.Buffers)))),
        ("tracing_on", Bit(() => Tracer.IsOn, on => Tracer.IsOn = on)));

    private static string Lines(IEnumerable<Tracepoint> events) => string.Concat(events.Select(traced => $"{traced.System}:{traced.Name}\n"));

    /// <summary>What work under way has done by now is in the buffers.</summary>
    private string Settled(Func<string> read)
    {
        kernel.Sync();
        return read();
    }

    private void Settle(Action action)
    {
        kernel.Sync();
        action();
    }

    /// <summary>buffer_size_kb: a number of at least one.</summary>
    private Errno Resize(string text)
    {
        if (!long.TryParse(text.Trim(), out long kilobytes) || kilobytes < FewestKilobytes) return Errno.EINVAL;
        if (kilobytes > MostKilobytes) return Errno.ENOMEM;
        Tracer.Resize((int)kilobytes);
        return Errno.None;
    }

    /// <summary>A number of which zero is off and anything else on.</summary>
    private static File Bit(Func<bool> get, Action<bool> set) => new(() => get() ? "1\n" : "0\n", text =>
    {
        if (!ulong.TryParse(text.Trim(), out ulong value)) return Errno.EINVAL;
        set(value != 0);
        return Errno.None;
    });

    private Directory PerCpu(int cpu) => Directory.Of(
        ("stats", new File(() => Settled(() => Statistics(Tracer.Buffers[cpu])))),
        ("trace", new File(() => Settled(() => TraceListing.Trace(kernel, [Tracer.Buffers[cpu]])))));

    private string Statistics(TraceBuffer buffer)
    {
        static string Seconds(long ps) => $"{ps / SimTime.Second,5}.{ps % SimTime.Second / SimTime.Microsecond:d6}";
        return new StringBuilder()
            .Append($"entries: {buffer.Entries}\noverrun: {buffer.Overrun}\ncommit overrun: 0\nbytes: {buffer.Bytes}\n")
            .Append($"oldest event ts: {Seconds(buffer.OldestPs)}\nnow ts: {Seconds(kernel.Events.NowPs)}\n")
            .Append($"dropped events: {buffer.Dropped}\nread events: {buffer.ReadEvents}\n").ToString();
    }

    // ---- events ----------------------------------------------------------------------------------------------------------------

    private Directory Events()
    {
        var systems = All.GroupBy(traced => traced.System).ToDictionary(group => group.Key, group => (IReadOnlyList<Tracepoint>)[.. group]);
        return new Directory(
            () => systems.Keys.Append("enable"),
            name => name == "enable" ? Enable(All) : systems.TryGetValue(name, out IReadOnlyList<Tracepoint>? events) ? System(events) : null);
    }

    private Directory System(IReadOnlyList<Tracepoint> events) => new(
        () => events.Select(traced => traced.Name).Append("enable"),
        name => name == "enable" ? Enable(events) : events.FirstOrDefault(traced => traced.Name == name) is { } found ? Event(found) : null);

    private Directory Event(Tracepoint traced) => Directory.Of(
        ("enable", Enable([traced])),
        ("format", new File(() => traced.Format(_profile))),
        ("id", new File(() => traced.Id + "\n")));

    /// <summary>0 when all are off, 1 when all are on, X otherwise.</summary>
    private File Enable(IReadOnlyList<Tracepoint> events) => new(
        () => events.All(traced => traced.IsEnabled) ? "1\n" : events.Any(traced => traced.IsEnabled) ? "X\n" : "0\n",
        text =>
        {
            string word = text.Trim();
            if (word is not ("0" or "1")) return Errno.EINVAL;
            EnableAll(events, word == "1");
            return Errno.None;
        });

    private void EnableAll(IEnumerable<Tracepoint> events, bool on)
    {
        foreach (Tracepoint traced in events) Tracer.Enable(traced, on);
    }

    /// <summary>Words of [!]SYSTEM:EVENT, SYSTEM:, SYSTEM:*, SYSTEM or EVENT; EINVAL for the first that names nothing, what stands before it having been done.</summary>
    private Errno SetEvents(string text)
    {
        foreach (string word in text.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            bool on = word[0] != '!';
            string[] parts = (on ? word : word[1..]).Split(':', 2);
            static bool Fits(string wanted, string name) => wanted is "" or "*" || wanted == name;
            Tracepoint[] named = parts.Length == 1
                ? [.. All.Where(traced => traced.System == parts[0] || traced.Name == parts[0])]
                : [.. All.Where(traced => Fits(parts[0], traced.System) && Fits(parts[1], traced.Name))];
            if (named.Length == 0) return Errno.EINVAL;
            EnableAll(named, on);
        }
        return Errno.None;
    }
}
