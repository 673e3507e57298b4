namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// A SCHED_DEADLINE task's constant bandwidth server (kernel/sched/deadline.c): so much runtime until the deadline; when that is used up the task
/// is throttled until its next period. Bandwidth left over from before a sleep is kept only if it does not exceed what was promised.
/// </summary>
internal sealed class DeadlineEntity(DeadlineParameters promised)
{
    public DeadlineParameters Promised { get; } = promised;

    /// <summary>Runtime left until the deadline; negative after an overrun, which the next period pays.</summary>
    public long LeftPs { get; private set; }

    /// <summary>The moment, of virtual time since boot, by which the runtime is due.</summary>
    public long DeadlinePs { get; private set; }

    public bool IsThrottled { get; set; }

    /// <summary>Begins the next period; <see cref="Replenish"/> is to be called then.</summary>
    public long NextPeriodPs => DeadlinePs - Promised.DeadlinePs + Promised.PeriodPs;

    public void Charge(long ps) => LeftPs -= ps;

    /// <summary>update_dl_entity, at a wake-up: a new deadline, if the old one has passed or the rest until then is more than was promised.</summary>
    public void Wake(long nowPs)
    {
        if (DeadlinePs > nowPs && !Overflows(nowPs)) return;
        DeadlinePs = nowPs + Promised.DeadlinePs;
        LeftPs = Promised.RuntimePs;
    }

    /// <summary>dl_entity_overflow: left / (deadline - now) &gt; runtime / period.</summary>
    private bool Overflows(long nowPs) => (Int128)LeftPs * Promised.PeriodPs > (Int128)Promised.RuntimePs * (DeadlinePs - nowPs);

    /// <summary>replenish_dl_entity: as many periods on as it takes to pay an overrun.</summary>
    public void Replenish(long nowPs)
    {
        while (LeftPs <= 0)
        {
            DeadlinePs += Promised.PeriodPs;
            LeftPs += Promised.RuntimePs;
        }
        if (DeadlinePs > nowPs) return;
        DeadlinePs = nowPs + Promised.DeadlinePs;
        LeftPs = Promised.RuntimePs;
    }
}
