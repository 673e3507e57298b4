using Tophalf.Hardware;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;
using Tophalf.Kernel.Nmi;
using Tophalf.Simulation;
using EntryAt = Tophalf.Kernel.Nmi.NmiEntryCode.At;

namespace Tophalf.Tests.Kernel.Nmi;

/// <summary>
/// One processor that walks through the NMI entry code an instruction at a time, so that a test can let an NMI or a breakpoint in at any of them. The handler behind it is
/// exc_nmi with its three states and nothing to do.
/// </summary>
internal sealed class NmiWalk
{
    public const ulong Interrupted = 0xFFFF_FFFF_8112_3450, Breakpoint = 0xFFFF_FFFF_8200_1030;
    private const int HandlerSteps = 3;

    private readonly NmiEntryCode _code;
    private readonly ulong _interruptedRsp;
    private readonly ushort _interruptedCs;
    private int _state, _stepsLeft;
    private bool _isEntering;

    public NmiWalk(bool isNaive, bool fromUser = false)
    {
        var fabric = new InterruptFabric(new EventQueue(), new HardwareCosts(CostSet.BuiltIn("textbook")));
        Memory = new PhysicalMemory(128 * 1024);
        var map = new CodeMap();
        ulong idt = Memory.Allocate(256 * InterruptGate.Size, 4096);
        Cpu = new Processor(0, Memory, map, new LocalApic(0, fabric));
        Cpu.LoadIdt(idt, 256 * InterruptGate.Size - 1);
        SetGate(2, NmiEntryCode.Start, ist: 2);
        SetGate(3, Breakpoint, ist: 0);
        map.Place(NmiEntryCode.Start, (_, _, _) => { });
        map.Place(Breakpoint, (processor, _, nowPs) =>
        {
            processor.InterruptReturn();
            processor.InterruptRequested(nowPs);
        });
        Top = Cpu.Ist[2] = Memory.Allocate(NmiEntryCode.StackBytes, 4096) + NmiEntryCode.StackBytes;
        Cpu.Rsp0 = Memory.Allocate(16 * 1024, 4096) + 16 * 1024;
        Cpu.Rsp = _interruptedRsp = fromUser ? 0x7FFD_C000_1238 : Cpu.Rsp0 - 0x120;
        Cpu.Cs = _interruptedCs = fromUser ? Processor.UserCode : Processor.KernelCode;
        Cpu.Rip = Interrupted;
        _code = new NmiEntryCode(Cpu, Memory, isNaive);

        void SetGate(int vector, ulong address, int ist)
        {
            InterruptGate gate = InterruptGate.Create(address, Processor.KernelCode, dpl: vector == 3 ? 3 : 0, ist: ist);
            Memory.Write64(idt + (ulong)(vector * InterruptGate.Size), gate.Low);
            Memory.Write64(idt + (ulong)(vector * InterruptGate.Size) + 8, gate.High);
        }
    }

    public Processor Cpu { get; }
    public PhysicalMemory Memory { get; }
    public ulong Top { get; }

    public int Arrived { get; private set; }
    public int Rounds { get; private set; }

    /// <summary>Arrivals that no round has begun after.</summary>
    public int Unserved { get; private set; }

    public bool IsInHandler => Cpu.Rip == NmiEntryCode.Handler && !_isEntering;

    /// <summary>Back where it was, on the stack it was on, with no NMI waiting.</summary>
    public bool IsBack => Cpu.Rip == Interrupted && Cpu.Rsp == _interruptedRsp && Cpu.Cs == _interruptedCs && !Cpu.IsNmiPending && !Cpu.DirectionFlag;

    public void Nmi()
    {
        Arrived++;
        Unserved++;
        Cpu.SignalNmi(0);
    }

    /// <summary>A probe in the handler; its IRET opens the door to the next NMI.</summary>
    public void HitBreakpoint()
    {
        if (IsInHandler) Cpu.Execute(EventSource.Int3, 3, 0);
    }

    /// <summary>One instruction, and what waited for its end.</summary>
    public void Step()
    {
        if (Cpu.Rip == NmiEntryCode.Handler) StepHandler();
        else if (NmiEntryCode.InstructionAt(Cpu.Rip) is { } at)
        {
            _code.Step(at);
            _isEntering = Cpu.Rip == NmiEntryCode.Handler && at is EntryAt.CallHandler or EntryAt.UserCallHandler or EntryAt.NaiveCallHandler;
        }
        Cpu.InterruptRequested(0);
    }

    private void StepHandler()
    {
        if (_isEntering)
        {
            _isEntering = false;
            if (_state == 0) BeginRound();
            else
            {
                _state = 2;
                _code.ReturnFromHandler();
            }
        }
        else if (--_stepsLeft <= 0)
        {
            if (_state > 0 && --_state > 0) BeginRound();
            else _code.ReturnFromHandler();
        }
    }

    private void BeginRound()
    {
        _state = 1;
        _stepsLeft = HandlerSteps;
        Rounds++;
        Unserved = 0;
    }

    /// <summary>Steps until <paramref name="done"/>, within what any honest way takes. False when it does not come to that.</summary>
    public bool StepUntil(Func<bool> done)
    {
        for (int i = 0; i < 2000; i++)
        {
            if (done()) return true;
            Step();
        }
        return done();
    }

    public string Picture(bool isNaive) => NmiStackPicture.Draw(Memory, Top, isNaive, NameOf);

    public static string? NameOf(ulong rip) => rip switch
    {
        Interrupted => "the interrupted code",
        NmiEntryCode.Handler => "exc_nmi",
        _ when rip == NmiEntryCode.AddressOf(EntryAt.RepeatNmi) => "repeat_nmi",
        _ => null,
    };
}
