using Tophalf.Kernel.Context;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// Bottom halves with PREEMPT_RT (kernel/softirq.c, struct softirq_ctrl): disabling them takes a lock of the processor, for whoever does it may be preempted, and a second
/// task that wants the same waits, having lent the first its priority.
/// </summary>
public sealed partial class Cpu
{
    private readonly RtMutex? _softirqLock;
    private uint _taskSoftirqCount;

    /// <summary>local_bh_blocked: some task has bottom halves disabled, running or not; what is raised waits for it.</summary>
    public bool AreBottomHalvesBlocked => _softirqLock?.Owner is { SoftirqDisableCount: > 0 };

    /// <summary>Tasks that must not leave, since they hold the processor's softirq lock or wait for it.</summary>
    internal bool HasPinnedTasks => _softirqLock is { IsQuiet: false };

    /// <summary>Called once when the last pinned task is through with the lock (balance_hotplug_wait).</summary>
    internal Action? Unpinned { get; set; }

    /// <summary>
    /// local_bh_disable by a task that can wait. False: another one, preempted, has them disabled; the task sleeps until it is woken and asks again. Only with PREEMPT_RT.
    /// </summary>
    internal bool TryLocalBhDisable(KernelTask task)
    {
        if (!TryLockSoftirqs(task)) return false;
        LocalBhDisable();
        return true;
    }

    /// <summary>The same without disabling anything yet, for the threads of softirqs.</summary>
    internal bool TryLockSoftirqs(KernelTask task) => _softirqLock is null || ReferenceEquals(_softirqLock.Owner, task) || _softirqLock.Lock(task, this);

    /// <summary>The task waits for the lock, or did when it was woken.</summary>
    internal bool WaitsForSoftirqLock(KernelTask task) => _softirqLock is not null && task.BlockedOn == _softirqLock;

    internal void UnlockSoftirqs(KernelTask task, long nowPs)
    {
        if (_softirqLock is null || !ReferenceEquals(_softirqLock.Owner, task)) return;
        _softirqLock.Unlock(this, nowPs);
        if (Unpinned is not { } then || HasPinnedTasks) return;
        Unpinned = null;
        then();
    }

    /// <summary>The running task's softirq count, where that is what counts. Code that is written in one go cannot wait: if another task has the lock, it goes on without.</summary>
    private bool TryAddToTask(uint offset)
    {
        if (_softirqLock is null || InHardirq || Runqueue.Current is not { } task) return false;
        if (!ReferenceEquals(_softirqLock.Owner, task)) _softirqLock.TryLock(task, this);
        task.LeavesBottomHalves = false;
        _taskSoftirqCount = task.SoftirqDisableCount += offset;
        return true;
    }

    private bool TrySubtractFromTask(uint offset)
    {
        if (_taskSoftirqCount == 0) return false;
        KernelTask task = Runqueue.Current!;
        _taskSoftirqCount = task.SoftirqDisableCount -= offset;
        if (_taskSoftirqCount == 0 && task.BlocksGracePeriods >= 0) _kernel.Rcu.ReaderThrough(task);
        return true;
    }

    /// <summary>The outermost local_bh_enable of a task: done at once if there is nothing to run, and no time of its code has yet to pass.</summary>
    private void LeaveBottomHalves(KernelTask task)
    {
        if (Softirqs.Pending != 0 || ReferenceEquals(_kernel.CurrentCpu, this)) task.LeavesBottomHalves = true;
        else UnlockSoftirqs(task, _kernel.Events.NowPs);
    }

    /// <summary>The end of the outermost local_bh_enable of a task: what is pending runs in its name, with the lock kept; else the lock is given back. True if something runs.</summary>
    internal bool LeaveBottomHalves(KernelTask task, long nowPs)
    {
        task.LeavesBottomHalves = false;
        if (Softirqs.Pending != 0)
        {
            if (PreemptCount == 0 && ReferenceEquals(_softirqLock!.Owner, task))
            {
                task.ServeSoftirqs(this, nowPs);
                return true;
            }
            Softirqs.WakeKsoftirqd(nowPs);
        }
        UnlockSoftirqs(task, nowPs);
        return false;
    }
}
