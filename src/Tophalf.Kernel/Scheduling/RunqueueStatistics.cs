namespace Tophalf.Kernel.Scheduling;

/// <summary>What /proc/schedstat counts on a processor (kernel/sched/stats.c): calls and wake-ups while <see cref="Kernel.HasSchedStats"/>, arrivals and delays always.</summary>
public sealed class RunqueueStatistics
{
    /// <summary>Calls of schedule(), and those that found nothing to run.</summary>
    public long Schedules { get; internal set; }
    public long GoesIdle { get; internal set; }

    /// <summary>Wake-ups onto this processor, and those of them that came from itself.</summary>
    public long Wakeups { get; internal set; }
    public long LocalWakeups { get; internal set; }

    /// <summary>Times a task got the processor, and how long tasks had waited for it, in picoseconds.</summary>
    public long Arrivals { get; internal set; }
    public long RunDelayPs { get; internal set; }
}
