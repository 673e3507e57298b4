using Tophalf.Hardware.Processors;

namespace Tophalf.Kernel.Scheduling;

/// <summary>schedule(), and when it is called: what sets the flag, and at which points the preemption model honours it (kernel/sched/core.c).</summary>
public sealed partial class Cpu
{
    /// <summary>TIF_NEED_RESCHED_LAZY: the running task is to give way when it returns to user mode; the tick makes it urgent.</summary>
    public bool NeedReschedLazy { get; private set; }

    /// <summary>idle_cpu: nothing runs, waits, or is on its way here; interrupts do not count.</summary>
    internal bool IsAvailable => Runqueue.Current is null && Runqueue.Runnable == 0 && !_kernel.IsExpected(this);

    internal bool WantsReschedule => NeedResched || NeedReschedLazy;

    /// <summary>resched_curr and resched_curr_lazy: only the lazy model tells them apart.</summary>
    internal void Reschedule(bool lazily)
    {
        if (lazily && _kernel.Preemption == PreemptionModel.Lazy) NeedReschedLazy = true;
        else NeedResched = true;
        (_current as Networking.ReceiverTask)?.Wait?.Disturbed(_kernel.Events.NowPs);
    }

    /// <summary>schedule(): puts the next task, or idle, on the processor. Only called with nothing above the task level.</summary>
    internal void Schedule(long nowPs)
    {
        if (PreemptCount != 0) MendPreemptCount(nowPs);
        KernelTask? previous = Runqueue.Current;
        _kernel.Rcu.NoteContextSwitch(this);
        if (_taskSoftirqCount != 0) _kernel.Rcu.ReaderPreempted(previous!, this);
        LastSwitchPs = nowPs;
        Work next = Runqueue.PickNext(nowPs);
        Tracing.SchedulerTrace.Switch(_kernel, this, previous, next as KernelTask, nowPs);
        NeedResched = NeedReschedLazy = _toldToReschedule = _toldLazily = false;
        _taskSoftirqCount = Runqueue.Current?.SoftirqDisableCount ?? 0;
        _current = next;
        _sincePs = nowPs;
        bool user = next is KernelTask { IsUserTask: true };
        Processor.Cs = user ? Processor.UserCode : Processor.KernelCode;
        Processor.Rsp = user ? UserStack : Processor.Rsp0;
        if (ReferenceEquals(next, Idle))
        {
            Tick.EnterIdle(nowPs);
            Idle.Enter(nowPs);
        }
        else
        {
            if (previous is null) Idle.Left(nowPs);
            Tick.LeaveIdle(nowPs);
        }
        if (_kernel.Trace is { } trace && trace.Wants(Id)) TraceSwitch(trace, next, nowPs);
        Processor.InterruptRequested(nowPs);
        if (ReferenceEquals(_current, next)) Replan(nowPs);
    }

    private void TraceSwitch(Hardware.HopTrace trace, Work next, long nowPs)
    {
        trace.Add(nowPs, $"CPU {Id}", next is KernelTask task ? $"switch to {task.Comm}" : "switch to idle", next is KernelTask ? _kernel.Costs.ContextSwitch : 0);
        if (next is not KernelTask { IsKsoftirqd: true }) trace.End();
    }

    /// <summary>A task became runnable here: if it should run before what runs now, ask for a reschedule; an idle processor always does.</summary>
    internal void CheckPreempt(KernelTask woken, long nowPs)
    {
        Runqueue.CheckPreempt(woken);
        // Nobody will pass a reschedule check on its own: a wake-up from outside any interrupt on this processor.
        if (WantsReschedule && _depth == 0 && (!InInterrupt || MaySchedule) && !ReferenceEquals(_current, _hardirq)) RescheduleSoon(nowPs);
    }

    private bool _toldToReschedule, _toldLazily;

