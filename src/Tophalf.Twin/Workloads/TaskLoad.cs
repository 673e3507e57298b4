using Tophalf.Kernel.Scheduling;

namespace Tophalf.Twin.Workloads;

/// <summary>The tasks of one entry of a scenario, and how late their timers were.</summary>
/// <param name="Name">Their name.</param>
/// <param name="Latency">Null for tasks that never sleep.</param>
public sealed record TaskLoad(string Name, TimerLatency? Latency)
{
    public List<PeriodicTask> Tasks { get; } = [];
}
