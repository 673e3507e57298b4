using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>
/// One processor of ours in the guest's place: its tables, its stage, and the handler behind every gate. Addresses are symbols, so that what a frame holds can be
/// named as the guest names it.
/// </summary>
internal sealed class GuestCpu
{
    public const ushort AbsentCode = 0x50, Code32 = 0x58, ConformingCode = 0x60, Ring3Code = 0x68;
    private const int StackBytes = 8192, StageReserve = 256, GdtEntries = 14, IstStacks = 7;
    private const ulong Stubs = 0x10_0000, OperationRip = 0x20_0000, NextOfOneByteRip = 0x20_0001, NextRip = 0x20_0002, WindowRip = 0x20_0100, IdleRip = 0x20_0200, BodyRip = 0x20_0300;
    private const uint NmiToSelf = 0x4400, FixedToSelf = 0x4000;

    private readonly PhysicalMemory _memory;
    private readonly ulong _idt, _stageStack, _ring0Stack;
    private readonly ulong[] _istStacks = new ulong[IstStacks];
    private readonly Stack<Entered> _entered = new();
    private readonly Func<long> _nowPs;
    private readonly Action _settle;
    private ulong _stageRsp;
    private readonly bool _x2Apic;
    private bool _scriptFlag;

    /// <param name="index">Its number and its APIC id.</param>
    /// <param name="memory">RAM, shared by all.</param>
    /// <param name="code">What stands where, shared by all.</param>
    /// <param name="fabric">The system bus.</param>
    /// <param name="settle">Lets the whole machine go on until nothing moves, from inside a handler too.</param>
    /// <param name="x2Apic">It starts in x2APIC mode.</param>
    public GuestCpu(int index, PhysicalMemory memory, CodeMap code, InterruptFabric fabric, Action settle, bool x2Apic)
    {
        _memory = memory;
        _nowPs = () => fabric.Queue.NowPs;
        _settle = settle;
        _x2Apic = x2Apic;
        Processor = new Processor(index, memory, code, new LocalApic((uint)index, fabric));
        _idt = memory.Allocate(256 * InterruptGate.Size, 16);
        _stageStack = memory.Allocate(StackBytes, 4096) + StackBytes;
        _ring0Stack = memory.Allocate(StackBytes, 4096) + StackBytes;
        for (int i = 0; i < IstStacks; i++) Processor.Ist[i + 1] = _istStacks[i] = memory.Allocate(StackBytes, 4096) + StackBytes;
        Processor.Rsp0 = _ring0Stack;
        Gdt = memory.Allocate(GdtEntries * SegmentDescriptor.Size, 16);
        WriteGdt();
    }

    public Processor Processor { get; }
    public List<string> Events { get; } = [];
    public (GuestActions What, byte Argument)[] Actions { get; } = new (GuestActions, byte)[256];

    private ulong Gdt { get; }
    private long NowPs => _nowPs();

    public static ulong StubOf(int vector) => Stubs + (ulong)vector * 16;

    /// <summary>What the guest does when a CPU comes up: tables, the mode of this boot, software enabled, nothing pending, IF clear.</summary>
    public void Start(long nowPs)
    {
        for (int vector = 0; vector < 256; vector++) SetGate(vector, 0x8Eul << 24 | Processor.KernelCode);
        Processor.LoadIdt(_idt, 256 * InterruptGate.Size - 1);
        Processor.LoadGdt(Gdt, GdtEntries * SegmentDescriptor.Size - 1);
        Processor.Cs = Processor.KernelCode;
        HasPlainTables = true;
        HasOddSegments = false;
        Array.Clear(Actions);
        _scriptFlag = false;
        SetStackOffset(0);
        Processor.Rip = IdleRip;
        if (_x2Apic && Processor.Apic.TryReadMsr(ApicBase.Msr, nowPs, out ulong value))
            Processor.Apic.TryWriteMsr(ApicBase.Msr, value | 0x400, nowPs);
        WriteApic(LocalApic.SvrOffset, 0x1FF, nowPs);
    }

    public void SetStackOffset(uint bytes)
    {
        _stageRsp = _stageStack - StageReserve - (bytes & 31);
        Processor.Rsp = _stageRsp;
    }

    /// <summary>A gate leads to code that keeps or has CPL 3, where the handler cannot run.</summary>
    public bool HasOddSegments { get; private set; }

    public bool HasPlainTables { get; private set; }

