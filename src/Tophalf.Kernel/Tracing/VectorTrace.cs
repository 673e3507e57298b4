using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Tracing;

/// <summary>
/// Where the vector domain and its matrix record: with interrupts off and spinlocks held, which show as preempt depth. The domain's own lock is always held, and
/// the line's descriptor lock by whoever acts on a line in use.
/// </summary>
internal sealed class VectorTrace(Kernel kernel)
{
    private const int WithLine = 2, WithoutLine = 1;

    private int _locks = WithLine;
    private Cpu? _softirq;

    public Tracepoints Events => kernel.Tracer.Events;

    /// <summary>From here to <see cref="End"/> no line is locked, as when one is made or removed.</summary>
    public void BeginWithoutLine() => _locks = WithoutLine;

    /// <summary>The same, in a timer of this processor.</summary>
    public void BeginSoftirq(Cpu cpu)
    {
        _softirq = cpu;
        _locks = WithoutLine;
    }

    public void End()
    {
        _softirq = null;
        _locks = WithLine;
    }

    public void Add(Tracepoint traced, params ReadOnlySpan<long> arguments)
    {
        if (!traced.IsEnabled) return;
        Cpu? cpu = _softirq ?? kernel.CurrentCpu;
        kernel.Tracer.Record(traced, cpu, kernel.Irqs.NowPs, irqsOff: true, _locks, null, arguments);
    }
}
