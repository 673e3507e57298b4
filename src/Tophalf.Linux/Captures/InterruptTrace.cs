namespace Tophalf.Linux.Captures;

/// <summary>The trace of interrupt events in a capture. Where the kernel lets us not, it does nothing and says why.</summary>
internal sealed class InterruptTrace : IDisposable
{
    private static readonly string[] s_events = ["irq", "irq_vectors", "napi"];

    private readonly TraceInstance? _instance;

    public InterruptTrace(ILinuxMachine machine)
    {
        _instance = TraceInstance.Create(machine, "tophalf-capture", s_events, out TraceRefusal refusal);
        if (_instance is null)
            WhyNot = new MissingPart(Part, refusal.Why, refusal.Remedy);
        else
            Try(instance => instance.Start());
    }

    private const string Part = "a trace of interrupt events";

    /// <summary>Why there is no trace; null while one runs, or has run.</summary>
    public MissingPart? WhyNot { get; private set; }

    /// <summary>Stops tracing and returns what was traced; null where nothing could be.</summary>
    public string? End()
    {
        string? text = null;
        Try(instance =>
        {
            instance.Stop();
            text = instance.Read();
        });
        if (text is not { Length: > CaptureLimits.MaxFile })
            return text;
        WhyNot = new MissingPart(Part, "too large", "trace for a shorter time");
        return null;
    }

    public void Dispose() => _instance?.Dispose();

    private void Try(Action<TraceInstance> action)
    {
        if (_instance is null || WhyNot is not null)
            return;
        try
        {
            action(_instance);
        }
        catch (LinuxException exception)
        {
            WhyNot = new MissingPart(Part, exception.Errno.Text(), "run it as root on the host");
        }
    }
}
