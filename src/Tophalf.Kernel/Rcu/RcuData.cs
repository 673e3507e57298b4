using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Rcu;

/// <summary>struct rcu_data: what one processor knows of grace periods, and its callbacks (kernel/rcu/tree.h).</summary>
internal sealed class RcuData(Cpu cpu, bool isOffloaded)
{
    public Cpu Cpu { get; } = cpu;
    public RcuCallbackList Callbacks { get; } = new();

    /// <summary>Its callbacks are called by a thread of their own (rcu_nocbs=).</summary>
    public bool IsOffloaded { get; } = isOffloaded;

    /// <summary>The sequence number of grace periods that it has heard of.</summary>
    public long Sequence { get; set; }

    /// <summary>core_needs_qs: the grace period waits for this processor.</summary>
    public bool IsWaitedFor { get; set; }

    /// <summary>cpu_no_qs: it has not passed a quiescent state since it heard of the grace period.</summary>
    public bool HasNoQuiescentState { get; set; }

    /// <summary>rcu_urgent_qs: the grace period grows old, so the next tick makes the processor switch.</summary>
    public bool IsUrgent { get; set; }

    /// <summary>How often it had idled, or its task had been in user mode, when somebody first looked.</summary>
    public long WatchingSnapshot { get; set; }

    public int BatchLimit { get; set; }
    public int LengthAtForce { get; set; }

    /// <summary>rcuc/N: does the work of the softirq where that is not used.</summary>
    public RcuCoreThread? CoreThread { get; set; }

    /// <summary>rcuop/N and rcuog/N of an offloaded processor.</summary>
    public RcuCallbackThread? CallbackThread { get; set; }
    public RcuGroupThread? GroupThread { get; set; }

    // For the stall report: ticks and softirqs since it heard of the grace period.
    public long TicksThisPeriod { get; set; }
    public uint SoftirqsAtStart { get; set; }
}
