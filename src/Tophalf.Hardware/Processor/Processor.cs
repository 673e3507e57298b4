using System.Runtime.InteropServices;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Memory;

namespace Tophalf.Hardware.Processors;

/// <summary>How descriptors, gates and frames are laid out. Real mode and its vector table are left before the first interrupt and not modelled.</summary>
public enum ProcessorMode : byte { Protected32, Long64 }

/// <summary>
/// The interrupt part of one logical processor: IF, IDT look-up with its checks, stack switch, frame, return (SDM 3A §6.12–6.14).
/// It executes no instructions; what runs between interrupts is the business of whoever owns the core. This file is the way of one event through
/// its gate in 64-bit mode; Processor.Frame32.cs is the same in protected mode, Processor.Events.cs decides what is taken when.
/// </summary>
public sealed partial class Processor
{
    public const ushort KernelCode = 0x10, KernelData = 0x18, UserData = 0x2B, UserCode = 0x33;
    public const ulong InterruptFlagBit = 1ul << 9, DirectionFlagBit = 1ul << 10;
    private const ulong TrapFlagBit = 1ul << 8, NestedTaskBit = 1ul << 14, ResumeFlagBit = 1ul << 16, Virtual8086Bit = 1ul << 17;
    private const ulong ClearedOnEntry = TrapFlagBit | NestedTaskBit | ResumeFlagBit | Virtual8086Bit;
    private const ulong FlagsReset = 2;
    private const int FrameBytes = 40;

    private readonly PhysicalMemory _memory;
    private bool _isStackSelectorNull;
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
    public ProcessorMode Mode { get; set; } = ProcessorMode.Long64;
    public DescriptorTableRegister Idtr { get; private set; }

    /// <summary>Null until LGDT; see <see cref="GateChecks.CodeSegment"/>.</summary>
    public DescriptorTableRegister? Gdtr { get; private set; }

    /// <summary>Stack tops the TSS holds for rings 0 to 2 (RSP0–RSP2, or ESP0–ESP2), taken when an interrupt comes from a ring further out.</summary>
    public ulong[] PrivilegeStacks { get; } = new ulong[3];

    public ulong Rsp0 { get => PrivilegeStacks[0]; set => PrivilegeStacks[0] = value; }

    /// <summary>TSS.IST1 … IST7; index 0 is not used.</summary>
    public ulong[] Ist { get; } = new ulong[8];

    public ulong Rip { get; set; } = 0xFFFF_FFFF_8100_0000;
    public ulong Rsp { get; set; }
    public ulong Rflags { get; private set; } = FlagsReset;
    public ushort Cs { get; set; } = KernelCode;
    public int Cpl => Cs & 3;
    public bool InterruptFlag => (Rflags & InterruptFlagBit) != 0;

    /// <summary>DF; STD and CLD set it. Kernels run with it clear.</summary>
    public bool DirectionFlag
    {
        get => (Rflags & DirectionFlagBit) != 0;
        set => Rflags = value ? Rflags | DirectionFlagBit : Rflags & ~DirectionFlagBit;
    }

    /// <summary>LIDT.</summary>
    public void LoadIdt(ulong tableBase, ushort limit) => Idtr = new DescriptorTableRegister(tableBase, limit);

    /// <summary>LGDT.</summary>
    public void LoadGdt(ulong tableBase, ushort limit) => Gdtr = new DescriptorTableRegister(tableBase, limit);

    /// <summary>Vectors that push an error code when they are exceptions (SDM 3A table 6-1; APM 2 §8.2).</summary>
    public static bool HasErrorCode(int vector) => vector < ExceptionTable.All.Count && ExceptionTable.All[vector].HasErrorCode;

    /// <summary>
    /// Delivers a hardware interrupt, which pushes no error code, or with <paramref name="errorCode"/> ≥ 0 an exception that has one. Faults on the way
    /// are delivered in its place, by the double fault rules, until one finds its handler or the processor shuts down.
    /// </summary>
    public void Deliver(int vector, long nowPs, int errorCode) =>
        Deliver(vector, errorCode >= 0 ? EventSource.Exception : EventSource.Hardware, Math.Max(errorCode, 0), nowPs);

