using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>Interrupts that no handler claims: on the way to the detector, or a shared line with a stranger on it.</summary>
internal sealed class UnhandledGrowing() : Rule(new RuleCard(
    "unhandled-growing",
    "Interrupts come that no handler of the line claims: a device without a driver shares the wire, or a driver reads the wrong status. At 99,901 in a window of 100,000 the kernel turns the whole line off.",
    $"{Few} more unhandled ones between two moments, or {Many:N0} in the window that one moment shows.",
    "kernel/irq/spurious.c note_interrupt; /proc/irq/N/spurious",
    Part.Interrupts, Part.IrqDirectory))
{
    private const long Few = 10;
    private const long Many = 1_000;
    private const long Limit = 99_900;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedLine line in seen.Lines)
        {
            if (line.Spurious is not { } spurious)
                continue;
            // The window's counts fall back to 0 when it is full; then what it holds now is new.
            long grown = line.UnhandledBefore is { } before ? spurious.Unhandled >= before ? spurious.Unhandled - before : spurious.Unhandled : 0;
            if (seen.Seconds is null ? spurious.Unhandled < Many : grown < Few)
                continue;
            yield return Found(
                Severity.Warning,
                $"{line.Label} brings interrupts that none of its handlers claims; the kernel turns it off at {Wording.Count(Limit + 1)} of 100,000.",
                [
                    new Evidence(line.Path("spurious"), $"unhandled {Wording.Count(spurious.Unhandled)} of {Wording.Count(spurious.Count)} in this window"
                        + (seen.Seconds is null ? "" : $", {Wording.Count(grown)} of them new")),
                    new Evidence("/proc/interrupts", $"irq {line.Irq} {seen.PerSecond(line.Count)}"),
                ],
                $"cat /proc/irq/{line.Irq}/spurious",
                $"look for a device on irq {line.Irq} that has no driver bound (lspci -v), and bind or disable it");
        }
    }
}
