namespace Tophalf.Linux.Captures;

/// <summary>
/// A trace of interrupt events in an instance of its own below tracefs, so that nobody else's tracing is disturbed
/// (Documentation/trace/ftrace.rst, instances). Where the kernel lets us not, it does nothing and says why.
/// </summary>
internal sealed class InterruptTrace
{
    private const string Instance = "/sys/kernel/tracing/instances/tophalf-capture";

    private static readonly string[] s_events = ["irq", "irq_vectors", "napi"];

    private readonly ILinuxMachine _machine;

    private InterruptTrace(ILinuxMachine machine) => _machine = machine;

    /// <summary>Why there is no trace; null while one runs, or has run.</summary>
    public MissingPart? WhyNot { get; private set; }

    public static InterruptTrace Begin(ILinuxMachine machine)
    {
        InterruptTrace trace = new(machine);
        try
        {
            if (machine.Run($"mkdir {Instance}") is { Status: not 0 } refused)
                return trace.Fail(refused.Error.Split('\n', 2)[0].Trim());
            int enabled = 0;
            foreach (string group in s_events)
            {
                try
                {
                    machine.Write($"{Instance}/events/{group}/enable", "1\n");
                    enabled++;
                }
                catch (LinuxException exception) when (exception.Errno is Errno.ENOENT)
                {
                    // irq_vectors is x86's, napi wants networking.
                }
            }
            return enabled > 0 ? trace : trace.Fail("the kernel has no interrupt events");
        }
        catch (LinuxException exception)
        {
            return trace.Fail(exception.Message);
        }
    }

    /// <summary>Stops tracing, takes the instance away and returns what was traced; null where nothing could be.</summary>
    public string? End()
    {
        if (WhyNot is not null)
            return null;
        try
        {
            _machine.Write($"{Instance}/tracing_on", "0\n");
            string text = _machine.Read($"{Instance}/trace");
            return text.Length <= CaptureLimits.MaxFile ? text : text[..CaptureLimits.MaxFile];
        }
        catch (LinuxException exception)
        {
            WhyNot = Reason(exception.Message);
            return null;
        }
        finally
        {
            _machine.Run($"rmdir {Instance}");
        }
    }

    private InterruptTrace Fail(string why)
    {
        WhyNot = Reason(why);
        return this;
    }

    private static MissingPart Reason(string why) => new("a trace of interrupt events", why, "as root: mount -t tracefs tracefs /sys/kernel/tracing");
}
