using Tophalf.Hardware.Processors;

namespace Tophalf.Kernel.Nmi;

/// <summary>The lists of NMI handlers (arch/x86/include/asm/nmi.h).</summary>
public enum NmiType { Local, Unknown, Serr, IoCheck }

[Flags]
public enum NmiFlags
{
    None = 0,

    /// <summary>Before the handlers that are there already.</summary>
    First = 1,
}

/// <summary>
/// A handler of non-maskable interrupts. Runs on <see cref="Kernel.CurrentCpu"/>, which it charges for its time. Returns how many events it handled:
/// NMI_DONE is 0, NMI_HANDLED is 1.
/// </summary>
/// <param name="type">The list it is called from.</param>
/// <param name="regs">What was interrupted.</param>
public delegate int NmiHandler(NmiType type, in InterruptFrame regs);

/// <summary>One registered handler (struct nmiaction).</summary>
internal sealed class NmiAction
{
    public required NmiHandler Handler { get; init; }
    public required string Name { get; init; }

    /// <summary>The longest it has taken, once it was too long.</summary>
    public long LongestPs { get; set; }
}
