namespace Tophalf.Kernel.Scheduling;

/// <summary>Why a processor looks for work elsewhere (enum cpu_idle_type, in the order it had until 6.9).</summary>
internal enum BalanceReason { Idle, Busy, NewlyIdle }

/// <summary>What /proc/schedstat counts of a processor's looks for work, by their reason.</summary>
internal struct BalanceStatistics
{
    /// <summary>Looks; those that found nobody busier; those that found somebody and moved nothing.</summary>
    public long Count, Balanced, Failed;

    /// <summary>The sum of the loads that ought to have moved, and tasks that did.</summary>
    public long Imbalance, Gained;
}
