using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>A line of the kernel's log that has to do with interrupts.</summary>
/// <param name="Id">Short name of the kind of message, such as nobody-cared.</param>
/// <param name="Irq">The interrupt it names, or null.</param>
/// <param name="Text">The message without its time stamp.</param>
/// <param name="Handlers">Of nobody-cared: the functions that were asked, in order.</param>
public sealed record KernelLogLine(string Id, int? Irq, int Line, string Text, ImmutableArray<string> Handlers);

/// <summary>The kernel's log (dmesg, a console, journalctl -k), read for what it says of interrupts.</summary>
/// <param name="LineCount">Lines with text in all.</param>
public sealed record KernelLog(int LineCount, ImmutableArray<KernelLogLine> Lines)
{
    private const int MostHandlers = 64;

    /// <summary>What messages say, and which kind they are; the first that fits counts.</summary>
    private static readonly (string Says, string Id)[] s_kinds =
    [
        (": nobody cared", "nobody-cared"), // kernel/irq/spurious.c
        ("Disabling IRQ #", "line-disabled"),
        ("bogus return value", "bogus-return"),
        ("No irq handler for vector", "no-handler-for-vector"), // arch/x86/kernel/irq.c
        ("No irq handler for ", "no-handler-for-vector"),
        ("spurious 8259A interrupt", "spurious-8259"), // arch/x86/kernel/i8259.c
        ("Spurious APIC interrupt", "spurious-apic"), // arch/x86/kernel/apic/apic.c
        ("APIC error on CPU", "apic-error"),
        ("Flags mismatch irq ", "flags-mismatch"), // kernel/irq/manage.c
        ("Affinity broken due to", "affinity-broken"),
        ("irqs assigned to offline CPU", "affinity-broken"),
        ("no longer affine to CPU", "affinity-broken"),
        ("set affinity failed", "affinity-failed"),
        ("NETDEV WATCHDOG", "transmit-timeout"), // net/sched/sch_generic.c
        ("local_softirq_pending", "softirq-pending-in-idle"), // kernel/time/tick-sched.c
        ("hrtimer: interrupt took", "timer-interrupt-too-slow"), // kernel/time/hrtimer.c
        ("perf: interrupt took too long", "nmi-too-slow"), // kernel/events/core.c
        ("NMI handler (", "nmi-too-slow"), // arch/x86/kernel/nmi.c
        ("Uhhuh. NMI received", "unknown-nmi"),
        ("soft lockup", "soft-lockup"), // kernel/watchdog.c
        ("hard LOCKUP", "hard-lockup"),
        ("self-detected stall", "rcu-stall"), // kernel/rcu/tree_stall.h
        ("detected stalls on CPUs", "rcu-stall"),
        ("DMAR: DRHD: handling fault", "remapping-fault"), // drivers/iommu/intel/dmar.c
        ("INTR-REMAP", "remapping-fault"),
        ("Not enough vectors", "no-vectors-left"), // arch/x86/kernel/apic/vector.c
        ("IRQ reservation", "no-vectors-left"),
        ("Interrupt reservation exceeds available resources", "no-vectors-left"),
        ("vectors available. Cannot disable CPU", "no-vectors-left"),
        ("missed interrupt", "lost-interrupt"),
        ("lost interrupt", "lost-interrupt"),
        ("Machine check events logged", "machine-check"), // arch/x86/kernel/cpu/mce
    ];

    /// <summary>Any text is a log; one without a line about interrupts gives no lines.</summary>
    public static KernelLog Parse(string text)
    {
        ReaderLimits.CheckText(text, "a kernel log");
        List<KernelLogLine> found = [];
        int count = 0;
        (int Index, bool Reads, List<string> Functions) handlers = (-1, false, []);
        foreach (TextLine line in new TextLines(text))
        {
            if (line.Text.IsWhiteSpace())
                continue;
            count++;
            ReadOnlySpan<char> message = WithoutStamp(line.Text.TrimStart());
            if (handlers.Index >= 0 && ReadHandler(message, ref handlers, found))
                continue;
            if (KindOf(message) is not { } id)
                continue;
            ReaderLimits.CheckRows(found.Count, line.Number);
            found.Add(new KernelLogLine(id, IrqOf(message), line.Number, message.ToString(), []));
            if (id == "nobody-cared")
                handlers = (found.Count - 1, false, []);
        }
        return new KernelLog(count, [.. found]);
    }

    /// <summary>Whether a line is one of those <see cref="Parse"/> picks.</summary>
    public static bool IsAboutInterrupts(ReadOnlySpan<char> line) => KindOf(line) is not null;

    /// <summary>Whether a line has the stamp "[   32.291454]" of the kernel's log.</summary>
    public static bool HasStamp(ReadOnlySpan<char> line) => WithoutStamp(line).Length < line.Length;

    /// <summary>After "handlers:" come lines "[&lt;address&gt;] function"; the first of another form ends the list.</summary>
    private static bool ReadHandler(ReadOnlySpan<char> message, ref (int Index, bool Reads, List<string> Functions) handlers, List<KernelLogLine> found)
    {
        if (!handlers.Reads)
        {
            if (!message.StartsWith("handlers:"))
                return false;
            handlers.Reads = true;
            return true;
        }
        int close = message.IndexOf(']');
        bool isFunction = message.StartsWith("[") && close > 0 && close + 1 < message.Length && handlers.Functions.Count < MostHandlers;
        if (isFunction)
        {
            handlers.Functions.Add(message[(close + 1)..].Trim().TrimStart('(').TrimEnd(')').ToString());
            return true;
        }
        found[handlers.Index] = found[handlers.Index] with { Handlers = [.. handlers.Functions] };
        handlers = (-1, false, []);
        return false;
    }

    private static string? KindOf(ReadOnlySpan<char> message)
    {
        foreach ((string says, string id) in s_kinds)
        {
            if (message.Contains(says, StringComparison.Ordinal))
                return id;
        }
        return null;
    }

    /// <summary>Without "[   32.291454] ", a syslog level "&lt;3&gt;", or what journalctl and syslog put before "kernel: ".</summary>
    private static ReadOnlySpan<char> WithoutStamp(ReadOnlySpan<char> line)
    {
        if (line.Length > 3 && line[0] == '<' && line[1..4].IndexOf('>') is >= 0 and var level)
            line = line[(level + 2)..];
        if (line.IndexOf("kernel: ") is >= 0 and var kernel)
            line = line[(kernel + 8)..];
        int close = line.IndexOf(']');
        if (line.IsEmpty || line[0] != '[' || close < 0)
            return line;
        ReadOnlySpan<char> stamp = line[1..close].Trim();
        int dot = stamp.IndexOf('.');
        return dot > 0 && Fields.IsNumber(stamp[..dot]) && Fields.IsNumber(stamp[(dot + 1)..]) ? line[(close + 1)..].TrimStart() : line;
    }

    private static int? IrqOf(ReadOnlySpan<char> message)
    {
        foreach (string before in (ReadOnlySpan<string>)["irq ", "IRQ #", "IRQ ", "irq:"])
        {
            if (message.IndexOf(before, StringComparison.Ordinal) is not (>= 0 and var at))
                continue;
            ReadOnlySpan<char> digits = message[(at + before.Length)..];
            int end = digits.IndexOfAnyExceptInRange('0', '9');
            if (int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int irq))
                return irq;
        }
        return null;
    }
}