    /// <summary>
    /// activate_task and wakeup_preempt of another processor. If the task is to preempt what runs here, this processor is told; what runs goes on until an interrupt folds the
    /// flag into its preempt count (preempt_fold_need_resched). A lazy wish interrupts nobody, and waits for the next interrupt.
    /// </summary>
    internal void EnqueueFrom(Cpu from, KernelTask task, bool wakes, long nowPs)
    {
        (bool urgent, bool lazy, bool wasTold) = (NeedResched, NeedReschedLazy, _toldToReschedule);
        if (wakes) Runqueue.Enqueue(task, from);
        else Runqueue.Attach(task, from: from);
        Runqueue.CheckPreempt(task);
        _toldToReschedule |= NeedResched && !urgent;
        _toldLazily |= NeedReschedLazy && !lazy;
        (NeedResched, NeedReschedLazy) = (urgent, lazy);
        if (_toldToReschedule && !wasTold) _kernel.TellReschedule(from, this, nowPs);
    }

    /// <summary>test_tsk_need_resched, which also sees what another processor has asked for.</summary>
    internal bool IsAskedToReschedule => NeedResched || _toldToReschedule;

    private void FoldNeedResched()
    {
        NeedResched |= _toldToReschedule;
        NeedReschedLazy |= _toldLazily;
        _toldToReschedule = _toldLazily = false;
    }

    /// <summary>A task elsewhere can be had from then on; if this processor idles still, it takes it.</summary>
    internal void LookAgain(long atPs) => _kernel.Events.Schedule(new Simulation.CallbackEvent(nowPs =>
    {
        if (!IsIdle) return;
        Reschedule(lazily: false);
        RescheduleSoon(nowPs);
    })
    { Rank = FlagRank + Id }, atPs);

    private void RescheduleSoon(long nowPs)
    {
        Sync(nowPs);
        if (MayPreempt()) _kernel.Events.Schedule(_end, nowPs);
        else Replan(nowPs);
    }

    /// <summary>
    /// Would a return from an interrupt reschedule here? Idle and user mode give way to anybody; the kernel does so where its model preempts
    /// it, its preempt count is zero, and the wish is not a lazy one.
    /// </summary>
    private bool MayPreempt()
    {
        if (!WantsReschedule || !MaySchedule) return false;
        if (_current is not KernelTask task || task.IsInUserMode) return true;
        return NeedResched && !task.IsSwitching && _kernel.Preemption.PreemptsKernel();
    }

    /// <summary>True, and the reschedule done, if one was asked for and nothing forbids it; called by tasks at the end of a plan.</summary>
    internal bool TryReschedule(long nowPs)
    {
        if (!MayPreempt()) return false;
        Schedule(nowPs);
        return true;
    }

    /// <summary>cond_resched(): kernel code offers to give way, whatever the model. A lazy wish waits for the tick.</summary>
    internal bool CondReschedule(long nowPs)
    {
        if (!NeedResched || !MaySchedule) return false;
        Schedule(nowPs);
        return true;
    }

    /// <summary>sched_tick: a lazy wish has waited long enough, and the running task's turn may be over.</summary>
    internal void TickTask()
    {
        if (NeedReschedLazy) NeedResched = true;
        Runqueue.TickCurrent(LocalPs);
        Pressure.Tick();
        _kernel.Balancer.Tick(this);
        if (!_kernel.Options.IrqTimeAccounting)
        {
            Work interrupted = _suspended[_depth - 1];
            long stolenPs = TakeSteal(_kernel.TickPs);
            Sampled.Add(CpuClass.Steal, stolenPs);
            Sampled.Add(Accounting.TickSamples.ClassOf(interrupted, ReferenceEquals(interrupted, Idle)), _kernel.TickPs - stolenPs);
        }
    }

    /// <summary>The task let interrupts in: it goes on, unless one came.</summary>
    internal void ContinueIfTop(KernelTask task, long nowPs)
    {
        if (ReferenceEquals(_current, task)) Replan(nowPs);
    }

    /// <summary>Brings the running task's books up to now, if a task is what runs.</summary>
    internal void SyncTask(long nowPs)
    {
        if (_depth == 0 && _current is KernelTask) Sync(nowPs);
    }
}
