namespace Tophalf.Kernel.Scheduling.Idle;

/// <summary>One way of doing nothing (struct cpuidle_state).</summary>
/// <param name="Name">As /sys/devices/system/cpu/cpuN/cpuidle/stateM/name prints it.</param>
/// <param name="ExitPs">From the interrupt to the first instruction.</param>
/// <param name="ResidencyPs">How long it must last to be worth it.</param>
/// <param name="WatchesNeedResched">A write to the task flags ends it (MWAIT, polling), so a wake-up needs no interrupt (TIF_POLLING_NRFLAG).</param>
public sealed record IdleState(string Name, long ExitPs, long ResidencyPs, bool WatchesNeedResched)
{
    /// <summary>What its driver says of latency and residency, where that is not what they are.</summary>
    public long? DeclaredPs { get; init; }

    /// <summary>Deeper than C1: without ARAT the local APIC timer stops in it (CPUIDLE_FLAG_TIMER_STOP).</summary>
    public bool IsDeep { get; init; }
}
