using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>One row of /proc/interrupts.</summary>
/// <param name="Label">What stands before the colon: an interrupt number or a name such as NMI, LOC, IPI0, ERR.</param>
/// <param name="Irq">The Linux interrupt number; null in the named rows.</param>
/// <param name="Counts">
/// Counters in the order of the header's CPUs. The kernel's are 32 bits wide and wrap. Fewer than the columns in rows that
/// count for the whole machine (ERR, MIS).
/// </param>
/// <param name="Chip">Name of the interrupt controller, such as IO-APIC or PCI-MSIX-0000:00:02.0; null where none is printed.</param>
/// <param name="HardwareIrq">The controller's own number for the interrupt, as printed; null where none is.</param>
/// <param name="Flow">Name of the flow handler behind a hyphen, such as edge, fasteoi, level; null where none is printed.</param>
/// <param name="Trigger">Edge or Level where the kernel shows it (CONFIG_GENERIC_IRQ_SHOW_LEVEL: not on x86), else null.</param>
/// <param name="Actions">Names of the handlers on the line; more than one when it is shared. Empty in the named rows.</param>
/// <param name="Description">Everything behind the counters.</param>
public sealed record InterruptRow(
    string Label,
    int? Irq,
    ImmutableArray<long> Counts,
    string? Chip,
    string? HardwareIrq,
    string? Flow,
    string? Trigger,
    ImmutableArray<string> Actions,
    string Description)
{
    /// <summary>Interrupts on all CPUs of the table together.</summary>
    public long Total => Counters.Sum(Counts);

    /// <summary>A numbered row from what stands behind its counters; without counts.</summary>
    public static InterruptRow OfTail(string label, int irq, string tail)
    {
        // A copy through a PDF turns hyphens into soft hyphens.
        tail = tail.Replace('\u00AD', '-');
        InterruptSource source = InterruptSource.Parse(tail);
        return new InterruptRow(label, irq, [], source.Chip, source.HardwareIrq, source.Flow, source.Trigger, source.Actions, tail);
    }
}
