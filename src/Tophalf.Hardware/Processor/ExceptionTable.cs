namespace Tophalf.Hardware.Processors;

/// <summary>Where the saved RIP points: fault, the instruction itself; trap, the next one; abort, nowhere a program could go on.</summary>
public enum ExceptionKind : byte { Fault, Trap, FaultOrTrap, Abort, Interrupt, Reserved }

/// <summary>Classes for the double fault rule (SDM 3A table 6-4).</summary>
public enum FaultClass : byte { Benign, Contributory, PageFault }

/// <summary>What happens when a second exception arises while a first is being delivered (SDM 3A table 6-5).</summary>
public enum SecondFault : byte { Handled, DoubleFault, Shutdown }

/// <summary>One of the 32 architectural vectors.</summary>
public readonly record struct ExceptionInfo(
    byte Vector, string Mnemonic, string Name, ExceptionKind Kind, bool HasErrorCode = false, FaultClass Class = FaultClass.Benign);

/// <summary>The vectors 0–31 (SDM 3A table 6-1; 28–30 APM volume 2 §8.2).</summary>
public static class ExceptionTable
{
    public const int DoubleFault = 8, InvalidTss = 10, NotPresent = 11, StackFault = 12, GeneralProtection = 13, InvalidOpcode = 6;
    private const FaultClass Contributory = FaultClass.Contributory;

    private static readonly ExceptionInfo[] _table =
    [
        new(0,  "#DE", "Divide Error",                ExceptionKind.Fault, Class: Contributory),
        new(1,  "#DB", "Debug",                       ExceptionKind.FaultOrTrap),
        new(2,  "NMI", "Non-Maskable Interrupt",      ExceptionKind.Interrupt),
        new(3,  "#BP", "Breakpoint",                  ExceptionKind.Trap),
        new(4,  "#OF", "Overflow",                    ExceptionKind.Trap),
        new(5,  "#BR", "BOUND Range Exceeded",        ExceptionKind.Fault),
        new(6,  "#UD", "Invalid Opcode",              ExceptionKind.Fault),
        new(7,  "#NM", "Device Not Available",        ExceptionKind.Fault),
        new(8,  "#DF", "Double Fault",                ExceptionKind.Abort, HasErrorCode: true),
        new(9,  "–",   "Coprocessor Segment Overrun", ExceptionKind.Fault),
        new(10, "#TS", "Invalid TSS",                 ExceptionKind.Fault, HasErrorCode: true, Contributory),
        new(11, "#NP", "Segment Not Present",         ExceptionKind.Fault, HasErrorCode: true, Contributory),
        new(12, "#SS", "Stack-Segment Fault",         ExceptionKind.Fault, HasErrorCode: true, Contributory),
        new(13, "#GP", "General Protection",          ExceptionKind.Fault, HasErrorCode: true, Contributory),
        new(14, "#PF", "Page Fault",                  ExceptionKind.Fault, HasErrorCode: true, FaultClass.PageFault),
        new(15, "–",   "Reserved",                    ExceptionKind.Reserved),
        new(16, "#MF", "x87 Floating-Point Error",    ExceptionKind.Fault),
        new(17, "#AC", "Alignment Check",             ExceptionKind.Fault, HasErrorCode: true),
        new(18, "#MC", "Machine Check",               ExceptionKind.Abort),
        new(19, "#XM", "SIMD Floating-Point",         ExceptionKind.Fault),
        new(20, "#VE", "Virtualization",              ExceptionKind.Fault, Class: FaultClass.PageFault),
        new(21, "#CP", "Control Protection",          ExceptionKind.Fault, HasErrorCode: true, Contributory),
        new(22, "–",   "Reserved",                    ExceptionKind.Reserved),
        new(23, "–",   "Reserved",                    ExceptionKind.Reserved),
        new(24, "–",   "Reserved",                    ExceptionKind.Reserved),
        new(25, "–",   "Reserved",                    ExceptionKind.Reserved),
        new(26, "–",   "Reserved",                    ExceptionKind.Reserved),
        new(27, "–",   "Reserved",                    ExceptionKind.Reserved),
        new(28, "#HV", "Hypervisor Injection",        ExceptionKind.Interrupt),
        new(29, "#VC", "VMM Communication",           ExceptionKind.Fault, HasErrorCode: true),
        new(30, "#SX", "Security",                    ExceptionKind.Fault, HasErrorCode: true),
        new(31, "–",   "Reserved",                    ExceptionKind.Reserved),
    ];

    public static IReadOnlyList<ExceptionInfo> All => _table;

    /// <summary>Everything above 31 is an interrupt: benign, without error code.</summary>
    public static FaultClass ClassOf(int vector) => vector < _table.Length ? _table[vector].Class : FaultClass.Benign;

    /// <summary>
    /// The second exception while the first is delivered. The first vector counts only if it is an exception: an interrupt, also one by INT n, is benign.
    /// </summary>
    public static SecondFault Combine(int first, int second)
    {
        FaultClass then = ClassOf(second);
        if (then == FaultClass.Benign) return SecondFault.Handled;
        if (first == DoubleFault) return SecondFault.Shutdown;
        return ClassOf(first) switch
        {
            FaultClass.Contributory when then == Contributory => SecondFault.DoubleFault,
            FaultClass.PageFault => SecondFault.DoubleFault,
            _ => SecondFault.Handled,
        };
    }
}
