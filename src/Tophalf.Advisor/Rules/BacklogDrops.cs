using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>The queue between two CPUs, or between a virtual interface and its CPU, was full.</summary>
internal sealed class BacklogDrops() : Rule(new RuleCard(
    "backlog-drops",
    "Packets steered to another CPU (RPS) and those of virtual interfaces wait in a backlog per CPU, and what comes when it is full is dropped. A larger netdev_max_backlog bridges a burst; a CPU that is always behind needs more CPUs in rps_cpus.",
    "Any drop between two moments, or since boot where there is one.",
    "net/core/dev.c enqueue_to_backlog; /proc/net/softnet_stat column 2",
    Part.Softnet))
{
    private const long DefaultBacklog = 1_000;
    private const double SaturatedPct = 90;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        ObservedCpu[] concerned = [.. seen.CpuTimes.Where(cpu => cpu.BacklogDropped > 0)];
        if (concerned.Length == 0)
            yield break;
        ObservedCpu worst = concerned.MaxBy(cpu => cpu.BacklogDropped)!;
        long backlog = seen.Setting("/proc/sys/net/core/netdev_max_backlog") ?? DefaultBacklog;
        string longer = $"echo {backlog * 4} > /proc/sys/net/core/netdev_max_backlog";
        const string Wider = "add CPUs to /sys/class/net/IF/queues/rx-N/rps_cpus of the interface whose packets are steered";
        yield return Found(
            Severity.Error,
            $"The backlog of {Wording.CpuNames([.. concerned.Select(cpu => cpu.Cpu)])} was full and dropped packets: {seen.PerSecond(concerned.Sum(cpu => cpu.BacklogDropped))}.",
            [
                new Evidence("/proc/net/softnet_stat", $"CPU {worst.Cpu} dropped {Wording.Count(worst.BacklogDropped)}, processed {Wording.Count(worst.SoftnetProcessed)}"),
                new Evidence("/proc/sys/net/core/netdev_max_backlog", $"{backlog}"),
            ],
            worst.BusyPct > SaturatedPct ? [Wider, longer] : [longer, Wider]);
    }
}
