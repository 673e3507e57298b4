namespace Tophalf.Linux;

/// <summary>Why interrupts cannot be traced, and what would help.</summary>
public readonly record struct TraceRefusal(string Why, string Remedy);

/// <summary>
/// A trace buffer of our own below tracefs, so that nobody else's tracing is disturbed (Documentation/trace/ftrace.rst, instances). It is taken away again
/// when disposed of, and with it all that was switched on.
/// </summary>
public sealed class TraceInstance : IDisposable
{
    private const string Tracefs = "/sys/kernel/tracing";

    /// <summary>Of all CPUs together. The text is about four times as long, which stays below what a reader takes in.</summary>
    private const int BuffersKb = 8192;

    /// <summary>The least a CPU gets, a few pages.</summary>
    private const int SmallestKb = 16;

    private readonly ILinuxMachine _machine;
    private readonly string _name;
    private bool _isGone;

    private TraceInstance(ILinuxMachine machine, string name) => (_machine, _name) = (machine, name);

    /// <summary>Where its files are.</summary>
    public string Directory => $"{Tracefs}/instances/{_name}";

    /// <summary>What was written here becomes an event.</summary>
    public string Marker => $"{Directory}/trace_marker";

    /// <summary>An instance that is stopped, with those of the events on that the kernel has; null with the reason where it cannot be had.</summary>
    /// <param name="name">Of its directory; one at a time has it.</param>
    /// <param name="events">Systems or events, such as irq or irq/irq_handler_entry.</param>
    public static TraceInstance? Create(ILinuxMachine machine, string name, IReadOnlyList<string> events, out TraceRefusal refusal)
    {
        TraceInstance? instance = null;
        try
        {
            IReadOnlyList<string> there = machine.List(Tracefs);
            if (!there.Contains("instances"))
            {
                refusal = there.Count == 0
                    ? new TraceRefusal("tracefs is not mounted", $"as root: mount -t tracefs nodev {Tracefs}")
                    : new TraceRefusal("its tracefs has no instances", "trace on another kernel");
                return null;
            }
            if (machine.List($"{Tracefs}/instances").Contains(name))
            {
                refusal = new TraceRefusal("another tophalf is tracing, or one was killed while it did", $"as root, if none runs: rmdir {Tracefs}/instances/{name}");
                return null;
            }
            if (machine.Run($"mkdir {Tracefs}/instances/{name}") is { Status: not 0 } refused)
            {
                refusal = new TraceRefusal(refused.Error.Split('\n', 2)[0].Split(": ")[^1], "run it as root on the host");
                return null;
            }
            instance = new TraceInstance(machine, name);
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
        _machine.Run($"rmdir {Directory}");
    }

    private bool Enable(string events)
    {
        try
        {
            _machine.Write($"{Directory}/events/{events}/enable", "1\n");
            return true;
        }
        catch (LinuxException exception) when (exception.Errno is Errno.ENOENT)
        {
            // irq_vectors is x86's, napi wants networking.
            return false;
        }
    }
}
