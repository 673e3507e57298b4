using Tophalf.Kernel.Scheduling;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>
/// EEVDF as its paper and the kernel's comments describe it (I. Stoica and H. Abdel-Wahab, 1995; kernel/sched/fair.c), slowly and without rounding: every average is worked
/// out from the definition whenever it is needed.
/// </summary>
internal sealed class EevdfModel(long tickPs)
{
    internal sealed class Entity(string name, int weight, long slicePs, SchedulingPolicy policy)
    {
        public string Name { get; } = name;
        public SchedulingPolicy Policy { get; } = policy;
        public Fraction Weight { get; } = weight;
        public long SlicePs { get; } = slicePs;

        /// <summary>A real time as the virtual time of a task of this weight.</summary>
        public Fraction Virtual(long ps) => (Fraction)ps * Policies.NiceZeroWeight / Weight;

        public Fraction Vruntime, Deadline, Protected, Lag;
        public bool IsDelayed, IsDeadlineRelative;
    }

    private readonly List<Entity> _queue = [];
    private Fraction _emptyAverage;

    public IReadOnlyList<Entity> Queue => _queue;

    private Fraction Load => _queue.Aggregate((Fraction)0, (sum, entity) => sum + entity.Weight);

    /// <summary>The virtual time of the queue: where everybody would stand after ideal service.</summary>
    public Fraction Average => _queue.Count == 0 ? _emptyAverage : _queue.Aggregate((Fraction)0, (sum, entity) => sum + entity.Weight * entity.Vruntime) / Load;

    /// <summary>It has received no more than ideal service.</summary>
    public bool IsEligible(Entity entity) => entity.Vruntime <= Average;

    public void SetEmptyAverage(Fraction average) => _emptyAverage = average;

    public void Run(Entity entity, long ps) => entity.Vruntime += entity.Virtual(ps);

    public void Join(Entity entity, bool isNew)
    {
        if (entity.IsDelayed)
        {
            entity.IsDelayed = false;
            entity.Lag = LagOf(entity);
            if (entity.Lag <= 0) return;
            entity.Lag = 0;
            Leave(entity);
        }
        // Its own joining moves the average; the lag is blown up so that it has after joining what it had before.
        Fraction lag = _queue.Count == 0 ? 0 : entity.Lag * (Load + entity.Weight) / Load;
        entity.Vruntime = Average - lag;
        entity.Deadline = entity.Vruntime + (entity.IsDeadlineRelative ? entity.Deadline : entity.Virtual(entity.SlicePs) / (isNew ? 2 : 1));
        entity.IsDeadlineRelative = false;
        _queue.Add(entity);
    }

    public void Sleep(Entity entity)
    {
        if (!IsEligible(entity))
        {
            entity.IsDelayed = true;
            return;
        }
        entity.Lag = LagOf(entity);
        Leave(entity);
    }

    public void Migrate(Entity entity)
    {
        entity.Lag = LagOf(entity);
        if (entity.IsDelayed) entity.Lag = Fraction.Min(entity.Lag, 0);
        else
        {
            entity.Deadline -= entity.Vruntime;
            entity.IsDeadlineRelative = true;
        }
        entity.IsDelayed = false;
        Leave(entity);
    }

    private Fraction LagOf(Entity entity)
    {
        Fraction limit = entity.Virtual(Math.Max(2 * entity.SlicePs, tickPs));
        return Fraction.Max(limit * -1, Fraction.Min(limit, Average - entity.Vruntime));
    }

    private void Leave(Entity entity)
    {
        _emptyAverage = Average;
        _queue.Remove(entity);
    }

    /// <summary>Of those that are eligible the one with the earliest deadline; the running one stays while it is eligible and within what it was promised.</summary>
    public Entity? Choose(Entity? running, bool keepsPromise = true)
    {
        if (_queue.Count == 1) return _queue[0];
        Entity? kept = running is { IsDelayed: false } && _queue.Contains(running) && IsEligible(running) ? running : null;
        if (kept is not null && keepsPromise && kept.Vruntime < kept.Protected) return kept;
        Entity? best = null;
        Fraction average = Average;
        foreach (Entity entity in _queue.Where(entity => entity != kept && entity.Vruntime <= average))
        {
            if (best is null || entity.Deadline < best.Deadline) best = entity;
        }
        return best is null || kept is not null && kept.Deadline < best.Deadline ? kept : best;
    }

    /// <summary>The same for the next to run: sleepers that come up have waited their debt off and go.</summary>
    public Entity? Pick(Entity? running)
    {
        while (Choose(running) is { } chosen)
        {
            if (!chosen.IsDelayed) return chosen;
            chosen.Lag = Fraction.Min(LagOf(chosen), 0);
            chosen.IsDelayed = false;
            Leave(chosen);
        }
        return null;
    }

    /// <summary>What the task on the processor is promised: its slice, or as much as the shortest slice of those there.</summary>
    public void Promise(Entity entity)
    {
        long shortest = _queue.Min(other => other.SlicePs);
        entity.Protected = Fraction.Min(entity.Deadline, shortest == entity.SlicePs ? entity.Deadline : entity.Vruntime + entity.Virtual(shortest));
    }

    /// <summary>A slice that is used up is followed by another; true if somebody else should have the processor.</summary>
    public bool IsTurnOver(Entity running)
    {
        bool usedUp = running.Vruntime >= running.Deadline;
        if (usedUp) running.Deadline = running.Vruntime + running.Virtual(running.SlicePs);
        return _queue.Count > 1 && (usedUp || running.Vruntime >= running.Protected);
    }

    public bool Preempts(Entity woken, Entity running)
    {
        if ((running.Policy, woken.Policy) is (SchedulingPolicy.Idle, not SchedulingPolicy.Idle)) return true;
        if (running.Policy == SchedulingPolicy.Idle || woken.Policy != SchedulingPolicy.Fair) return false;
        bool isShorter = woken.SlicePs < running.SlicePs;
        if (Choose(running, keepsPromise: !isShorter) != woken) return false;
        if (isShorter) running.Protected = running.Vruntime;
        return true;
    }
}
