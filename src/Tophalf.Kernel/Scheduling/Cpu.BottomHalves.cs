namespace Tophalf.Kernel.Scheduling;

/// <summary>Where softirqs run on this processor: on top of what an interrupt interrupted, in the task that enables bottom halves, or in threads (kernel/softirq.c).</summary>
public sealed partial class Cpu
{
    private const uint SoftirqDisableOffset = 2 * SoftirqOffset;

    private bool _bottomHalvesEnabled, _softirqsInTask;

    internal void BeginSoftirqs()
    {
        if (InInterrupt) Softirqs.RanWhileDisabled++;
        if (!TryAddToTask(SoftirqOffset)) PreemptCount += SoftirqOffset;
    }

    internal void EndSoftirqs()
    {
        if (!TrySubtractFromTask(SoftirqOffset)) PreemptCount -= SoftirqOffset;
    }

    /// <summary>local_bh_disable: softirqs wait from here on. It nests.</summary>
    public void LocalBhDisable()
    {
        if (!TryAddToTask(SoftirqDisableOffset)) PreemptCount += SoftirqDisableOffset;
    }

    /// <summary>
    /// local_bh_enable: the outermost runs what is pending, here and now. Code that is written in one go has already spent its time by then, so
    /// its softirqs begin when that time has passed.
    /// </summary>
    public void LocalBhEnable()
    {
        // A schedule() that was a bug has taken the count away.
        if (!InSoftirq && _kernel.Taint == Context.Taint.None) throw new InvalidOperationException("local_bh_enable without local_bh_disable");
        if (TrySubtractFromTask(SoftirqDisableOffset))
        {
            if (_taskSoftirqCount == 0) LeaveBottomHalves(Runqueue.Current!);
            return;
        }
        PreemptCount -= SoftirqDisableOffset;
        if (!InInterrupt && Softirqs.Pending != 0) _bottomHalvesEnabled = true;
    }

    /// <summary>irq_exit_rcu: softirqs run on top of what was interrupted, unless that was one itself, or may not be interrupted by one.</summary>
    private void IrqExit(long nowPs)
    {
        if (!InInterrupt && Softirqs.Pending != 0 && !Softirqs.LeaveToThreads(nowPs))
        {
            BeginSoftirqs();
            Softirqs.Context.Begin(nowPs);
            _current = Softirqs.Context;
            Processor.EnableInterrupts(nowPs);
            if (ReferenceEquals(_current, Softirqs.Context)) Replan(nowPs);
            return;
        }
        if (Softirqs.PendingTimers != 0) Softirqs.WakeKtimers(nowPs);
        ReturnFromInterrupt(nowPs);
    }

    /// <summary>do_softirq from local_bh_enable: true if softirqs now run on top of the task.</summary>
    internal bool TryDoSoftirq(long nowPs)
    {
        if (!_bottomHalvesEnabled) return false;
        _bottomHalvesEnabled = false;
        if (Softirqs.Pending == 0 || InInterrupt) return false;
        BeginSoftirqsInTask(nowPs, 0);
        return true;
    }

    /// <summary>do_softirq, by the task that runs or the idle task; <paramref name="beforePs"/> is what it spent until here.</summary>
    private void BeginSoftirqsInTask(long nowPs, long beforePs)
    {
        _softirqsInTask = true;
        _suspended[_depth++] = _current;
        BeginSoftirqs();
        Softirqs.Context.Begin(nowPs, beforePs);
        _current = Softirqs.Context;
        _sincePs = nowPs;
        Replan(nowPs);
    }

    /// <summary>The softirqs that ran on top of something are done, or handed over to ksoftirqd.</summary>
    internal void SoftirqsDone(long nowPs)
    {
        if (_softirqsInTask)
        {
            _softirqsInTask = false;
            EndSoftirqs();
            _current = _suspended[--_depth];
            _sincePs = nowPs;
            if (TryReschedule(nowPs)) return;
            if (IsIdle) IdleOn(nowPs);
            Replan(nowPs);
            return;
        }
        Processor.DisableInterrupts();
        EndSoftirqs();
        if (_kernel.Trace is { } trace && trace.Wants(Id)) trace.Add(nowPs, $"CPU {Id}", "softirqs done", 0);
        ReturnFromInterrupt(nowPs);
    }
}
