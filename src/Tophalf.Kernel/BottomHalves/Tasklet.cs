using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// struct tasklet_struct: a function that runs once per schedule, in softirq context, and never on two processors at once
/// (include/linux/interrupt.h). Made by what the kernel calls tasklet_setup; the tasklet is its own argument.
/// </summary>
public sealed class Tasklet(Action<Tasklet> callback)
{
    /// <summary>TASKLET_STATE_SCHED: waiting on a processor's list.</summary>
    public bool IsScheduled { get; internal set; }

    /// <summary>TASKLET_STATE_RUN: the processor its function runs on.</summary>
    public Cpu? RunningOn { get; internal set; }

    /// <summary>Disabled so many times more than enabled; it runs only at 0.</summary>
    public int DisableDepth { get; internal set; }

    /// <summary>Stands for its address in the trace: the order of first use, from 1.</summary>
    internal int Number { get; set; }

    /// <summary>What %ps prints of its function.</summary>
    public string FunctionName => callback.Method.Name;

    /// <summary>How often its function ran.</summary>
    public long Runs { get; internal set; }

    internal bool IsHigh { get; set; }

    /// <summary>tasklet_kill waits for it to come to rest, and then calls these.</summary>
    internal bool IsBeingKilled { get; set; }
    internal Action? Killed { get; set; }

    /// <summary>Until when its function's time passes at least, and where: the checker's own account.</summary>
    internal long BusyUntilPs { get; set; }
    internal Cpu? BusyOn { get; set; }

    internal void Run()
    {
        Runs++;
        callback(this);
    }
}
