using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>Why code in process context stops between two of its steps.</summary>
public readonly record struct Wait
{
    internal long SleepPs { get; private init; }
    internal Completion? Completion { get; private init; }

    /// <summary>cond_resched: interrupts come through, and a task that should run does.</summary>
    public static Wait Reschedule => default;

    /// <summary>msleep.</summary>
    public static Wait Msleep(int ms) => new() { SleepPs = ms * SimTime.Millisecond };

    /// <summary>wait_for_completion.</summary>
    public static Wait For(Completion completion) => new() { Completion = completion };
}
