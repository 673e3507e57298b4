using Tophalf.Advisor.Observations;
using Tophalf.Linux;

namespace Tophalf.Advisor.Rules;

/// <summary>The mask somebody wrote and where the line really goes are two things.</summary>
internal sealed class MaskNotInForce() : Rule(new RuleCard(
    "mask-not-in-force",
    "Without interrupt remapping a line is moved by its own next interrupt, so a quiet line stays where it was after its mask was written. A line that keeps coming outside its mask has a driver or controller that ignores it.",
    $"effective_affinity holds a CPU that smp_affinity lacks, or {Many} interrupts came on CPUs outside an unchanged mask and none inside.",
    "kernel/irq/migration.c irq_move_masked_irq; kernel/irq/manage.c irq_set_affinity_locked",
    Part.Interrupts, Part.IrqDirectory))
{
    private const long Many = 10;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedLine line in seen.Lines)
        {
            if (line.Affinity is not { IsEmpty: false } asked)
                continue;
            bool waits = line.Effective is { IsEmpty: false } effective && !effective.IsSubsetOf(asked);
            long inside = Count(seen, line, asked.Contains), outside = line.Count - inside;
            bool ignored = seen.Seconds is not null && line.AffinityBefore == asked && inside == 0 && outside >= Many;
            if (!waits && !ignored)
                continue;
            string now = line.Effective is { } where ? where.ToList() : $"{line.Target(seen.Cpus)}";
            yield return Found(
                ignored ? Severity.Warning : Severity.Info,
                ignored
                    ? $"{line.Label} comes on CPU {line.Target(seen.Cpus)}, which its mask {asked.ToList()} does not hold."
                    : $"{line.Label} was asked to go to {asked.ToList()} and still goes to CPU {now}; it has not come since.",
                [
                    new Evidence(line.Path("smp_affinity_list"), asked.ToList()),
                    new Evidence(line.Path("effective_affinity_list"), now),
                    new Evidence("/proc/interrupts", $"irq {line.Irq} came {Wording.Count(line.Count)} times, {Wording.Count(outside)} of them outside the mask"),
                ],
                ignored
                    ? $"echo {asked.ToList()} > {line.Path("smp_affinity_list")}"
                    : $"let the device interrupt once, then: cat {line.Path("effective_affinity_list")}");
        }
    }

    private static long Count(Observation seen, ObservedLine line, Func<int, bool> isMeant) =>
        Enumerable.Range(0, seen.Cpus.Count).Where(i => isMeant(seen.Cpus[i])).Sum(i => line.PerCpu[i]);
}
