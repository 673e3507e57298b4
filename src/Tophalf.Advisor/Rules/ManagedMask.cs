using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A busy line whose mask nobody can write.</summary>
internal sealed class ManagedMask() : Rule(new RuleCard(
    "managed-mask",
    "The kernel laid this line's mask out with the driver's queues, and writing it answers EPERM, to root and to irqbalance alike. Only the number of queues, CPU hotplug and isolcpus=managed_irq move such a line.",
    $"A line without write permission comes {OftenPerSecond:0} times a second.",
    "kernel/irq/affinity.c; kernel/irq/manage.c irq_can_set_affinity_usr",
    Part.Interrupts, Part.MaskModes))
{
    private const double OftenPerSecond = 100;

    /// <summary>Nobody may move it either, but it is no queue's.</summary>
    private const int TimerLine = 0;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedLine line in seen.Lines.Where(line => line.IsManaged == true && line.Irq != TimerLine && seen.IsAtLeast(line.Count, OftenPerSecond)))
        {
            yield return Found(
                Severity.Info,
                $"{line.Label} is busy on CPU {line.Target(seen.Cpus)}, and its mask cannot be written.",
                [
                    new Evidence($"ls -l {line.Path("smp_affinity")}", "-r--r--r--"),
                    new Evidence("/proc/interrupts", $"irq {line.Irq} {seen.PerSecond(line.Count)}, CPU {line.Target(seen.Cpus)} the most"),
                ],
                "give the device more queues (nvme: module parameter, virtio: number of queues of the host's device)",
                "boot with isolcpus=managed_irq,CPUS to keep managed lines off some CPUs");
        }
    }
}
