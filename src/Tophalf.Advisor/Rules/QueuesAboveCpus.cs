using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>More queues than CPUs to serve them.</summary>
internal sealed class QueuesAboveCpus() : Rule(new RuleCard(
    "queues-above-cpus",
    "Two queues on one CPU share its time and do not add any, but each has an interrupt, a ring and a poll of its own. One queue for each CPU that takes interrupts is as parallel as it gets.",
    "A device has more receive queues than CPUs are online.",
    "Documentation/networking/scaling.rst (Suggested Configuration)",
    Part.Interrupts))
{
    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (IGrouping<string, ObservedLine> device in seen.Lines.Where(line => line.Queue is { IsReceive: true }).GroupBy(line => line.Queue!.Device))
        {
            int queues = device.Count();
            if (queues <= seen.Cpus.Count)
                continue;
            ObservedInterface? card = seen.Interfaces.FirstOrDefault(card => card.Lines.Contains(device.First()));
            yield return Found(
                Severity.Info,
                $"{device.Key} has {queues} receive queues for {seen.Cpus.Count} CPUs.",
                [new Evidence("/proc/interrupts", $"{queues} lines {device.First().Name} … {device.Last().Name}; {seen.Cpus.Count} columns of CPUs")],
                card?.SetQueues(seen.Cpus.Count) ?? $"give the device {seen.Cpus.Count} queues (ethtool -L, or its driver's parameter)");
        }
    }
}
