using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling.Delays;

namespace Tophalf.Kernel.Scheduling;

/// <summary>Who has this processor's time, and how it comes back from idling.</summary>
public sealed partial class Cpu
{
    private static readonly string[] s_softirqNames = Enum.GetNames<SoftirqVector>();

    /// <summary>Time as ticks found it, for a kernel that does not measure interrupts' time.</summary>
    internal CpuTime Sampled { get; } = new();

    internal Accounting.IoWait IoWait { get; }

    /// <summary>How long its tasks stood still.</summary>
    internal Accounting.CpuPressure Pressure { get; }

    internal DelayLog Delays => _kernel.Delays;

    // The flag itself is clear already when an interrupt makes the books be brought up to date.
    private bool _taskHoldsInterrupts;

    internal CpuTimeline Timeline { get; } = new();

    /// <summary>The line, or the name of the system vector, whose interrupt runs or ran last.</summary>
    internal object? HardirqBy { get; set; }

    /// <summary>What somebody who waits for this processor waits for now.</summary>
    private Occupation Occupation => ReferenceEquals(_current, Idle) ? Occupation.Halted : ReferenceEquals(_current, _hardirq) || IsInNmi ? Occupation.Hardirq
        : IsStolen ? Occupation.Stolen : Occupation.Softirq;

    private object? Occupant => ReferenceEquals(_current, Idle) || IsStolen ? null : IsInNmi ? "NMI" : ReferenceEquals(_current, _hardirq) ? HardirqBy : s_softirqNames[(int)Softirqs.Context.Vector];

    /// <summary>The same for the code of a task.</summary>
    internal Occupation TaskOccupation =>
        _taskHoldsInterrupts ? Occupation.InterruptsOff : (PreemptCount & ~SoftirqOffset) != 0 ? Occupation.PreemptionOff : Occupation.Task;

    /// <summary>preempt_disable and preempt_enable_no_resched, for a section of a task.</summary>
    internal void PreemptDisable() => PreemptCount++;

    internal void PreemptEnable() => PreemptCount--;

    /// <summary>local_irq_disable, by a task.</summary>
    internal void InterruptsDisable()
    {
        _taskHoldsInterrupts = true;
        Processor.DisableInterrupts();
    }

    /// <summary>local_irq_enable, by a task: what waited comes at once.</summary>
    internal void InterruptsEnable(long nowPs)
    {
        _taskHoldsInterrupts = false;
        Processor.EnableInterrupts(nowPs);
    }

    /// <summary>An interrupt ends the idle state: until the core is back, the time is still idle time. Returns how long that takes.</summary>
    private long SpendIdleExit(long nowPs)
    {
        long exitPs = Idle.Leave(nowPs);
        Time.Add(IoWait.IdleClass, exitPs);
        Timeline.Add(Occupation.IdleExit, null, nowPs, nowPs + exitPs);
        return exitPs;
    }

    // ---- an idle processor that watches its flags --------------------------------------------------------------------------------

    /// <summary>TIF_POLLING_NRFLAG: the idle task, also one that is interrupted, looks at its flags by itself.</summary>
    internal bool WatchesFlags => RunsIdleTask && Idle.WatchesNeedResched && !IsStopped;

    /// <summary>A write to the flags of the idle task, seen at <paramref name="atPs"/>, ends the idle state without an interrupt.</summary>
    internal void WakeByFlag(long atPs) => Idle.WakeByFlag(atPs);

    /// <summary>The core is back; an interrupt that came first leads there too, at its end.</summary>
    internal void FlagSeen(long nowPs)
    {
        if (!IsIdle)
        {
            // It went to a task before the waker, ahead of the clock then, was where it is now.
            if (!RunsIdleTask && Idle.TakeFlag(nowPs)) Apic.SendFixed(Entry.KernelEntry.CallFunctionSingleVector, Apic.Id, nowPs);
            return;
        }
        _ = Idle.TakeFlag(nowPs);
        _ = Idle.Leave(nowPs, isBack: true);
        long backPs = Math.Max(_sincePs, nowPs - Idle.State.ExitPs);
        Sync(backPs);
        Time.Add(IoWait.IdleClass, nowPs - backPs);
        Timeline.Add(Occupation.IdleExit, null, backPs, nowPs);
        _sincePs = nowPs;
        if (FlushCallQueue(nowPs)) return;
        FoldNeedResched();
        if (MayPreempt()) RescheduleSoon(nowPs);
        else IdleOn(nowPs);
    }

    /// <summary>
    /// flush_smp_call_function_queue, in the idle loop: functions are called, tasks woken, and the softirqs that were raised run on top of the idle task. True if these
    /// have begun.
    /// </summary>
    private bool FlushCallQueue(long nowPs)
    {
        // Interrupts are off, and what is raised is not left to ksoftirqd. The time counts as idle, as the idle task's always does.
        long spentPs = RunCode(nowPs, _kernel, static (kernel, cpu) =>
        {
            cpu.EnterHardirqRaw();
            kernel.SmpCalls.Run(cpu);
            cpu.ExitHardirqRaw();
            return true;
        }, out _);
        _kernel.TakeWakeList(this, nowPs);
        if (Softirqs.Pending == 0) return false;
        if (_softirqLock is not null)
        {
            // do_softirq_post_smp_call_flush of PREEMPT_RT: the idle task serves none.
            Softirqs.LeaveToThreads(nowPs);
            return false;
        }
        BeginSoftirqsInTask(nowPs, spentPs);
        return true;
    }

    /// <summary>schedule_idle, after what others have asked for.</summary>
    internal void LeaveIdleLoop(long nowPs)
    {
        if (!Idle.TakeFlag(nowPs) || !FlushCallQueue(nowPs)) Schedule(nowPs);
    }

    /// <summary>The idle loop goes round once more.</summary>
    private void IdleOn(long nowPs)
    {
        Tick.IdleAgain(nowPs);
        Idle.Enter(nowPs);
    }
}
