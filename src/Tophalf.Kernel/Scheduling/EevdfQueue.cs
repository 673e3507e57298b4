using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// The fair class of one processor: Earliest Eligible Virtual Deadline First (kernel/sched/fair.c since 6.6; I. Stoica and H. Abdel-Wahab, 1995).
/// A task is eligible while it has had no more than its share; of the eligible ones the one whose slice is due first runs. The features are
/// those Linux has on: PLACE_LAG, PLACE_DEADLINE_INITIAL, PLACE_REL_DEADLINE, RUN_TO_PARITY, PREEMPT_SHORT, DELAY_DEQUEUE, DELAY_ZERO.
/// </summary>
internal sealed class EevdfQueue(long tickPs) : FairQueue
{
    private Int128 _keySum;
    private long _load, _basePs;

    // ---- the average ---------------------------------------------------------------------------------------------------------------

    /// <summary>Sums what eligibility is decided by: weighted virtual runtimes, counted from some task's.</summary>
    private void Sum()
    {
        _keySum = 0;
        _load = 0;
        if (Queued.Count == 0) return;
        _basePs = Queued[0].Fair.VruntimePs;
        foreach (KernelTask task in Queued)
        {
            FairEntity fair = task.Fair;
            _keySum += (Int128)(fair.VruntimePs - _basePs) * fair.Weight;
            _load += fair.Weight;
        }
    }

    /// <summary>avg_vruntime, of the last sum: the virtual time at which everybody would have had the same share.</summary>
    private long Average()
    {
        if (_load == 0) return _basePs;
        (Int128 whole, Int128 rest) = Int128.DivRem(_keySum, _load);
        return _basePs + (long)whole - (rest < 0 ? 1 : 0);
    }

    /// <summary>entity_eligible: it has had no more than the average, of the last sum.</summary>
    private bool IsEligible(FairEntity fair) => _keySum >= (Int128)(fair.VruntimePs - _basePs) * _load;

    /// <summary>The virtual time a task would be placed at that owes nothing and is owed nothing.</summary>
    public long AveragePs()
    {
        Sum();
        return Average();
    }

    // ---- coming and going ----------------------------------------------------------------------------------------------------------

    public override void Enqueue(KernelTask task, bool isNew)
    {
        FairEntity fair = task.Fair;
        Runnable++;
        if (fair.IsDelayed)
        {
            fair.IsDelayed = false;
            Sum();
            UpdateLag(fair);
            // It waited its debt off, and a sleeper earns nothing on top (DELAY_ZERO).
            if (fair.LagPs <= 0) return;
            Queued.Remove(task);
            fair.LagPs = 0;
        }
        Sum();
        Place(fair, isNew);
        fair.IsQueued = true;
        Queued.Add(task);
    }

    /// <summary>place_entity: at the average, less what it was owed when it left. What the newcomer's own weight does to the average is undone in advance.</summary>
    private void Place(FairEntity fair, bool isNew)
    {
        long slicePs = fair.ToVirtual(fair.SlicePs), lagPs = 0;
        if (Queued.Count > 0 && fair.LagPs != 0) lagPs = (long)((Int128)fair.LagPs * (_load + fair.Weight) / _load);
        fair.VruntimePs = Average() - lagPs;
        if (fair.IsDeadlineRelative)
        {
            fair.DeadlinePs += fair.VruntimePs;
            fair.IsDeadlineRelative = false;
            return;
        }
        fair.DeadlinePs = fair.VruntimePs + (isNew ? slicePs / 2 : slicePs); // a new one settles in
    }

    /// <summary>dequeue_task_fair. A sleeper that had more than its share stays, asleep, until that is worked off.</summary>
    public override void Dequeue(KernelTask task, bool sleeps)
    {
        FairEntity fair = task.Fair;
        Sum();
        if (!fair.IsDelayed) Runnable--;
        if (sleeps && !IsEligible(fair))
        {
            fair.IsDelayed = true;
            return;
        }
        UpdateLag(fair);
        if (!sleeps && !fair.IsDelayed)
        {
            fair.DeadlinePs -= fair.VruntimePs;
            fair.IsDeadlineRelative = true;
        }
        Remove(task);
    }

