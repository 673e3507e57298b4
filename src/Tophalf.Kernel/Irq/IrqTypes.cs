namespace Tophalf.Kernel.Irq;

/// <summary>What a handler returns (include/linux/irqreturn.h); the results of all actions of a line are OR-ed.</summary>
[Flags]
public enum IrqReturn { None = 0, Handled = 1, WakeThread = 2 }

/// <summary>Flags of request_irq (include/linux/interrupt.h), with the kernel's values.</summary>
[Flags]
public enum IrqFlags : uint
{
    None = 0,
    TriggerRising = 0x1,
    TriggerFalling = 0x2,
    TriggerHigh = 0x4,
    TriggerLow = 0x8,
    TriggerMask = 0xF,
    Shared = 0x80,
    ProbeShared = 0x100,
    PerCpu = 0x400,
    NoBalancing = 0x800,
    OneShot = 0x2000,
    NoSuspend = 0x4000,
    NoThread = 0x10000,
    CondSuspend = 0x40000,
    NoAutoEn = 0x80000,
    CondOneShot = 0x200000,
}

/// <summary>A top half: runs in hard interrupt context with interrupts off, on <see cref="Kernel.CurrentCpu"/>, which it charges for its time.</summary>
public delegate IrqReturn IrqHandler(int irq, object? devId);

/// <summary>One registered handler of a line (struct irqaction).</summary>
public sealed class IrqAction
{
    public required IrqHandler Handler { get; init; }
    public IrqHandler? ThreadFunction { get; init; }
    public required IrqFlags Flags { get; set; }
    public required string Name { get; init; }
    public object? DevId { get; init; }
    internal IrqThread? Thread { get; set; }

    /// <summary>This action's bit in the line's mask of unfinished ONESHOT threads; 0 when it is not ONESHOT.</summary>
    internal ulong ThreadMask { get; set; }
}
