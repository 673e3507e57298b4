using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A row of /proc/interrupts that should stay at 0 grows.</summary>
internal sealed class ErrorRow(ErrorRow.Counter counter) : Rule(counter.Card)
{
    /// <summary>A row and what it means when it grows.</summary>
    internal sealed record Counter(string Row, RuleCard Card, string Says, string Remedy);

    public static readonly Counter ApicErrors = new(
        "ERR",
        new RuleCard(
            "apic-errors",
            "The local APICs reported errors in messages between them and the chipset, or an 8259 raised an interrupt it then did not know. On a sound board the row stays at 0; unhandled device interrupts are not counted here.",
            "Any growth between two moments, or not 0 in one.",
            "arch/x86/kernel/apic/apic.c sysvec_error_interrupt; arch/x86/kernel/i8259.c",
            Part.Interrupts),
        "APIC errors", "read which error it is in the log (dmesg | grep 'APIC error'); look at firmware updates and the 8259's lines 7 and 15");

    public static readonly Counter LevelAsEdge = new(
        "MIS",
        new RuleCard(
            "level-as-edge",
            "Level-triggered interrupts of the I/O APIC arrived marked as edge-triggered, and the kernel had to reset the pin by hand. That is a fault of old chipsets and costs a register dance for each.",
            "Any growth between two moments, or not 0 in one.",
            "arch/x86/kernel/apic/io_apic.c ioapic_ack_level",
            Part.Interrupts),
        "level-triggered interrupts that arrived as edges", "let the devices on I/O APIC pins use MSI instead");

    public static readonly Counter SpuriousVectors = new(
        "SPU",
        new RuleCard(
            "spurious-vectors",
            "The local APIC delivered a vector for an interrupt that was gone by the time the CPU asked for it. A device that takes its line back, or a mask written at the wrong moment, does that; it costs an entry and tells of a driver bug.",
            "Any growth between two moments, or not 0 in one.",
            "arch/x86/kernel/apic/apic.c handle_spurious_interrupt",
            Part.Interrupts),
        "spurious APIC interrupts", "look which line was masked or freed at that time (dmesg | grep -i spurious)");

    public override IEnumerable<Finding> Look(Observation seen)
    {
        if (seen.Rows.FirstOrDefault(row => row.Name == counter.Row) is not { Count: > 0 } row)
            yield break;
        yield return Found(
            seen.Seconds is null ? Severity.Info : Severity.Warning,
            $"The kernel counted {Wording.Count(row.Count)} {counter.Says}{(seen.Seconds is null ? " since boot" : " while it was watched")}.",
            [new Evidence("/proc/interrupts", $"{counter.Row} {seen.PerSecond(row.Count)}")],
            counter.Remedy);
    }
}
