using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A busy card uses fewer queues than it has and CPUs could serve.</summary>
internal sealed class QueuesBelowPossible() : Rule(new RuleCard(
    "queues-below-possible",
    "Receive work of a card spreads over as many CPUs as it has queues. This one has more queues than are in use, and a CPU that polls one of them is short of time.",
    $"ethtool -l shows fewer queues than it and the CPUs allow, and the busiest CPU of them spends {BusyPct:0} % in interrupts.",
    "Documentation/networking/scaling.rst; net/core/dev.c netif_get_num_default_rss_queues",
    Part.Ethtool, Part.Stat))
{
    private const double BusyPct = 50;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedInterface device in seen.Interfaces)
        {
            ObservedCpu? busiest = device.Lines.Where(line => line.Count > 0).Select(line => line.Target(seen.Cpus)).OfType<int>()
                .Select(seen.CpuTime).OfType<ObservedCpu>().MaxBy(cpu => cpu.InterruptPct);
            if (device.QueueCounts is not var (now, most) || device.MoreQueues(seen.Cpus.Count) is not { } command || busiest is not { InterruptPct: >= BusyPct })
                continue;
            yield return Found(
                Severity.Warning,
                $"{device.Name} uses {now} of {most} queues on a machine of {seen.Cpus.Count} CPUs, and CPU {busiest.Cpu} is short of time for its share.",
                [
                    new Evidence($"ethtool -l {device.Name}", $"queues now {now}, at most {most}"),
                    new Evidence("/proc/stat", $"CPU {busiest.Cpu} hardirq {Wording.Pct(busiest.HardirqPct)}, softirq {Wording.Pct(busiest.SoftirqPct)}"),
                ],
                command);
        }
    }
}
