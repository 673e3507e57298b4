using System.Text;
using Tophalf.Hardware;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;
using Tophalf.Simulation;

namespace Tophalf.Tests.Hardware;

/// <summary>
/// Processors, their local APICs and one I/O APIC, with a handler behind every gate that notes its vector, works for 130 ns with IF clear, and ends the interrupt.
/// Message times are those of the textbook: 100 ns on the bus, 50 ns to be accepted.
/// </summary>
internal sealed class Board
{
    public const ulong HandlerBase = 0xFFFF_FFFF_8200_0000;
    public const int StackBytes = 4096;
    private const long HandlerPs = 130 * SimTime.Nanosecond;

    private readonly StringBuilder _picture = new();
    private readonly Stack<int>[] _running;

    public Board(int processors = 1, byte ioApicVersion = IoApic.VersionWithEoi)
    {
        Queue = new EventQueue();
        Fabric = new InterruptFabric(Queue, new HardwareCosts(CostSet.BuiltIn("textbook"))) { Events = Log };
        Memory = new PhysicalMemory(256 * 1024);
        IoApic = new IoApic(0, gsiBase: 0, Fabric, ioApicVersion);
        IdtBase = Memory.Allocate(256 * InterruptGate.Size, 4096);
        for (int vector = 0; vector < 256; vector++)
        {
            SetGate(vector, InterruptGate.Create(HandlerOf(vector), Processor.KernelCode));
            Code.Place(HandlerOf(vector), Enter);
        }
        Cpus = new Processor[processors];
        _running = [.. Enumerable.Range(0, processors).Select(_ => new Stack<int>())];
        for (uint i = 0; i < processors; i++)
        {
            var cpu = new Processor((int)i, Memory, Code, new LocalApic(i, Fabric));
            cpu.LoadIdt(IdtBase, 256 * InterruptGate.Size - 1);
            cpu.Rsp = cpu.Rsp0 = Memory.Allocate(StackBytes, StackBytes) + StackBytes;
            cpu.Apic.Write(LocalApic.SvrOffset, 0x1FF, 0);
            cpu.EnableInterrupts(0);
            Cpus[i] = cpu;
        }
    }

    public EventQueue Queue { get; }
    public InterruptFabric Fabric { get; }
    public PhysicalMemory Memory { get; }
    public CodeMap Code { get; } = new();
    public IoApic IoApic { get; }
    public ulong IdtBase { get; }
    public Processor[] Cpus { get; }
    public HardwareLog Log { get; } = new(100);
    public Processor Cpu => Cpus[0];
    public LocalApic Apic => Cpus[0].Apic;
    public List<(int Cpu, int Vector)> Handled { get; } = [];

    /// <summary>Handlers end their interrupt by themselves; off, they stay in service and IF stays clear.</summary>
    public bool HandlersReturn { get; set; } = true;

    public IEnumerable<int> VectorsOf(int cpu) => Handled.Where(entry => entry.Cpu == cpu).Select(entry => entry.Vector);

    /// <summary>What the log holds, without the time and the sender.</summary>
    public IEnumerable<string> Logged => Log.Events.Select(e => e.ToString().Split(": ", 2)[1]);

    public string Picture => _picture.ToString().TrimEnd();

    public static ulong HandlerOf(int vector) => HandlerBase + (ulong)vector * 16;

    public void SetGate(int vector, InterruptGate gate)
    {
        Memory.Write64(IdtBase + (ulong)(vector * InterruptGate.Size), gate.Low);
        Memory.Write64(IdtBase + (ulong)(vector * InterruptGate.Size) + 8, gate.High);
    }

    public void Run(long untilNs) => Queue.RunUntil(untilNs * SimTime.Nanosecond);

    public void Note(string what)
    {
        long ns = Queue.NowPs / SimTime.Nanosecond;
        _picture.Append($"{ns,4}  {what}\n");
    }

    public void SetLine(int pin, bool active)
    {
        IoApic.SetLine(pin, active, Queue.NowPs);
        Note($".     pin {pin} {(active ? "↑" : "↓")}{Rirr(pin)}");
    }

    private string Rirr(int pin) => IoApic[pin].IsLevel ? $"  rirr={(IoApic[pin].RemoteIrr ? 1 : 0)}" : "";

    private void Enter(Processor cpu, int vector, long nowPs)
    {
        Handled.Add((cpu.Index, vector));
        Note($"H {vector:x2}  cpu{cpu.Index}");
        _running[cpu.Index].Push(vector);
        if (HandlersReturn) Queue.Schedule(new CallbackEvent(endPs => Leave(cpu, endPs)), nowPs + HandlerPs);
    }

    /// <summary>The innermost handler is done.</summary>
    private void Leave(Processor cpu, long nowPs)
    {
        int vector = _running[cpu.Index].Pop();
        bool ended = cpu.Apic.IsInService(vector);
        if (ended) cpu.Apic.EndOfInterrupt(nowPs);
        Note($"{(ended ? "E" : "R")} {vector:x2}  cpu{cpu.Index}");
        cpu.InterruptReturn();
        cpu.InterruptRequested(nowPs);
    }
}
