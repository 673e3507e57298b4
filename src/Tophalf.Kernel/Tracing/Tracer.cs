using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Tracing;

/// <summary>
/// The kernel's tracepoints and the buffers they fill (kernel/trace/trace.c, trace_events.c). A tracepoint that is off costs the question whether it is on.
/// </summary>
public sealed class Tracer
{
    public const int DefaultBufferKilobytes = 1408;

    private const uint HardirqMask = 0xF0000, NmiMask = 0xF00000, ServingSoftirq = 0x100, BhDisabledMask = 0xFE00;
    private const int DeepestShown = 15;

    private readonly Kernel _kernel;
    private readonly TraceBuffer[] _buffers;

    internal Tracer(Kernel kernel)
    {
        _kernel = kernel;
        _buffers = [.. Enumerable.Range(0, kernel.CpuCount).Select(_ => new TraceBuffer(DefaultBufferKilobytes))];
    }

    public Tracepoints Events { get; } = new();

    /// <summary>tracing_on: off, nothing is recorded, whatever is enabled.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>The option overwrite: a full buffer gives up its oldest page.</summary>
    public bool Overwrites { get; set; } = true;

    public int BufferKilobytes { get; private set; } = DefaultBufferKilobytes;

    /// <summary>Somebody has used the buffers, so that they have their size; before, they are a page or two.</summary>
    public bool IsExpanded { get; private set; }

    internal IReadOnlyList<TraceBuffer> Buffers => _buffers;

    public void Resize(int kilobytes)
    {
        BufferKilobytes = kilobytes;
        IsExpanded = true;
        foreach (TraceBuffer buffer in _buffers) buffer.Resize(kilobytes);
    }

    public void Enable(Tracepoint traced, bool on)
    {
        traced.IsEnabled = on;
        IsExpanded |= on;
    }

    public void Reset()
    {
        foreach (TraceBuffer buffer in _buffers) buffer.Reset();
    }

    /// <summary>Records an event that is enabled.</summary>
    /// <param name="traced">Which.</param>
    /// <param name="cpu">Where it happened; null for a program of the machine's shell, which is no task and is taken to run on the first processor.</param>
    /// <param name="atPs">When.</param>
    /// <param name="irqsOff">Interrupts were off, in task or softirq context; in a hard interrupt they always are.</param>
    /// <param name="locks">Spinlocks held, each of which is one more of preempt depth.</param>
    /// <param name="text">The record's string.</param>
    /// <param name="arguments">The record's numbers.</param>
    internal void Record(Tracepoint traced, Cpu? cpu, long atPs, bool irqsOff, int locks, string? text, params ReadOnlySpan<long> arguments) =>
        Add(traced, cpu, cpu?.Runqueue.Current, atPs, irqsOff, locks, text, null, arguments);

    /// <summary>The one event with two strings.</summary>
    internal void RecordSwitch(Tracepoint traced, Cpu cpu, KernelTask? previous, long atPs, (string From, string To) comms, ReadOnlySpan<long> arguments) =>
        Add(traced, cpu, previous, atPs, irqsOff: true, 1, comms.From, comms.To, arguments);

    private void Add(Tracepoint traced, Cpu? cpu, KernelTask? task, long atPs, bool irqsOff, int locks, string? text, string? second, ReadOnlySpan<long> arguments)
    {
        if (!IsOn) return;
        uint count = cpu?.PreemptCount ?? 0;
        bool hard = (count & HardirqMask) != 0;
        // The idle task runs with preemption disabled.
        bool isIdle = cpu is not null && task is null;
        var record = new TraceRecord
        {
            Event = traced,
            AtPs = atPs,
            Cpu = cpu?.Id ?? _kernel.OnlineMask.First,
            Comm = cpu is null ? "sh" : task?.Comm ?? "<idle>",
            Pid = cpu is null ? 1 : task?.Pid ?? 0,
            Flags = (irqsOff || hard ? TraceFlags.IrqsOff : 0) | (hard ? TraceFlags.Hardirq : 0) | ((count & ServingSoftirq) != 0 ? TraceFlags.Softirq : 0)
                | ((count & NmiMask) != 0 ? TraceFlags.Nmi : 0) | ((count & BhDisabledMask) != 0 ? TraceFlags.BhOff : 0)
                | (cpu is { NeedResched: true } ? TraceFlags.NeedResched : 0) | (cpu is { NeedReschedLazy: true } ? TraceFlags.NeedReschedLazy : 0),
            PreemptDepth = Math.Min(DeepestShown, (int)(count & 0xFF) + (isIdle ? 1 : 0) + locks),
            String = text,
            SecondString = second,
        };
        record.Set(arguments);
        _buffers[record.Cpu].Add(record, Overwrites);
    }
}
