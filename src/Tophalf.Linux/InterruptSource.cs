using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>
/// What stands behind the counters of a numbered row of /proc/interrupts, taken apart (kernel/irq/proc.c, show_interrupts;
/// the architectures printed their own before 2.6.39). The kernel pads with blanks and puts two before the names:
/// <code>
///  IO-APIC   5-edge      ACPI:Ged            chip, hardware number, flow        x86 since 4.2
///  PCI-MSI-edge      eth0                    chip, flow                         x86 before
///    GICv3  27 Level     arch_timer          chip, hardware number, trigger     Arm, PowerPC
///  SiFive PLIC   5  10011000.serial          chip of two words, number          RISC-V, LoongArch
///  xen-percpu    -virq      timer0           chip, no number, flow           Xen since 4.2
///    XT-PIC  timer  0/5362                   chip; PREEMPT_RT counts of 2004
///   4020KEY                                  names only                         Arm, 2.6
/// </code>
/// </summary>
internal readonly record struct InterruptSource(string? Chip, string? HardwareIrq, string? Flow, string? Trigger, ImmutableArray<string> Actions)
{
    public static InterruptSource Parse(ReadOnlySpan<char> tail)
    {
        tail = WithoutRealtimeCounts(tail);
        Fields fields = new(tail);
        fields.Take(out ReadOnlySpan<char> first);
        int chipEnd = fields.Taken;
        while (!fields.Peek().IsEmpty)
        {
            int gap = fields.Gap;
            fields.Take(out ReadOnlySpan<char> field);
            ReadOnlySpan<char> rest = fields.Rest;
            if (field.Length > 1 && field[0] == '-' && char.IsAsciiLetter(field[1]))
                return new InterruptSource(Text(tail[..chipEnd]), null, Text(field[1..]), TakeTrigger(ref rest), Names(rest));
            if (TakeHardwareIrq(field, ref rest, out string? hardwareIrq, out string? flow))
                return new InterruptSource(Text(tail[..chipEnd]), hardwareIrq, flow, TakeTrigger(ref rest), Names(rest));
            if (gap > 1)
                return WithoutHardwareIrq(tail[..chipEnd], tail[chipEnd..]);
            chipEnd = fields.Taken;
        }
        return FlowHyphen(first) > 0 ? WithoutHardwareIrq(first, tail[first.Length..]) : new InterruptSource(null, null, null, null, Names(tail));
    }

    /// <summary>A number alone, with a flow behind a hyphen, or with Level or Edge behind it. A number inside a device's name is neither.</summary>
    private static bool TakeHardwareIrq(ReadOnlySpan<char> field, ref ReadOnlySpan<char> rest, out string? hardwareIrq, out string? flow)
    {
        (hardwareIrq, flow) = (null, null);
        int hyphen = field.IndexOf('-');
        ReadOnlySpan<char> number = hyphen < 0 ? field : field[..hyphen];
        if (!Fields.IsNumber(number))
            return false;
        if (hyphen >= 0)
        {
            if (hyphen + 1 == field.Length || !char.IsAsciiLetter(field[hyphen + 1]))
                return false;
            flow = Text(field[(hyphen + 1)..]);
        }
        else
        {
            Fields next = new(rest);
            ReadOnlySpan<char> word = next.Peek();
            if (!word.IsEmpty && next.Gap < 2 && !IsTrigger(word))
                return false;
        }
        hardwareIrq = Text(number);
        return true;
    }

    private static InterruptSource WithoutHardwareIrq(ReadOnlySpan<char> chip, ReadOnlySpan<char> rest)
    {
        int lastWord = chip.LastIndexOf(' ') + 1;
        string? trigger = null;
        if (lastWord > 0 && IsTrigger(chip[lastWord..]))
        {
            trigger = Text(chip[lastWord..]);
            chip = chip[..lastWord].TrimEnd();
        }
        trigger ??= TakeTrigger(ref rest);
        int hyphen = FlowHyphen(chip);
        return hyphen > 0
            ? new InterruptSource(Text(chip[..hyphen]), null, Text(chip[(hyphen + 1)..]), trigger, Names(rest))
            : new InterruptSource(Text(chip), null, null, trigger, Names(rest));
    }

    /// <summary>
    /// Without a hardware number chip and flow run together: PCI-MSI-edge, XT-PIC-XT, xen-percpu-virq.
    /// Returns where the flow's hyphen is, or −1.
    /// </summary>
    private static int FlowHyphen(ReadOnlySpan<char> text)
    {
        foreach (string xen in (ReadOnlySpan<string>)["xen-pirq", "xen-percpu", "xen-dyn"])
        {
            if (text.StartsWith(xen) && text.Length > xen.Length + 1 && text[xen.Length] == '-')
                return xen.Length;
        }
        foreach (string flow in (ReadOnlySpan<string>)["edge", "level", "fasteoi", "XT-PIC", "XT"])
        {
            int hyphen = text.Length - flow.Length - 1;
            if (hyphen > 0 && text[hyphen] == '-' && text.EndsWith(flow))
                return hyphen;
        }
        return -1;
    }

    private static string? TakeTrigger(ref ReadOnlySpan<char> rest)
    {
        Fields fields = new(rest);
        if (!IsTrigger(fields.Peek()))
            return null;
        fields.Take(out ReadOnlySpan<char> trigger);
        rest = fields.Rest;
        return Text(trigger);
    }

    private static bool IsTrigger(ReadOnlySpan<char> word) => word is "Level" or "Edge";

    private static ImmutableArray<string> Names(ReadOnlySpan<char> text) =>
        text.IsWhiteSpace() ? [] : [.. text.ToString().Split(", ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The PREEMPT_RT patches of 2004 put "  total/handled by thread" at the end of the line.</summary>
    private static ReadOnlySpan<char> WithoutRealtimeCounts(ReadOnlySpan<char> tail)
    {
        int start = tail.LastIndexOf("  ");
        if (start < 0)
            return tail;
        ReadOnlySpan<char> last = tail[(start + 2)..];
        int slash = last.IndexOf('/');
        bool isCounts = slash > 0 && Fields.IsNumber(last[..slash]) && Fields.IsNumber(last[(slash + 1)..]);
        return isCounts ? tail[..start].TrimEnd() : tail;
    }

    private static string Text(ReadOnlySpan<char> text) => text.ToString();
}
