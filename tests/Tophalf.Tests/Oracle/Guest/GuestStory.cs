using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Processors;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>A script by hand, with the line every machine must print for each operation.</summary>
internal sealed record GuestStory(string Name, params (GuestOperation Operation, string Line)[] Steps)
{
    private const uint SelfNmi = 0x4400, SelfFixed = 0x4_4000;
    private const ulong InterruptGate = 0x8E, TrapGate = 0x8F, AbsentGate = 0x0E;

    /// <summary>Two vectors of one class meet: see B1 in docs/hardware-guest.md.</summary>
    public bool CrowdsAClass { get; private init; }

    public static readonly IReadOnlyList<GuestStory> All =
    [
        new("Sti holds interrupts off for one instruction, popf does not",
            (Store(LocalApic.IcrOffset, SelfFixed | 0x41), ""),
            (new(GuestCode.StiCli, 0), ""),
            (new(GuestCode.StiNop, 0), "; c0 v41 e- cs10 ss18 if1>0 next same+0/0"),
            (Store(LocalApic.IcrOffset, SelfFixed | 0x51), ""),
            (new(GuestCode.Popf, 0), "; c0 v51 e- cs10 ss18 if1>0 next same+0/0"),
            (new(GuestCode.State, 0), " tpr 0 ppr 50 isr 41 51 irr tmr")),
        new("The higher class waits for nobody, the equal class for eoi",
            (Handler(0x31, GuestActions.Fixed, 0x3F), ""),
            (new(GuestCode.SetInterruptFlag, 0, 1), ""),
            (Store(LocalApic.IcrOffset, SelfFixed | 0x31), "; c0 v31 e- cs10 ss18 if1>0 win same+0/0"),
            (new(GuestCode.State, 0), " tpr 0 ppr 30 isr 31 irr 3f tmr"),
            (Store(LocalApic.IcrOffset, SelfFixed | 0x41), "; c0 v41 e- cs10 ss18 if1>0 win same+0/0"),
            (Store(LocalApic.EoiOffset, 0), ""),
            (Store(LocalApic.EoiOffset, 0), "; c0 v3f e- cs10 ss18 if1>0 win same+0/0")) { CrowdsAClass = true },
        new("Two NMIs while one is handled become one",
            (Handler(2, GuestActions.NmiTwice), ""),
            (Store(LocalApic.IcrOffset, SelfNmi), "; c0 v2 e- cs10 ss18 if0>0 win same+0/0; c0 v2 e- cs10 ss18 if0>0 win same+0/0")),
        new("A breakpoint inside the NMI handler lets the next NMI in",
            (Handler(2, GuestActions.Nmi | GuestActions.Int3), ""),
            (Store(LocalApic.IcrOffset, SelfNmi), "; c0 v2 e- cs10 ss18 if0>0 win same+0/0; c0 v3 e- cs10 ss18 if0>0 body same; c0 v2 e- cs10 ss18 if0>0 body same")),
        new("A trap gate lets a waiting interrupt in before the handler's first instruction",
            (Gate(0x41, TrapGate), ""),
            (Store(LocalApic.IcrOffset, SelfFixed | 0x41), ""),
            (Handler(0x45, GuestActions.Eoi), ""),
            (Store(LocalApic.TprOffset, 0x50), ""),
            (Store(LocalApic.IcrOffset, SelfFixed | 0x61), ""),
            (new(GuestCode.SetInterruptFlag, 0, 1), "; c0 v61 e- cs10 ss18 if1>0 win same+0/0"),
            (Store(LocalApic.EoiOffset, 0), ""),
            (Store(LocalApic.TprOffset, 0), "; c0 v41 e- cs10 ss18 if1>1 win same+0/0")),
        new("A divide error whose gate is absent is a double fault",
            (Gate(0, AbsentGate), ""),
            (new(GuestCode.Divide, 0), "; c0 v8 e0 cs10 ss18 if0>0 op same+0/0")),
        new("Ring 3 comes in by its own stack, and by int n only where the gate's DPL allows",
            (new(GuestCode.Ud2, 0, IsUser: true), "; c0 v6 e- cs33 ss2b if0>0 op ring0+0/0"),
            (Gate(0x80, 0xEE), ""),
            (new(GuestCode.Int, 0, 0x80, IsUser: true), "; c0 v80 e- cs33 ss2b if0>0 next ring0+0/0"),
            (Gate(0x80, 0xEE, ist: 4), ""),
            (new(GuestCode.Int, 0, 0x80, IsUser: true), "; c0 v80 e- cs33 ss2b if0>0 next ist4+0/0")),
        new("The stack is aligned to 16 bytes before the frame",
            (new(GuestCode.StackOffset, 0, 12), ""),
            (new(GuestCode.Int, 0, 0x80), "; c0 v80 e- cs10 ss18 if0>0 next same+0/4")),
    ];

    private static GuestOperation Store(uint offset, uint value) => new(GuestCode.Store, 0, offset, value);
    private static GuestOperation Handler(uint vector, GuestActions what, byte argument = 0) => new(GuestCode.Actions, 0, vector, (ulong)what | (ulong)argument << 8);
    private static GuestOperation Gate(uint vector, ulong attributes, uint ist = 0) =>
        new(GuestCode.Gate, 0, vector, attributes << 24 | (ulong)ist << 16 | Processor.KernelCode);
}
