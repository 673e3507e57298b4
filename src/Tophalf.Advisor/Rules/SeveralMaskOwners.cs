using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>Two programs write the same masks.</summary>
internal sealed class SeveralMaskOwners() : Rule(new RuleCard(
    "several-mask-owners",
    "Every one of these programs writes /proc/irq/*/smp_affinity by its own plan, and the last to write wins until the next one does. Which CPU a line goes to then depends on their timing.",
    "Two or more processes run that are known to write masks: irqbalance, tuned, irqd, numad, set_irq_affinity.",
    "kernel/irq/proc.c write_irq_affinity (no owner is recorded); irqbalance(1)",
    Part.KernelThreads))
{
    private static readonly string[] s_writers = ["irqbalance", "tuned", "irqd", "numad", "set_irq_affinit"];

    public override IEnumerable<Finding> Look(Observation seen)
    {
        ObservedTask[] owners = [.. seen.Tasks.Where(task => s_writers.Contains(task.Name)).DistinctBy(task => task.Pid)];
        if (owners.Length < 2)
            yield break;
        yield return Found(
            Severity.Warning,
            $"{string.Join(" and ", owners.Select(owner => owner.Label))} all write interrupt masks.",
            [.. owners.Select(owner => new Evidence($"/proc/{owner.Pid}/stat", owner.Name))],
            "keep one of them: stop the others, or take the lines out of irqbalance's hands (irqbalance --banirq=N for each)");
    }
}
