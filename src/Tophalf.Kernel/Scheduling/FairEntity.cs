namespace Tophalf.Kernel.Scheduling;

/// <summary>What the fair class knows of a task (struct sched_entity). Virtual times are picoseconds of a task of nice 0.</summary>
internal sealed class FairEntity(int weight, long slicePs)
{
    private long _chargedRest;

    public int Weight { get; } = weight;

    /// <summary>The time it asks for at a stretch.</summary>
    public long SlicePs { get; } = slicePs;

    /// <summary>Time it has run, weighted.</summary>
    public long VruntimePs { get; set; }

    /// <summary>The virtual time by which its slice is due; while it is between processors, counted from its virtual runtime.</summary>
    public long DeadlinePs { get; set; }

    /// <summary>The virtual runtime up to which nobody but a shorter slice takes the processor from it.</summary>
    public long ProtectedUntilPs { get; set; }

    /// <summary>What it was owed (or, negative, owed) when it left the queue.</summary>
    public long LagPs { get; set; }

    /// <summary>It sleeps, and stays in the queue until it owes nothing (DELAY_DEQUEUE).</summary>
    public bool IsDelayed { get; set; }

    public bool IsQueued { get; set; }

    /// <summary>Under CFS: it has slept since it was last queued; its virtual runtime counts from the least of a processor it has left.</summary>
    public bool HasSlept { get; set; }
    public bool IsVruntimeRelative { get; set; }

    /// <summary>sum_exec_runtime, and what it was when it last got the processor.</summary>
    public long RanPs { get; private set; }
    public long RanAtPickPs { get; set; }

    /// <summary>The deadline is relative, since it moves from one processor to another (PLACE_REL_DEADLINE).</summary>
    public bool IsDeadlineRelative { get; set; }

    public bool IsProtected => ProtectedUntilPs - VruntimePs > 0;

    /// <summary>It ran. The rest of the division is kept, so that two stretches charge what one of their length does.</summary>
    public void Charge(long ps)
    {
        RanPs += ps;
        if (Weight == Policies.NiceZeroWeight)
        {
            VruntimePs += ps;
            return;
        }
        (Int128 whole, Int128 rest) = Int128.DivRem((Int128)ps * Policies.NiceZeroWeight + _chargedRest, Weight);
        VruntimePs += (long)whole;
        _chargedRest = (long)rest;
    }

    /// <summary>calc_delta_fair: real time as this task's virtual time.</summary>
    public long ToVirtual(long ps) => Weight == Policies.NiceZeroWeight ? ps : (long)((Int128)ps * Policies.NiceZeroWeight / Weight);
}
