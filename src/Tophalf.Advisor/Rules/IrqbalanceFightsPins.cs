using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A balancer runs on a machine whose lines somebody pinned.</summary>
internal sealed class IrqbalanceFightsPins() : Rule(new RuleCard(
    "irqbalance-fights-pins",
    "irqbalance looks at the load every ten seconds and writes the masks it thinks best, knowing nothing of pins made by hand or script. What was pinned at boot is then somewhere else after the first busy minute.",
    $"irqbalance runs, and a mask changed between the two moments, or {Pinned} or more queues of a device are pinned in order, queue n to the n-th CPU.",
    "irqbalance activate_mapping; Documentation/core-api/irq/irq-affinity.rst",
    Part.KernelThreads, Part.Interrupts, Part.IrqDirectory))
{
    /// <summary>Fewer in order may be chance.</summary>
    private const int Pinned = 4;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        if (seen.Tasks.FirstOrDefault(task => task.Name == "irqbalance") is not { } balancer)
            yield break;
        foreach (ObservedLine line in seen.Lines.Where(line => line.AffinityBefore is { } before && line.Affinity is { } now && before != now))
        {
            yield return Found(
                Severity.Warning,
                $"The mask of {line.Label} was rewritten while irqbalance runs.",
                [new Evidence(line.Path("smp_affinity_list"), $"{line.AffinityBefore!.Value.ToList()}, then {line.Affinity!.Value.ToList()}"), new Evidence($"/proc/{balancer.Pid}/stat", balancer.Name)],
                $"irqbalance --banirq={line.Irq}, or stop it: systemctl stop irqbalance");
        }
        foreach (IGrouping<string, ObservedLine> device in seen.Lines.Where(line => line.Queue is not null && line.IsManaged != true).GroupBy(line => line.Queue!.Device))
        {
            ObservedLine[] queues = [.. device.OrderBy(line => line.Queue!.Number)];
            bool inOrder = queues.Length >= Pinned && Enumerable.Range(0, queues.Length).All(i => queues[i].Affinity is { Count: 1 } mask && mask.First == seen.Cpus[i % seen.Cpus.Count]);
            if (!inOrder)
                continue;
            yield return Found(
                Severity.Warning,
                $"The {queues.Length} queues of {device.Key} are pinned one to a CPU in order, as a script does, while irqbalance runs and may move each of them.",
                [new Evidence(queues[0].Path("smp_affinity_list"), queues[0].Affinity!.Value.ToList()), new Evidence($"/proc/{balancer.Pid}/stat", balancer.Name)],
                $"irqbalance{string.Concat(queues.Select(line => $" --banirq={line.Irq}"))}, or stop it: systemctl stop irqbalance");
        }
    }
}