    /// <summary>An exception of the program that runs. RIP is already where the exception's kind wants it.</summary>
    public void Raise(int vector, int errorCode, long nowPs) => Deliver(vector, EventSource.Exception, errorCode, nowPs);

    /// <summary>INT n, INT3, INTO or INT1 was executed; RIP is already behind it. The local APIC has no part in it: no ISR bit, no EOI.</summary>
    public void Execute(EventSource instruction, byte vector, long nowPs)
    {
        // INTO has no encoding in 64-bit mode.
        if (instruction == EventSource.Into && Mode == ProcessorMode.Long64)
        {
            Rip -= LengthOf(instruction);
            Raise(ExceptionTable.InvalidOpcode, 0, nowPs);
        }
        else Deliver(vector, instruction, 0, nowPs);
    }

    /// <summary>CD ib is two bytes; CC, CE and F1 are one.</summary>
    private static ulong LengthOf(EventSource instruction) => instruction == EventSource.IntN ? 2ul : 1ul;

    private void Deliver(int vector, EventSource source, int errorCode, long nowPs)
    {
        DeliveryFault fault = TryEnter(vector, source, errorCode);
        if (!fault.IsNone)
        {
            // The fault is the instruction's, which is executed again once its gate is mended.
            if (source is not (EventSource.Hardware or EventSource.Exception)) Rip -= LengthOf(source);
            vector = Escalate(vector, source, fault);
            if (vector < 0) return;
        }
        EntryPoint entry = _code.At(Rip)
            ?? throw new InvalidOperationException($"the gate of vector 0x{vector:x2} points at 0x{Rip:x}, where no code was placed");
        entry(this, vector, nowPs);
    }

    /// <summary>The fault in place of the event, then perhaps the double fault in place of that; returns what got through, or -1 when the processor shut down.</summary>
    private int Escalate(int vector, EventSource source, DeliveryFault fault)
    {
        while (!fault.IsNone)
        {
            // An interrupt's number says nothing: only an exception counts as a first fault.
            SecondFault rule = source == EventSource.Exception ? ExceptionTable.Combine(vector, fault.Vector) : SecondFault.Handled;
            if (rule == SecondFault.Shutdown)
            {
                Shutdown($"{fault} while delivering #DF");
                return -1;
            }
            vector = rule == SecondFault.DoubleFault ? ExceptionTable.DoubleFault : fault.Vector;
            int errorCode = rule == SecondFault.DoubleFault ? 0 : fault.ErrorCode.Raw;
            source = EventSource.Exception;
            fault = TryEnter(vector, source, errorCode);
        }
        return vector;
    }

    /// <summary>Reads and checks the gate, switches the stack, pushes the frame and stands at the handler; or nothing of that, and the fault.</summary>
    private DeliveryFault TryEnter(int vector, EventSource source, int errorCode)
    {
        if (Mode == ProcessorMode.Protected32) return TryEnter32(vector, source, errorCode);
        if (vector * InterruptGate.Size + InterruptGate.Size - 1 > Idtr.Limit) return GateChecks.BeyondLimit(vector, source);
        var gate = ReadGate(Idtr.Base + (ulong)(vector * InterruptGate.Size));
        int newCpl = gate.Selector & 3;
        // The ordinary gate of an ordinary kernel passes every check below; anything else goes through them one by one.
        if (!gate.IsLegalType || !gate.Present || GateChecks.IsSoftware(source) || Gdtr is not null || (gate.Selector & 0xFFFC) == 0)
        {
            DeliveryFault fault = GateChecks.Check(gate, vector, source, Cpl);
            if (!fault.IsNone) return fault;
            fault = GateChecks.CodeSegment(_memory, Gdtr, gate.Selector, longMode: true, source, Cpl, out newCpl);
            if (!fault.IsNone) return fault;
        }
        ulong rsp = gate.Ist != 0 ? Ist[gate.Ist] : newCpl < Cpl ? PrivilegeStacks[newCpl] : Rsp;
        if (!IsCanonical(rsp)) return new(ExceptionTable.StackFault, new SelectorErrorCode(GateChecks.IsSoftware(source) ? 0 : 1));
        Push(rsp & ~0xFul, source == EventSource.Exception && HasErrorCode(vector) ? errorCode : -1);
        // A change of ring leaves SS null, with the new ring as its RPL (SDM 3A §6.14.2).
        if (newCpl < Cpl) _isStackSelectorNull = true;
        Cs = (ushort)((gate.Selector & 0xFFFC) | newCpl);
        Rip = gate.Offset;
        EnterFlags(gate.ClearsInterruptFlag);
        return DeliveryFault.None;
    }

