using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// What cyclictest and the timerlat tracer measure: how long after its moment a timer's handler runs, and the task that it wakes
/// (Documentation/trace/timerlat-tracer.rst).
/// </summary>
public sealed class TimerLatency
{
    /// <summary>From the moment asked for to the timer's function in the interrupt.</summary>
    public Histogram InterruptPs { get; } = new();

    /// <summary>From the moment asked for to the task's first instruction.</summary>
    public Histogram ThreadPs { get; } = new();
}
