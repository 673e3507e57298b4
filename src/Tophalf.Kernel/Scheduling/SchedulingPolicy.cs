namespace Tophalf.Kernel.Scheduling;

/// <summary>The policies of sched(7). Fair is SCHED_OTHER.</summary>
public enum SchedulingPolicy { Fair, Batch, Idle, Fifo, RoundRobin, Deadline }

/// <summary>What SCHED_DEADLINE promises a task: so much runtime in every period, by the deadline counted from the period's begin.</summary>
public readonly record struct DeadlineParameters(long RuntimePs, long DeadlinePs, long PeriodPs);

/// <summary>Facts about policies (include/linux/sched/prio.h, kernel/sched/core.c).</summary>
public static class Policies
{
    public const int NiceZeroWeight = 1024;

    /// <summary>Of SCHED_FIFO and SCHED_RR (MAX_RT_PRIO - 1).</summary>
    public const int HighestRtPriority = 99;

    /// <summary>The weight of SCHED_IDLE (WEIGHT_IDLEPRIO).</summary>
    private const int IdleWeight = 3;

    /// <summary>sched_prio_to_weight, nice -20 to 19: one step is worth about ten percent of the processor.</summary>
    private static readonly int[] s_weights =
    [
        88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
        1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
    ];

    public static int WeightOf(SchedulingPolicy policy, int nice) => policy == SchedulingPolicy.Idle ? IdleWeight : s_weights[nice + 20];

    public static bool IsFair(this SchedulingPolicy policy) => policy <= SchedulingPolicy.Idle;
    public static bool IsRealTime(this SchedulingPolicy policy) => policy is SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin;
}