    /// <summary>A handler is going to execute INT3.</summary>
    public bool HasBreakpointAction => Array.Exists(Actions, action => (action.What & GuestActions.Int3) != 0);

    public bool HasSendingHandler => Array.Exists(Actions, action => (action.What & GuestActions.Fixed) != 0);

    /// <summary>INT3 in a handler of this vector comes back: its gate is sound, and the stack below is not the one a second frame would go to.</summary>
    public bool MayBreakIn(int vector) => HasPlainTables && vector != 3;

    /// <summary>15..0 selector, 18..16 IST, 31..24 the byte of type, DPL and P, as idt_set_gate has it.</summary>
    public void SetGate(int vector, ulong description)
    {
        HasPlainTables = false;
        HasOddSegments |= (ushort)description is ConformingCode or Ring3Code;
        ulong offset = StubOf(vector), at = _idt + (ulong)vector * InterruptGate.Size;
        _memory.Write64(at, (offset & 0xFFFF) | (description & 0xFFFF) << 16 | (description >> 16 & 7) << 32 | (description >> 24 & 0xFF) << 40 | (offset >> 16 & 0xFFFF) << 48);
        _memory.Write64(at + 8, offset >> 32);
    }

    public void SetLimit(ushort limit)
    {
        HasPlainTables = false;
        Processor.LoadIdt(_idt, limit);
    }

    public void SetInterruptFlag(bool set, long nowPs)
    {
        _scriptFlag = set;
        if (set) Processor.EnableInterrupts(nowPs);
        else Processor.DisableInterrupts();
    }

    public void WriteApic(uint offset, uint value, long nowPs)
    {
        if (Processor.Apic.Mode == ApicMode.X2Apic) Processor.Apic.TryWriteMsr(LocalApicMap.FirstMsr + (offset >> 4), value, nowPs);
        else Processor.Apic.Write(offset, value, nowPs);
    }

    /// <summary>On the stage: RIP at the instruction, or behind it where it is a trap or takes interrupts only then.</summary>
    public void BeginOperation(bool isWorking, in GuestOperation o)
    {
        Events.Clear();
        if (Processor.Activity > ActivityState.Halted) return;
        Processor.Rip = !isWorking ? IdleRip : o.Code switch
        {
            GuestCode.Int3 or GuestCode.Int1 => NextOfOneByteRip,
            GuestCode.Int or GuestCode.StiNop or GuestCode.Popf or GuestCode.StiHlt => NextRip,
            _ => WindowRip,
        };
        Processor.Rsp = _stageRsp;
        Processor.Cs = isWorking && o.IsUser ? Processor.UserCode : Processor.KernelCode;
        if (isWorking && o.Code is GuestCode.StiCli or GuestCode.StiNop or GuestCode.Popf or GuestCode.StiHlt) Processor.DisableInterrupts();
    }

    /// <summary>Back from the stage, waiting, with the script's IF.</summary>
    public void EndOperation()
    {
        if (Processor.Activity > ActivityState.Halted) return;
        Processor.Rip = IdleRip;
        Processor.Cs = Processor.KernelCode;
        if (_scriptFlag) Processor.EnableInterrupts(NowPs);
        else Processor.DisableInterrupts();
    }

    /// <summary>A fault of the operation itself.</summary>
    public void Raise(int vector, int errorCode)
    {
        Processor.Rip = OperationRip;
        Processor.Raise(vector, errorCode, NowPs);
    }

    /// <summary>The processor stands at a stub.</summary>
    public void Enter(int vector)
    {
        bool hasError = (Processor.Rsp & 8) == 0;
        ulong error = hasError ? _memory.Read64(Processor.Rsp) : 0;
        ulong at = Processor.Rsp + (hasError ? 8u : 0);
        InterruptFrame frame = new(_memory.Read64(at), _memory.Read64(at + 8), _memory.Read64(at + 16), _memory.Read64(at + 24), _memory.Read64(at + 32));
        _entered.Push(new Entered(vector, hasError ? (uint)error : null, frame, at + 40, Processor.InterruptFlag));
    }

    /// <summary>Runs the handlers that were entered since, the last first; false if there was none.</summary>
    public bool RunHandlers()
    {
        bool any = false;
        while (_entered.TryPop(out Entered? entered))
        {
            any = true;
            RunHandler(entered);
        }
        return any;
    }

