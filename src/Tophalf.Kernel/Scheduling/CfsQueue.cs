using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// The fair class before Linux 6.6, the Completely Fair Scheduler (kernel/sched/fair.c, Documentation/scheduler/sched-design-CFS.rst): the task that has had least runs. Who wakes is
/// owed half a period, and takes the processor from one that is more than the wake-up granularity ahead. The features are those Linux had on: GENTLE_FAIR_SLEEPERS, START_DEBIT,
/// LAST_BUDDY, CACHE_HOT_BUDDY, WAKEUP_PREEMPTION, BASE_SLICE.
/// </summary>
internal sealed class CfsQueue : FairQueue
{
    /// <summary>sched_nr_latency: with more tasks the period grows.</summary>
    private const int MostInPeriod = 8;

    private readonly long _periodPs, _leastPs, _wakeupPs;
    private long _minPs;
    private KernelTask? _next, _last;

    /// <param name="cpus">Processors of the machine: periods are scaled by 1 + log2 of them, at most 8 (sched_tunable_scaling).</param>
    public CfsQueue(int cpus)
    {
        int factor = 1 + int.Log2(Math.Min(cpus, 8));
        _periodPs = 6 * SimTime.Millisecond * factor;
        _leastPs = 750 * SimTime.Microsecond * factor;
        _wakeupPs = SimTime.Millisecond * factor;
    }

    /// <summary>update_min_vruntime: the least that anybody has had, which never falls.</summary>
    private void UpdateMin()
    {
        if (Queued.Count == 0) return;
        long leastPs = Queued[0].Fair.VruntimePs;
        foreach (KernelTask task in Queued) leastPs = Math.Min(leastPs, task.Fair.VruntimePs);
        _minPs = Math.Max(_minPs, leastPs);
    }

    // ---- coming and going ----------------------------------------------------------------------------------------------------------

    public override void Enqueue(KernelTask task, bool isNew)
    {
        FairEntity fair = task.Fair;
        UpdateMin();
        if (fair.IsVruntimeRelative) fair.VruntimePs += _minPs;
        fair.IsVruntimeRelative = false;
        Queued.Add(task);
        Runnable++;
        if (isNew) fair.VruntimePs = _minPs + fair.ToVirtual(Slice(fair));
        else if (fair.HasSlept) fair.VruntimePs = Math.Max(fair.VruntimePs, _minPs - (task.Policy == SchedulingPolicy.Idle ? _leastPs : _periodPs) / 2);
        fair.HasSlept = false;
        fair.IsQueued = true;
    }

    public override void Dequeue(KernelTask task, bool sleeps)
    {
        FairEntity fair = task.Fair;
        UpdateMin();
        Forget(task);
        Queued.Remove(task);
        Runnable--;
        fair.IsQueued = false;
        if (sleeps) fair.HasSlept = true;
        else MakeRelative(fair);
        UpdateMin();
    }

    public override void Leave(KernelTask task)
    {
        if (!task.Fair.IsVruntimeRelative) MakeRelative(task.Fair);
    }

    /// <summary>Processors have had different times: between two of them it counts from the least of the one it leaves.</summary>
    private void MakeRelative(FairEntity fair)
    {
        fair.VruntimePs -= _minPs;
        fair.IsVruntimeRelative = true;
    }

    // ---- choosing ------------------------------------------------------------------------------------------------------------------

    /// <summary>pick_next_entity: who has had least, or, where that is fair enough, the one that was to preempt, or the one that was preempted.</summary>
    public override KernelTask? Pick(KernelTask? current)
    {
        if (Queued.Count == 0) return null;
        // A task that is put back stands behind those that have had as much.
        if (current is not null && Queued.Remove(current)) Queued.Add(current);
        KernelTask least = Queued[0];
        foreach (KernelTask task in Queued)
        {
            if (task.Fair.VruntimePs - least.Fair.VruntimePs < 0) least = task;
        }
        if (_next is { } next && !IsFarAhead(next, least)) return next;
        return _last is { } last && !IsFarAhead(last, least) ? last : least;
    }

    public override void SetNext(KernelTask task)
    {
        Forget(task);
        task.Fair.RanAtPickPs = task.Fair.RanPs;
    }

    public override bool UpdateCurrent(KernelTask current)
    {
        UpdateMin();
        return false;
    }

    /// <summary>check_preempt_tick.</summary>
    public override bool Tick(KernelTask current)
    {
        UpdateMin();
        if (Queued.Count <= 1) return false;
        FairEntity fair = current.Fair;
        long slicePs = Math.Min(Slice(fair), _periodPs), ranPs = fair.RanPs - fair.RanAtPickPs;
        if (ranPs > slicePs)
        {
            Forget(current);
            return true;
        }
        if (ranPs < _leastPs) return false;
        long leastPs = long.MaxValue;
        foreach (KernelTask task in Queued)
        {
            if (!ReferenceEquals(task, current)) leastPs = Math.Min(leastPs, task.Fair.VruntimePs);
        }
        return fair.VruntimePs - leastPs > slicePs;
    }

    private protected override bool Preempts(KernelTask woken, KernelTask current)
    {
        UpdateMin();
        if (!IsFarAhead(current, woken)) return false;
        _next = woken;
        if (Runnable >= MostInPeriod) _last = current;
        return true;
    }

    /// <summary>wakeup_preempt_entity: by more than the granularity, in the virtual time of the one behind.</summary>
    private bool IsFarAhead(KernelTask one, KernelTask other) => one.Fair.VruntimePs - other.Fair.VruntimePs is > 0 and var aheadPs && aheadPs > other.Fair.ToVirtual(_wakeupPs);

    /// <summary>sched_slice: a task's share of a period in which each runs once.</summary>
    private long Slice(FairEntity fair)
    {
        long periodPs = Runnable > MostInPeriod ? Runnable * _leastPs : _periodPs, load = 0;
        foreach (KernelTask task in Queued) load += task.Fair.Weight;
        return Math.Max(_leastPs, (long)((Int128)periodPs * fair.Weight / load));
    }

    /// <summary>clear_buddies.</summary>
    private void Forget(KernelTask task)
    {
        if (ReferenceEquals(_next, task)) _next = null;
        if (ReferenceEquals(_last, task)) _last = null;
    }
}
