namespace Tophalf.Linux;

/// <summary>Why interrupts cannot be traced, and what would help.</summary>
public readonly record struct TraceRefusal(string Why, string Remedy);

/// <summary>
/// A trace buffer of our own below tracefs, so that nobody else's tracing is disturbed (Documentation/trace/ftrace.rst, instances). It is taken away again
/// when disposed of, and with it all that was switched on. A tracefs without instances has one buffer for all: where nobody uses it, it is used and then
/// left as it was.
/// </summary>
public sealed class TraceInstance : IDisposable
{
    private const string Tracefs = "/sys/kernel/tracing";

    /// <summary>Of all CPUs together. The text is about four times as long, which stays below what a reader takes in.</summary>
    private const int BuffersKb = 8192;

    /// <summary>The least a CPU gets, a few pages.</summary>
    private const int SmallestKb = 16;

    private readonly ILinuxMachine _machine;
    private readonly (string Kilobytes, bool IsOn)? _before;
    private readonly List<string> _enabled = [];
    private bool _isGone;

    /// <param name="before">What a buffer that is not our own was set to.</param>
    private TraceInstance(ILinuxMachine machine, string directory, (string Kilobytes, bool IsOn)? before) => (_machine, Directory, _before) = (machine, directory, before);

    /// <summary>Where its files are.</summary>
    public string Directory { get; }

    /// <summary>False where it is the one buffer of a tracefs without instances.</summary>
    public bool IsOwn => _before is null;

    /// <summary>What is written here becomes an event; null where the kernel has no such file.</summary>
    public string? Marker => OptionalFile.List(_machine, Directory).Contains("trace_marker") ? $"{Directory}/trace_marker" : null;

    /// <summary>An instance that is stopped, with those of the events on that the kernel has; null with the reason where it cannot be had.</summary>
    /// <param name="name">Of its directory; one at a time has it.</param>
    /// <param name="events">Systems or events, such as irq or irq/irq_handler_entry.</param>
    public static TraceInstance? Create(ILinuxMachine machine, string name, IReadOnlyList<string> events, out TraceRefusal refusal)
    {
        TraceInstance? instance = null;
        try
        {
            instance = Open(machine, name, out refusal);
            if (instance is null)
                return null;
            instance.Stop();
            int cpus = Math.Max(1, machine.List($"{instance.Directory}/per_cpu").Count);
            machine.Write($"{instance.Directory}/buffer_size_kb", $"{Math.Max(SmallestKb, BuffersKb / cpus)}\n");
            int enabled = events.Count(instance.Enable);
            refusal = new TraceRefusal("the kernel has no interrupt events", "trace on another kernel");
            if (enabled > 0)
                return instance;
        }
        catch (LinuxException exception)
        {
            refusal = exception.Errno is Errno.ENOENT
                ? new TraceRefusal("this kernel has no tracefs, or a container hides it", "trace on the host")
                : new TraceRefusal(exception.Errno.Text(), "run it as root on the host");
        }
        instance?.Dispose();
        return null;
    }

    private static TraceInstance? Open(ILinuxMachine machine, string name, out TraceRefusal refusal)
    {
        refusal = default;
        IReadOnlyList<string> there = machine.List(Tracefs);
        if (there.Count == 0)
        {
            refusal = new TraceRefusal("tracefs is not mounted", $"as root: mount -t tracefs nodev {Tracefs}");
            return null;
        }
        if (!there.Contains("instances"))
        {
            if (OptionalFile.Read(machine, $"{Tracefs}/set_event") is { } used && string.IsNullOrWhiteSpace(used))
                return new TraceInstance(machine, Tracefs, (SizeOf(machine.Read($"{Tracefs}/buffer_size_kb")), machine.Read($"{Tracefs}/tracing_on").Trim() == "1"));
            refusal = new TraceRefusal("its tracefs has no instances, and its one buffer is in use", $"as root, if nobody traces: echo > {Tracefs}/set_event");
            return null;
        }
        string directory = $"{Tracefs}/instances/{name}";
        if (machine.List($"{Tracefs}/instances").Contains(name))
        {
            refusal = new TraceRefusal("another tophalf is tracing, or one was killed while it did", $"as root, if none runs: rmdir {directory}");
            return null;
        }
        if (machine.Run($"mkdir {directory}") is not { Status: not 0 } refused)
            return new TraceInstance(machine, directory, before: null);
        refusal = new TraceRefusal(refused.Error.Split('\n', 2)[0].Split(": ")[^1], "run it as root on the host");
        return null;
    }

    /// <summary>"1408", or of a buffer that nobody has used yet "7 (expanded: 1408)".</summary>
    private static string SizeOf(string text) => text.Trim().TrimEnd(')').Split(' ')[^1];

    /// <summary>Whether the kernel has an event, such as irq/softirq_raise.</summary>
    public bool Has(string name) => OptionalFile.List(_machine, $"{Directory}/events/{name}").Any();

    public void Start() => _machine.Write($"{Directory}/tracing_on", "1\n");

    public void Stop() => _machine.Write($"{Directory}/tracing_on", "0\n");

    /// <summary>All that is in the buffer.</summary>
    public string Read() => _machine.Read($"{Directory}/trace");

    /// <summary>Opening the file anew to be written is what empties the buffer (kernel/trace/trace.c, tracing_open).</summary>
    public void Clear() => _machine.Write($"{Directory}/trace", "");

    public void Dispose()
    {
        if (_isGone)
            return;
        _isGone = true;
        if (_before is not { } before)
        {
            _machine.Run($"rmdir {Directory}");
            return;
        }
        try
        {
            Stop();
            foreach (string events in _enabled)
                _machine.Write($"{Directory}/events/{events}/enable", "0\n");
            Clear();
            _machine.Write($"{Directory}/buffer_size_kb", before.Kilobytes + "\n");
            if (before.IsOn)
                Start();
        }
        catch (LinuxException)
        {
            // The kernel took tracing away from us meanwhile; there is nobody left to tell.
        }
    }

    private bool Enable(string events)
    {
        try
        {
            _machine.Write($"{Directory}/events/{events}/enable", "1\n");
            _enabled.Add(events);
            return true;
        }
        catch (LinuxException exception) when (exception.Errno is Errno.ENOENT)
        {
            // irq_vectors is x86's, napi wants networking.
            return false;
        }
    }
}
