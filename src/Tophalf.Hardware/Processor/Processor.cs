using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Memory;

namespace Tophalf.Hardware.Processors;

/// <summary>Code that a gate points at. It runs with the frame already on the stack and, behind an interrupt gate, with IF clear.</summary>
public delegate void EntryPoint(Processor processor, int vector, long nowPs);

/// <summary>Which code stands at which address. Whoever installs a gate also says what runs there; hardware only knows the address.</summary>
public sealed class CodeMap
{
    private readonly Dictionary<ulong, EntryPoint> _entries = [];

    public void Place(ulong address, EntryPoint entry) => _entries[address] = entry;
    public EntryPoint? At(ulong address) => _entries.GetValueOrDefault(address);
}

/// <summary>IDTR: where the table lies and its last valid byte (SDM 3A §6.10).</summary>
public readonly record struct IdtRegister(ulong Base, ushort Limit);

/// <summary>What the processor pushed, lowest address first (SDM 3A figure 6-9).</summary>
public readonly record struct InterruptFrame(ulong Rip, ulong Cs, ulong Rflags, ulong Rsp, ulong Ss);

/// <summary>
/// The interrupt part of one logical processor in 64-bit mode: IF, IDT look-up with its checks, stack switch, frame, IRETQ (SDM 3A §6.12–6.14).
/// It executes no instructions; what runs between interrupts is the business of whoever owns the core.
/// </summary>
public sealed class Processor
{
    public const ushort KernelCode = 0x10, KernelData = 0x18, UserData = 0x2B, UserCode = 0x33;
    public const ulong InterruptFlagBit = 1ul << 9;

    private readonly PhysicalMemory _memory;
    private readonly CodeMap _code;

    public Processor(int index, PhysicalMemory memory, CodeMap code, LocalApic apic)
    {
        Index = index;
        Apic = apic;
        _memory = memory;
        _code = code;
        apic.Attach(this);
    }

    public int Index { get; }
    public LocalApic Apic { get; }
    public IdtRegister Idtr { get; private set; }

    /// <summary>Top of the ring-0 stack that the TSS holds (RSP0), taken when an interrupt comes from ring 3.</summary>
    public ulong Rsp0 { get; set; }

    /// <summary>TSS.IST1 … IST7; index 0 is not used.</summary>
    public ulong[] Ist { get; } = new ulong[8];

    public ulong Rip { get; set; } = 0xFFFF_FFFF_8100_0000;
    public ulong Rsp { get; set; }
    public ulong Rflags { get; private set; } = 2;
    public ushort Cs { get; set; } = KernelCode;
    public int Cpl => Cs & 3;
    public bool InterruptFlag => (Rflags & InterruptFlagBit) != 0;

    /// <summary>A fault while delivering a double fault: the processor is in shutdown and stays there (SDM 3A §6.15, vector 8).</summary>
    public bool IsShutdown { get; private set; }

    public void LoadIdt(ulong tableBase, ushort limit) => Idtr = new IdtRegister(tableBase, limit);

    public void DisableInterrupts() => Rflags &= ~InterruptFlagBit;

    /// <summary>STI: from here on a pending interrupt is taken, at once if there is one.</summary>
    public void EnableInterrupts(long nowPs)
    {
        Rflags |= InterruptFlagBit;
        InterruptRequested(nowPs);
    }

    /// <summary>The INTR input rose, or IF was just set: take the interrupt if nothing forbids it.</summary>
    public void InterruptRequested(long nowPs)
    {
        if (InterruptFlag && !IsShutdown && Apic.HasDeliverable) Deliver(Apic.Acknowledge(), nowPs, errorCode: -1);
    }

    /// <summary>Vectors 8, 10–14, 17, 21, 29, 30 push an error code (SDM 3A table 6-1; APM 2 §8.2).</summary>
    public static bool HasErrorCode(int vector) => vector is 8 or (>= 10 and <= 14) or 17 or 21 or 29 or 30;

    /// <summary>
    /// Delivers a hardware event through its gate: limit, type and presence are checked, the stack is switched, the frame pushed, the entry point called.
    /// A bad gate becomes #GP or #NP with EXT set; a bad gate there a double fault; a bad gate there shutdown.
    /// </summary>
    public void Deliver(int vector, long nowPs, int errorCode)
    {
        int fault = FaultOf(vector, out InterruptGate gate, out int faultCode);
        if (fault >= 0)
        {
            if (vector == 8) { IsShutdown = true; return; }
            bool contributory = vector is 11 or 13;
            Deliver(contributory ? 8 : fault, nowPs, contributory ? 0 : faultCode);
            return;
        }
        PushFrame(gate, HasErrorCode(vector) ? errorCode : -1);
        if (gate.ClearsInterruptFlag) DisableInterrupts();
        Rip = gate.Offset;
        EntryPoint entry = _code.At(gate.Offset)
            ?? throw new InvalidOperationException($"the gate of vector 0x{vector:x2} points at 0x{gate.Offset:x}, where no code was placed");
        entry(this, vector, nowPs);
    }

    /// <summary>-1 when the gate is usable, else the vector of the fault it causes, with that fault's error code.</summary>
    private int FaultOf(int vector, out InterruptGate gate, out int faultCode)
    {
        faultCode = vector * 8 + 2 + 1; // IDT bit and EXT: the event came from outside the program
        gate = default;
        if (vector * InterruptGate.Size + InterruptGate.Size - 1 > Idtr.Limit) return 13;
        ulong at = Idtr.Base + (ulong)(vector * InterruptGate.Size);
        gate = new InterruptGate(_memory.Read64(at), _memory.Read64(at + 8));
        if (!gate.IsLegalType) return 13;
        return gate.Present ? -1 : 11;
    }

    private void PushFrame(in InterruptGate gate, int errorCode)
    {
        ulong oldRsp = Rsp;
        ulong oldSs = Cpl == 3 ? (ulong)UserData : KernelData;
        ulong rsp = gate.Ist != 0 ? Ist[gate.Ist] : Cpl == 3 ? Rsp0 : Rsp;
        rsp &= ~0xFul;
        _memory.Write64(rsp - 8, oldSs);
        _memory.Write64(rsp - 16, oldRsp);
        _memory.Write64(rsp - 24, Rflags);
        _memory.Write64(rsp - 32, Cs);
        _memory.Write64(rsp - 40, Rip);
        rsp -= 40;
        if (errorCode >= 0) _memory.Write64(rsp -= 8, (ulong)errorCode);
        Rsp = rsp;
        Cs = gate.Selector;
    }

    /// <summary>The frame on top of the stack, as the handler that just started sees it (no error code).</summary>
    public InterruptFrame FrameOnStack() => new(
        _memory.Read64(Rsp), _memory.Read64(Rsp + 8), _memory.Read64(Rsp + 16), _memory.Read64(Rsp + 24), _memory.Read64(Rsp + 32));

    /// <summary>IRETQ: pops RIP, CS, RFLAGS, RSP, SS. The caller asks for pending interrupts itself, once it has put its own state back.</summary>
    public void InterruptReturn()
    {
        InterruptFrame frame = FrameOnStack();
        Rip = frame.Rip;
        Cs = (ushort)frame.Cs;
        Rflags = frame.Rflags;
        Rsp = frame.Rsp;
    }
}
