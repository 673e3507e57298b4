using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Context;

/// <summary>
/// A lock that sleeps, with priority inheritance (kernel/locking/rtmutex.c): with PREEMPT_RT what spinlock_t and local_lock are made of. The first of its waiters lends
/// the owner its priority; the owner of the lock that one waits for in turn, and so on down the chain.
/// </summary>
internal sealed class RtMutex(Kernel kernel)
{
    private readonly List<KernelTask> _waiters = []; // by priority, falling; within one as they came

    public KernelTask? Owner { get; private set; }

    /// <summary>Nobody has it, and nobody waits for it.</summary>
    public bool IsQuiet => Owner is null && _waiters.Count == 0;

    /// <summary>What the waiters lend the owner: 1 to 99, 0 for nothing.</summary>
    public int LentPriority => _waiters.Count == 0 ? 0 : _waiters[0].LendablePriority;

    /// <summary>rt_mutex_trylock.</summary>
    public bool TryLock(KernelTask task, Cpu cpu)
    {
        if (!IsFreeFor(task)) return false;
        if (task.BlockedOn == this)
        {
            _waiters.Remove(task);
            task.BlockedOn = null;
            task.WhenUnlocked = null;
        }
        Owner = task;
        task.HeldLocks.Add(this);
        if (_waiters.Count > 0) AdjustPriority(task, cpu);
        return true;
    }

    /// <summary>rt_mutex_lock: false where the task has to wait; it then sleeps, and tries again when it is woken.</summary>
    public bool Lock(KernelTask task, Cpu cpu)
    {
        if (TryLock(task, cpu)) return true;
        if (task.BlockedOn == this) return false;
        task.BlockedOn = this;
        Insert(task);
        if (Owner is { } owner) AdjustPriority(owner, cpu);
        return false;
    }

    /// <summary>rt_mutex_unlock: the owner is again as important as it is by itself, and the first of the waiters wakes and tries.</summary>
    public void Unlock(Cpu cpu, long nowPs)
    {
        KernelTask owner = Owner!;
        Owner = null;
        owner.HeldLocks.Remove(this);
        AdjustPriority(owner, cpu);
        if (_waiters.Count == 0) return;
        if (_waiters[0].WhenUnlocked is { } wake) wake();
        else kernel.Wake(_waiters[0], cpu, nowPs);
    }

    /// <summary>rt_mutex_steal: whoever goes before the first waiter takes a free lock at once; so does a fair task if that is one too.</summary>
    public bool IsFreeFor(KernelTask task)
    {
        if (Owner is not null) return false;
        if (_waiters.Count == 0 || ReferenceEquals(_waiters[0], task)) return true;
        int first = LentPriority, own = task.LendablePriority;
        return own > first || own == 0 && first == 0;
    }

    private void Insert(KernelTask task)
    {
        int at = _waiters.FindIndex(other => other.LendablePriority < task.LendablePriority);
        _waiters.Insert(at < 0 ? _waiters.Count : at, task);
    }

    /// <summary>rt_mutex_adjust_prio_chain: the task has what its waiters lend it, and lends it on where it waits itself.</summary>
    private static void AdjustPriority(KernelTask task, Cpu cpu)
    {
        KernelTask? at = task;
        while (at is not null)
        {
            int lent = at.MostLent();
            if (lent == at.LentPriority) return;
            at.Cpu.Runqueue.SetLentPriority(at, lent, cpu);
            if (at.BlockedOn is not { } next) return;
            next._waiters.Remove(at);
            next.Insert(at);
            at = next.Owner;
        }
    }
}