    /// <summary>What it owes it has been told to work off where it slept.</summary>
    public override void Leave(KernelTask task)
    {
    }

    /// <summary>__dequeue_entity of one whose debt is worked off, or that leaves for good.</summary>
    private void Remove(KernelTask task)
    {
        FairEntity fair = task.Fair;
        if (fair.IsDelayed && fair.LagPs > 0) fair.LagPs = 0;
        fair.IsDelayed = fair.IsQueued = false;
        long averagePs = Average();
        Queued.Remove(task);
        // An empty queue goes on from where it was.
        if (Queued.Count == 0) _basePs = averagePs;
    }

    /// <summary>update_entity_lag, bounded by two slices or a tick.</summary>
    private void UpdateLag(FairEntity fair)
    {
        long limitPs = fair.ToVirtual(Math.Max(2 * fair.SlicePs, tickPs));
        fair.LagPs = Math.Clamp(Average() - fair.VruntimePs, -limitPs, limitPs);
    }

    // ---- choosing ------------------------------------------------------------------------------------------------------------------

    /// <summary>pick_task_fair: the next to run, or null. Sleepers that come up have worked off what they owed, and go.</summary>
    public override KernelTask? Pick(KernelTask? current)
    {
        while (PickEntity(current, protect: true) is { } picked)
        {
            if (!picked.Fair.IsDelayed) return picked;
            Sum();
            UpdateLag(picked.Fair);
            Remove(picked);
        }
        return null;
    }

    /// <summary>pick_eevdf.</summary>
    private KernelTask? PickEntity(KernelTask? current, bool protect)
    {
        if (Queued.Count <= 1) return Queued.Count == 0 ? null : Queued[0];
        Sum();
        if (current is { Fair: { IsQueued: true, IsDelayed: false } running } && IsEligible(running))
        {
            if (protect && running.IsProtected) return current;
        }
        else current = null;
        KernelTask? best = null;
        foreach (KernelTask task in Queued)
        {
            if (ReferenceEquals(task, current) || !IsEligible(task.Fair)) continue;
            if (best is null || task.Fair.DeadlinePs - best.Fair.DeadlinePs < 0) best = task;
        }
        return best is null || current is not null && current.Fair.DeadlinePs - best.Fair.DeadlinePs < 0 ? current : best;
    }

    /// <summary>set_next_entity: the task goes to the processor, and keeps it for its slice or the shortest slice of those who wait.</summary>
    public override void SetNext(KernelTask task)
    {
        FairEntity fair = task.Fair;
        long shortestPs = fair.SlicePs;
        foreach (KernelTask other in Queued) shortestPs = Math.Min(shortestPs, other.Fair.SlicePs);
        fair.ProtectedUntilPs = fair.DeadlinePs;
        if (shortestPs == fair.SlicePs) return;
        long untilPs = fair.VruntimePs + fair.ToVirtual(shortestPs);
        if (untilPs - fair.ProtectedUntilPs < 0) fair.ProtectedUntilPs = untilPs;
    }

    /// <summary>update_curr: a slice that is used up is followed by another. True when somebody else should have the processor.</summary>
    public override bool UpdateCurrent(KernelTask current)
    {
        FairEntity fair = current.Fair;
        bool isUsedUp = fair.VruntimePs - fair.DeadlinePs >= 0;
        if (isUsedUp) fair.DeadlinePs = fair.VruntimePs + fair.ToVirtual(fair.SlicePs);
        return Queued.Count > 1 && (isUsedUp || !fair.IsProtected);
    }

    public override bool Tick(KernelTask current) => UpdateCurrent(current);

    private protected override bool Preempts(KernelTask woken, KernelTask current)
    {
        bool isShort = woken.Fair.SlicePs < current.Fair.SlicePs;
        if (!ReferenceEquals(PickEntity(current, protect: !isShort), woken)) return false;
        if (isShort) current.Fair.ProtectedUntilPs = current.Fair.VruntimePs;
        return true;
    }
}
