namespace Tophalf.Advisor.Observations;

/// <summary>Where one CPU's time went between the moments, in percent, and what its receive softirq did.</summary>
public sealed record ObservedCpu(int Cpu, double UserPct, double SystemPct, double HardirqPct, double SoftirqPct, double IowaitPct, double StealPct, double IdlePct)
{
    /// <summary>Packets of /proc/net/softnet_stat, packets its backlog dropped, and rounds that ended with packets left.</summary>
    public long SoftnetProcessed { get; init; }
    public long BacklogDropped { get; init; }
    public long TimeSqueeze { get; init; }

    /// <summary>Waiting for a disk is idling.</summary>
    public double BusyPct => 100 - IdlePct - IowaitPct;

    public double InterruptPct => HardirqPct + SoftirqPct;
}

/// <summary>One task between the moments.</summary>
/// <param name="BusyPct">Percent of one CPU it used; null where there was one moment only.</param>
/// <param name="WasRunnable">In state R at both moments.</param>
public sealed record ObservedTask(int Pid, int Tid, string Name, bool IsKernelThread, int Cpu, int Policy, int RealtimePriority, double? BusyPct, bool WasRunnable)
{
    public bool IsRealtime => Policy is 1 or 2;

    /// <summary>"lcore-worker-3 (pid 812)".</summary>
    public string Label => $"{Name} (pid {Tid})";
}
