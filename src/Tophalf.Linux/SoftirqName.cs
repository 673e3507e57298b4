namespace Tophalf.Linux;

/// <summary>The names of the softirq vectors, softirq_to_name[] of kernel/softirq.c over the years.</summary>
public static class SoftirqName
{
    /// <summary>The ten vectors of today's kernels in vector order, which is the order of the softirq line of /proc/stat.</summary>
    public static IReadOnlyList<string> InVectorOrder { get; } =
        ["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"];

    /// <summary>Whether some kernel has a softirq of that name; IRQ_POLL was BLOCK_IOPOLL before 4.5.</summary>
    public static bool IsKnown(string name) => name == "BLOCK_IOPOLL" || InVectorOrder.Contains(name);

    /// <summary>What the vector's action does (include/linux/interrupt.h and the callers of open_softirq); empty for a name no kernel has.</summary>
    public static string Does(string name) => name.ToUpperInvariant() switch
    {
        "HI" => "high-priority tasklets",
        "TIMER" => "timers of the timer wheel",
        "NET_TX" => "frees sent packets, runs queueing disciplines",
        "NET_RX" => "polls network cards (NAPI)",
        "BLOCK" => "completes block requests",
        "IRQ_POLL" or "BLOCK_IOPOLL" => "polls storage adapters",
        "TASKLET" => "tasklets",
        "SCHED" => "balances load between CPUs",
        "HRTIMER" => "high-resolution timers",
        "RCU" => "calls RCU callbacks",
        _ => "",
    };
}
