using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>irqfixup and irqpoll: how far the kernel goes to find the line an unclaimed interrupt belongs to.</summary>
public enum IrqFixup { None = 0, Misrouted = 1, Poll = 2 }

/// <summary>What the kernel's command line says about interrupts (Documentation/admin-guide/kernel-parameters.txt). Words it does not know are somebody else's.</summary>
public sealed record IrqBootParameters
{
    /// <summary>threadirqs: every handler that may be a thread is one.</summary>
    public bool ThreadIrqs { get; private init; }

    /// <summary>noapic: the I/O APIC is left alone, and the 8259 pair carries the ISA lines.</summary>
    public bool NoApic { get; private init; }

    /// <summary>noirqdebug: no line is ever cut.</summary>
    public bool NoIrqDebug { get; private init; }

    public IrqFixup Fixup { get; private init; }

    /// <summary>irqaffinity=: the default affinity, to which the boot processor is always added; null when not given.</summary>
    public CpuMask? DefaultAffinity { get; private init; }

    /// <summary>isolcpus=managed_irq,…: processors a managed interrupt stays away from while others of its mask are online.</summary>
    public CpuMask ManagedIsolated { get; private init; }

    /// <summary>What the kernel says at boot about what it found.</summary>
    public IReadOnlyList<string> Messages { get; private init; } = [];

    /// <param name="parameters">The command line's.</param>
    /// <param name="possible">The processors the machine can have; others in a list are dropped, as the kernel does.</param>
    /// <param name="isRealTime">A PREEMPT_RT kernel: its handlers are threads anyway, and misrouted lines are not looked for.</param>
    public static IrqBootParameters Parse(IEnumerable<(string Name, string Value)> parameters, CpuMask possible, bool isRealTime = false)
    {
        var found = new IrqBootParameters { ThreadIrqs = isRealTime };
        List<string> messages = [];
        foreach ((string name, string value) in parameters)
        {
            switch (name)
            {
                case "noapic": found = found with { NoApic = true }; break;
                case "threadirqs": found = found with { ThreadIrqs = true }; break;
                case "noirqdebug":
                    found = found with { NoIrqDebug = true };
                    messages.Add("IRQ lockup detection disabled");
                    break;
                case "irqfixup" or "irqpoll" when isRealTime:
                    messages.Add($"{name} boot option not supported with PREEMPT_RT");
                    break;
                case "irqfixup":
                    found = found with { Fixup = IrqFixup.Misrouted };
                    messages.AddRange(["Misrouted IRQ fixup support enabled.", "This may impact system performance."]);
                    break;
                case "irqpoll":
                    found = found with { Fixup = IrqFixup.Poll };
                    messages.AddRange(["Misrouted IRQ fixup and polling support enabled", "This may significantly impact system performance"]);
                    break;
                case "irqaffinity":
                    _ = CpuMask.ParseList(value, CpuMask.MaxCpus, out CpuMask wanted);
                    found = found with { DefaultAffinity = wanted.And(possible).With(0) };
                    break;
                case "isolcpus" when ManagedList(value) is { } list && CpuMask.ParseList(list, CpuMask.MaxCpus, out CpuMask isolated) == Errno.None:
                    found = found with { ManagedIsolated = isolated.And(possible) };
                    break;
            }
        }
        return found with { Messages = messages };
    }

    /// <summary>The list behind the flags of isolcpus= (kernel/sched/isolation.c), or null when managed_irq is not among them.</summary>
    private static string? ManagedList(string value)
    {
        bool managed = false;
        while (value.Length > 0 && char.IsAsciiLetter(value[0]))
        {
            int comma = value.IndexOf(',');
            if (comma < 0) return null;
            managed |= value.AsSpan(0, comma).SequenceEqual("managed_irq");
            value = value[(comma + 1)..];
        }
        return managed ? value : null;
    }
}