    private void EnterFlags(bool clearInterruptFlag) => Rflags &= ~(clearInterruptFlag ? ClearedOnEntry | InterruptFlagBit : ClearedOnEntry);

    private static bool IsCanonical(ulong address) => (long)(address << 16) >> 16 == (long)address;

    private InterruptGate ReadGate(ulong address) => BitConverter.IsLittleEndian && _memory.TrySpan(address, InterruptGate.Size, out Span<byte> bytes)
        ? MemoryMarshal.Read<InterruptGate>(bytes)
        : new InterruptGate(_memory.Read64(address), _memory.Read64(address + 8));

    private void Push(ulong rsp, int errorCode)
    {
        var frame = new InterruptFrame(Rip, Cs, Rflags, Rsp, StackSelector);
        rsp -= FrameBytes;
        if (BitConverter.IsLittleEndian && _memory.TrySpan(rsp, FrameBytes, out Span<byte> bytes)) MemoryMarshal.Write(bytes, frame);
        else PushOneByOne(rsp, frame);
        if (errorCode >= 0) _memory.Write64(rsp -= 8, (ulong)errorCode);
        Rsp = rsp;
    }

    /// <summary>A stack that reaches beyond RAM, of which the outer part is lost; and any stack where the host's own byte order is another.</summary>
    private void PushOneByOne(ulong rsp, in InterruptFrame frame)
    {
        _memory.Write64(rsp, frame.Rip);
        _memory.Write64(rsp + 8, frame.Cs);
        _memory.Write64(rsp + 16, frame.Rflags);
        _memory.Write64(rsp + 24, frame.Rsp);
        _memory.Write64(rsp + 32, frame.Ss);
    }

    /// <summary>SS follows CPL, segments being flat, but for a handler that came from an outer ring.</summary>
    private ushort StackSelector => Cpl == 3 ? UserData : _isStackSelectorNull ? (ushort)Cpl : KernelData;

    /// <summary>The frame on top of the stack, as the handler that just started sees it (no error code).</summary>
    public InterruptFrame FrameOnStack()
    {
        if (Mode == ProcessorMode.Protected32) return FrameOnStack32();
        return BitConverter.IsLittleEndian && _memory.TrySpan(Rsp, FrameBytes, out Span<byte> bytes)
            ? MemoryMarshal.Read<InterruptFrame>(bytes)
            : new(_memory.Read64(Rsp), _memory.Read64(Rsp + 8), _memory.Read64(Rsp + 16), _memory.Read64(Rsp + 24), _memory.Read64(Rsp + 32));
    }

    /// <summary>
    /// IRETQ (or IRETD): pops RIP, CS, RFLAGS, RSP, SS, and lets NMIs in again. The caller asks for pending interrupts itself,
    /// once it has put its own state back.
    /// </summary>
    public void InterruptReturn()
    {
        InterruptFrame frame = FrameOnStack();
        Rip = frame.Rip;
        Cs = (ushort)frame.Cs;
        Rflags = frame.Rflags;
        Rsp = frame.Rsp;
        _isStackSelectorNull = (frame.Ss & 0xFFFC) == 0;
        _isNmiBlocked = false;
    }

    /// <summary>RDMSR of an APIC register, with the #GP(0) it may raise.</summary>
    public ulong ReadMsr(uint msr, long nowPs)
    {
        if (!Apic.TryReadMsr(msr, nowPs, out ulong value)) Raise(ExceptionTable.GeneralProtection, 0, nowPs);
        return value;
    }

    /// <summary>WRMSR to an APIC register, with the #GP(0) it may raise.</summary>
    public void WriteMsr(uint msr, ulong value, long nowPs)
    {
        if (!Apic.TryWriteMsr(msr, value, nowPs)) Raise(ExceptionTable.GeneralProtection, 0, nowPs);
    }
}
