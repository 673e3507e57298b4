using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Context;

/// <summary>
/// spinlock_t (include/linux/spinlock.h): on most kernels a <see cref="RawSpinLock"/>. With PREEMPT_RT a lock that sleeps (kernel/locking/spinlock_rt.c): its holder may be
/// preempted, and whoever waits lends it its priority.
/// </summary>
public sealed class KernelSpinLock
{
    private readonly Kernel _kernel;
    private readonly RawSpinLock? _raw;
    private readonly RtMutex? _sleeping;

    public KernelSpinLock(Kernel kernel)
    {
        _kernel = kernel;
        if (kernel.Preemption == PreemptionModel.Rt) _sleeping = new RtMutex(kernel);
        else _raw = new RawSpinLock(kernel);
    }

    /// <summary>The task that has it, with PREEMPT_RT.</summary>
    public KernelTask? Owner => _sleeping?.Owner;

    /// <summary>
    /// spin_lock, for code of a task that sleeps where it says so: <c>foreach (Sleep sleep in theLock.Lock()) yield return sleep;</c>. Where it is held across a sleep
    /// or a cond_resched, that is only right with PREEMPT_RT.
    /// </summary>
    public IEnumerable<Sleep> Lock()
    {
        if (_sleeping is null)
        {
            _raw!.Lock();
            yield break;
        }
        _kernel.Spend(_kernel.Costs.SpinLock);
        KernelTask task = Caller.Runqueue.Current!;
        while (!_sleeping.Lock(task, Caller))
        {
            yield return Sleep.Until(over =>
            {
                // Given back while the time of what stood before passed?
                if (_sleeping.IsFreeFor(task)) return false;
                task.WhenUnlocked = over;
                return true;
            });
        }
    }

    /// <summary>spin_unlock.</summary>
    public void Unlock()
    {
        if (_sleeping is null) _raw!.Unlock();
        else _sleeping.Unlock(Caller, _kernel.LocalNowPs);
    }

    private Cpu Caller => _kernel.CurrentCpu ?? throw new InvalidOperationException("a lock is taken by code on a processor");
}
