using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>Several devices share a busy wire.</summary>
internal sealed class SharedLine() : Rule(new RuleCard(
    "shared-line",
    "Every interrupt of a shared line runs the handlers of all its devices, since the wire does not tell which of them raised it. A quiet device pays for its busy neighbour, and a handler that is slow or wrong holds up both.",
    $"A line with two handlers or more comes {OftenPerSecond:0} times a second.",
    "kernel/irq/handle.c __handle_irq_event_percpu (all actions always run)",
    Part.Interrupts))
{
    private const double OftenPerSecond = 50;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedLine line in seen.Lines.Where(line => line.Actions.Count > 1 && seen.IsAtLeast(line.Count, OftenPerSecond)))
        {
            yield return Found(
                Severity.Warning,
                $"{line.Actions.Count} handlers share irq {line.Irq} ({line.Name}), and each runs for every one of its interrupts.",
                [new Evidence("/proc/interrupts", $"irq {line.Irq} {line.Chip} {line.Name}: {seen.PerSecond(line.Count)}")],
                "let the busy device use MSI (its driver's parameter, or an adapter that has it)",
                $"unbind a device that is not needed; what its handler leaves unclaimed shows in {line.Path("spurious")}");
        }
    }
}
