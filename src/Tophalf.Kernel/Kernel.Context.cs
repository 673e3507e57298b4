using System.Runtime.CompilerServices;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Procfs;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel;

/// <summary>
/// What code on a processor — a handler, a thread function, a driver — says about its context and asks of it, in the kernel's words
/// (include/linux/preempt.h, irqflags.h, kernel/sched/core.c). Called on <see cref="CurrentCpu"/>.
/// </summary>
public sealed partial class Kernel
{
    private readonly RateLimit _mightSleep;

    private Cpu Running => CurrentCpu ?? throw new InvalidOperationException("no kernel code is running on any processor");

    public void PreemptDisable() => Running.AddPreemptCount(1);
    public void PreemptEnable() => Running.SubtractPreemptCount(1);

    /// <summary>
    /// local_irq_save and local_irq_restore. A task's code runs in one go, so no interrupt comes from its beginning to its last restore; without one, none until other code
    /// restores.
    /// </summary>
    public void LocalIrqSave() => Running.SaveIrqs();
    public void LocalIrqRestore() => Running.RestoreIrqs();

    /// <summary>Code that goes round for ever, as a loop without exit or a lock that nobody will release. Does not return.</summary>
    public void SpinForever()
    {
        _ = Running;
        throw new CodeNeverReturnsException();
    }

    /// <summary>
    /// might_sleep(): a report if the code may not sleep here, once a second at most. Says nothing without CONFIG_DEBUG_ATOMIC_SLEEP.
    /// </summary>
    public void MightSleep([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => MightSleepAt(Path.GetFileName(file), line, "__might_resched");

    internal void MightSleepAt(string file, int line, params ReadOnlySpan<string> callers)
    {
        Cpu cpu = Running;
        if (!Options.DebugAtomicSleep || (!cpu.InAtomic && !cpu.IrqsDisabled && !cpu.RunsIdleTask)) return;
        if (!_mightSleep.Allows(cpu.LocalPs)) return;
        long atPs = cpu.LocalPs;
        uint count = cpu.VisiblePreemptCount;
        Log(atPs, $"BUG: sleeping function called from invalid context at {file}:{line}");
        Log(atPs, $"in_atomic(): {(cpu.InAtomic ? 1 : 0)}, irqs_disabled(): {(cpu.IrqsDisabled ? 1 : 0)}, non_block: 0, pid: {cpu.CurrentPid}, name: {cpu.CurrentComm}");
        Log(atPs, $"preempt_count: {count:x}, expected: 0");
        Log(atPs, "RCU nest depth: 0, expected: 0");
        CallTrace.DumpStack(this, cpu, callers);
        Taint |= Taint.Warn;
    }

    /// <summary>
    /// schedule(), called by code that has nothing to wait for. In atomic context that is reported, and the count set to what it ought to be; the interrupt that
    /// gives its part of the count back later makes it wrong again, which the next schedule() reports and mends.
    /// </summary>
    public void Schedule() => ScheduleFrom("schedule");

    private void ScheduleFrom(params ReadOnlySpan<string> callers)
    {
        Cpu cpu = Running;
        uint count = cpu.VisiblePreemptCount + 1; // its own preempt_disable()
        if (count == 1) return;
        SchedulingWhileAtomic(cpu, count, ["__schedule_bug", "__schedule", .. callers]);
        cpu.ResetPreemptCount();
        if (cpu.RunsIdleTask)
        {
            Log(cpu.LocalPs, "bad: scheduling from the idle thread!");
            CallTrace.DumpStack(this, cpu, ["dequeue_task_idle", "__schedule", .. callers]);
        }
    }

    /// <summary>__schedule_bug.</summary>
    internal void SchedulingWhileAtomic(Cpu cpu, uint count, params ReadOnlySpan<string> callers)
    {
        Log(cpu.LocalPs, $"BUG: scheduling while atomic: {cpu.CurrentComm}/{cpu.CurrentPid}/0x{count:x8}");
        CallTrace.ShowModules(this);
        CallTrace.DumpStack(this, cpu, callers);
        Taint |= Taint.Warn;
    }

    /// <summary>
    /// msleep(). In atomic context it is reported by schedule() and then the time passes all the same, with the processor in the handler's hands: nothing else
    /// runs on it until the sleep is over. (The kernel would hand it to other tasks, with the handler's half-done work in the way.)
    /// </summary>
    public void Msleep(long ms)
    {
        Cpu cpu = Running;
        long jiffies = MsecsToJiffies(ms) + (new KernelProfile(Options.Release).SleepsOneJiffyMore ? 1 : 0);
        if (jiffies == 0) return;
        ScheduleFrom("schedule", "schedule_timeout", "msleep");
        cpu.Spend(JiffyPs(Jiffies(cpu.LocalPs) + jiffies) - cpu.LocalPs);
    }

    /// <summary>kmalloc(): with GFP_KERNEL it may sleep, and says so where it must not.</summary>
    public void Kmalloc(GfpFlags flags)
    {
        if (flags == GfpFlags.Kernel) MightSleepAt("include/linux/sched/mm.h", 321, "__might_resched", "__kmalloc_noprof");
    }
}

/// <summary>How an allocation may get its memory (include/linux/gfp_types.h).</summary>
public enum GfpFlags
{
    /// <summary>May sleep until there is memory.</summary>
    Kernel,

    /// <summary>From what is at hand, for code that cannot sleep.</summary>
    Atomic,
}