    private void RunHandler(Entered entered)
    {
        // A trap gate leaves the door open: what waits comes before the stub's first instruction.
        Processor.InterruptRequested(NowPs);
        RunHandlers();
        Processor.DisableInterrupts();
        Processor.Rip = BodyRip;
        Events.Add(entered.Describe(this));
        Act(entered.Vector);
        // A fault would happen again: go on behind the operation instead.
        if (entered.Frame.Rip == OperationRip) _memory.Write64(entered.FrameTop - 40, WindowRip);
        Processor.Rsp = entered.FrameTop - 40;
        Processor.InterruptReturn();
        Processor.InterruptRequested(NowPs);
    }

    private void Act(int vector)
    {
        (GuestActions what, byte argument) = Actions[vector];
        Actions[vector].What = what & GuestActions.Eoi;
        if ((what & (GuestActions.Nmi | GuestActions.NmiTwice)) != 0) SendToSelf(NmiToSelf);
        if ((what & GuestActions.NmiTwice) != 0) SendToSelf(NmiToSelf);
        if ((what & GuestActions.Fixed) != 0) SendToSelf(FixedToSelf | argument);
        if ((what & GuestActions.Int3) != 0)
        {
            Processor.Execute(EventSource.Int3, 3, NowPs);
            _settle();
        }
        if ((what & GuestActions.Eoi) != 0) WriteApic(LocalApic.EoiOffset, 0, NowPs);
    }

    private void SendToSelf(uint command)
    {
        if (Processor.Apic.Mode == ApicMode.X2Apic)
        {
            Processor.Apic.TryWriteMsr(0x830, (ulong)(uint)Processor.Index << 32 | command, NowPs);
        }
        else
        {
            Processor.Apic.Write(LocalApic.IcrHighOffset, (uint)Processor.Index << 24, NowPs);
            Processor.Apic.Write(LocalApic.IcrOffset, command, NowPs);
        }
        _settle();
    }

    private void WriteGdt()
    {
        ulong[] table = new ulong[GdtEntries];
        table[1] = SegmentDescriptor.Code(0, isLong: false).Raw;
        table[2] = SegmentDescriptor.Code(0, isLong: true).Raw;
        table[3] = 0x00CF_9300_0000_FFFF;
        table[5] = 0x00CF_F300_0000_FFFF;
        table[6] = SegmentDescriptor.Code(3, isLong: true).Raw;
        table[AbsentCode / 8] = SegmentDescriptor.Code(0, isLong: true).Raw & ~(1ul << 47);
        table[Code32 / 8] = SegmentDescriptor.Code(0, isLong: false).Raw;
        table[ConformingCode / 8] = SegmentDescriptor.Code(0, isLong: true, conforming: true).Raw;
        table[Ring3Code / 8] = SegmentDescriptor.Code(3, isLong: true).Raw;
        for (int i = 0; i < GdtEntries; i++) _memory.Write64(Gdt + (ulong)(8 * i), table[i]);
    }

    private string Place(ulong rip) => rip switch
    {
        OperationRip => "op",
        NextOfOneByteRip or NextRip => "next",
        WindowRip => "win",
        IdleRip => "idle",
        >= Stubs and < Stubs + 256 * 16 => $"stub{(rip - Stubs) / 16:x}",
        _ => "body",
    };

    /// <summary>A handler's start: everything the guest's recorder reads.</summary>
    private sealed record Entered(int Vector, uint? Error, InterruptFrame Frame, ulong FrameTop, bool FlagAfter)
    {
        public string Describe(GuestCpu cpu)
        {
            string place = cpu.Place(Frame.Rip);
            int ist = Array.FindIndex(cpu._istStacks, top => FrameTop > top - StackBytes && FrameTop <= top);
            bool isRing0 = FrameTop > cpu._ring0Stack - StackBytes && FrameTop <= cpu._ring0Stack;
            string stack = ist >= 0 ? $"ist{ist + 1}" : isRing0 ? "ring0" : "same";
            ulong from = ist >= 0 ? cpu._istStacks[ist] : isRing0 ? cpu._ring0Stack : Frame.Rsp;
            string offset = place is "op" or "next" or "win" or "idle" ? $"+{(long)(Frame.Rsp - cpu._stageRsp)}/{from - FrameTop}" : "";
            return $"c{cpu.Processor.Index} v{Vector:x} e{(Error is { } code ? $"{code:x}" : "-")} cs{Frame.Cs:x} ss{Frame.Ss:x}"
                + $" if{Frame.Rflags >> 9 & 1}>{(FlagAfter ? 1 : 0)} {place} {stack}{offset}";
        }
    }
}
