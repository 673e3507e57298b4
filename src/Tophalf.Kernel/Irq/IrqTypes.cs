using Tophalf.Kernel.BottomHalves;

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

    /// <summary>The caller expects a mismatch and wants no message about it.</summary>
    ProbeShared = 0x100,

    /// <summary>__IRQF_TIMER: the bit that marks a timer; a driver passes <see cref="Timer"/>.</summary>
    TimerBit = 0x200,
    PerCpu = 0x400,
    NoBalancing = 0x800,

    /// <summary>The handler is good for polling other lines (irqpoll looks at the first action of a line).</summary>
    IrqPoll = 0x1000,
    OneShot = 0x2000,
    NoSuspend = 0x4000,
    ForceResume = 0x8000,
    NoThread = 0x1_0000,
    EarlyResume = 0x2_0000,
    CondSuspend = 0x4_0000,
    NoAutoEn = 0x8_0000,

    /// <summary>Leave the line out of spurious detection; only together with <see cref="PerCpu"/>.</summary>
    NoDebug = 0x10_0000,

    /// <summary>Agrees with a first handler that is ONESHOT.</summary>
    CondOneShot = 0x20_0000,
    Timer = TimerBit | NoSuspend | NoThread,
}

/// <summary>IRQ_*: what a line is, set up with it (include/linux/irq.h), with the kernel's values.</summary>
[Flags]
public enum IrqSettings : uint
{
    None = 0,
    PerCpu = 1 << 9,
    NoProbe = 1 << 10,
    NoRequest = 1 << 11,
    NoAutoEn = 1 << 12,
    NoBalancing = 1 << 13,
    NestedThread = 1 << 15,
    NoThread = 1 << 16,
    PerCpuDevid = 1 << 17,
    IsPolled = 1 << 18,
    DisableUnlazy = 1 << 19,
    NoDebug = 1 << 21,
}

/// <summary>IRQS_*: what a line is going through (kernel/irq/internals.h), with the kernel's values.</summary>
[Flags]
internal enum IrqState : uint
{
    None = 0,
    AutoDetect = 0x1,
    SpuriousDisabled = 0x2,
    PollInProgress = 0x8,
    OneShot = 0x20,
    Replay = 0x40,
    Waiting = 0x80,
    Pending = 0x200,
    Suspended = 0x800,
    Nmi = 0x2000,
}

/// <summary>A top half: runs in hard interrupt context with interrupts off, on <see cref="Kernel.CurrentCpu"/>, which it charges for its time.</summary>
public delegate IrqReturn IrqHandler(int irq, object? devId);

/// <summary>A thread function that sleeps at every <c>yield return</c>, and has handled its interrupt at its end.</summary>
public delegate IEnumerable<Sleep> SleepingIrqThread(int irq, object? devId);

/// <summary>One registered handler of a line (struct irqaction).</summary>
public sealed class IrqAction
{
    public required IrqHandler Handler { get; set; }
    public IrqHandler? ThreadFunction { get; set; }

    /// <summary>The thread function, if it is one that sleeps; then there is no other.</summary>
    public SleepingIrqThread? SleepingThread { get; set; }

    internal bool HasThread => ThreadFunction is not null || SleepingThread is not null;
    public required IrqFlags Flags { get; set; }
    public required string Name { get; init; }
    public object? DevId { get; init; }

    /// <summary>One device instance per processor, for the actions of a per-CPU line with device ids.</summary>
    internal IReadOnlyList<object>? PerCpuDevId { get; init; }

    internal IrqThread? Thread { get; set; }

    /// <summary>IRQTF_FORCED_THREAD: its thread runs what was meant as a hard interrupt handler.</summary>
    internal bool IsForced { get; set; }

    /// <summary>With forced threading of an action that had a thread already: that thread function, in a thread of its own.</summary>
    internal IrqAction? Secondary { get; set; }

    /// <summary>This action's bit in the line's mask of unfinished ONESHOT threads; 0 when it is not ONESHOT.</summary>
    internal ulong ThreadMask { get; set; }

    /// <summary>IRQTF_WARNED: it has been said that there is no thread to wake.</summary>
    internal bool IsWarned { get; set; }
}
