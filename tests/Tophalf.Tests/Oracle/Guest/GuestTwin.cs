using System.Globalization;
using System.Text;
using Tophalf.Hardware;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Pci;
using Tophalf.Hardware.Processors;
using Tophalf.Simulation;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>
/// The guest's machine, made of our hardware: the same descriptor tables, handlers and stacks as tests/guest has, and for each operation the line
/// the guest would print.
/// </summary>
internal sealed class GuestTwin
{
    public const uint StartPage = 8;
    private const long SettlePs = 10 * SimTime.Microsecond, TimerPs = 100 * SimTime.Millisecond;
    private const uint TimerCount = 20_000, DivideByOne = 0xB;

    private readonly EventQueue _queue = new();
    private readonly InterruptFabric _fabric;
    private readonly MsiCapability _msi;
    private readonly StringBuilder _line = new();

    /// <param name="cpus">1 to 4.</param>
    /// <param name="x2Apic">The guest switches every CPU to x2APIC mode first.</param>
    public GuestTwin(int cpus, bool x2Apic)
    {
        _fabric = new InterruptFabric(_queue, new HardwareCosts(CostSet.BuiltIn("textbook")));
        _msi = new MsiCapability(1, is64Bit: true, hasMasks: false, _fabric);
        var memory = new PhysicalMemory(1 << 20);
        var code = new CodeMap();
        Cpus = [.. Enumerable.Range(0, cpus).Select(index => new GuestCpu(index, memory, code, _fabric, Settle, x2Apic))];
        for (int vector = 0; vector < 256; vector++) code.Place(GuestCpu.StubOf(vector), (cpu, v, _) => Cpus[cpu.Index].Enter(v));
        code.Place(StartPage << 12, (cpu, _, nowPs) => Cpus[cpu.Index].Start(nowPs));
        foreach (GuestCpu cpu in Cpus) cpu.Start(0);
    }

    public GuestCpu[] Cpus { get; }

    /// <summary>A processor met a fault while delivering a double fault: the guest's machine would be reset.</summary>
    public bool HasShutDown => Cpus.Any(cpu => cpu.Processor.IsShutdown);

    /// <summary>A bit for each processor that executes instructions.</summary>
    public int Alive => Cpus.Where(cpu => cpu.Processor.Activity == ActivityState.Active).Sum(cpu => 1 << cpu.Processor.Index);

    public bool AllAlive => Alive == (1 << Cpus.Length) - 1;

    /// <summary>All APICs answer to the same kind of message.</summary>
    public bool SameMode => Cpus.All(cpu => cpu.Processor.Apic.Mode == Cpus[0].Processor.Apic.Mode);

    private long NowPs => _queue.NowPs;

    /// <summary>Executes the operation and returns what the guest prints for it, without the number.</summary>
    public string Run(in GuestOperation o)
    {
        _line.Clear();
        foreach (GuestCpu other in Cpus) other.BeginOperation(other.Processor.Index == o.Cpu, o);
        GuestCpu cpu = Cpus[o.Cpu];
        ulong? value = Perform(cpu, o);
        Settle();
        cpu.EndOperation();
        Settle();
        if (value is { } known && cpu.Events.Count == 0) _line.Append(CultureInfo.InvariantCulture, $" = {known:x}");
        foreach (GuestCpu other in Cpus) other.Events.ForEach(e => _line.Append("; ").Append(e));
        return _line.ToString();
    }

    /// <summary>Lets messages arrive and handlers run until nothing moves any more.</summary>
    private void Settle()
    {
        for (bool moved = true; moved;)
        {
            _queue.RunUntil(NowPs + SettlePs);
            moved = false;
            foreach (GuestCpu cpu in Cpus) moved |= cpu.RunHandlers();
        }
    }

    private ulong? Perform(GuestCpu cpu, in GuestOperation o)
    {
        Processor processor = cpu.Processor;
        LocalApic apic = processor.Apic;
        switch (o.Code)
        {
            case GuestCode.Load: return apic.Read(o.A, NowPs);
            case GuestCode.Store: apic.Write(o.A, (uint)o.B, NowPs); break;
            case GuestCode.ReadMsr:
                if (apic.TryReadMsr(o.A, NowPs, out ulong value)) return value;
                cpu.Raise(ExceptionTable.GeneralProtection, 0);
                break;
            case GuestCode.WriteMsr:
                if (!apic.TryWriteMsr(o.A, o.B, NowPs)) cpu.Raise(ExceptionTable.GeneralProtection, 0);
                break;
            case GuestCode.ReadCr8: return apic.Cr8;
            case GuestCode.WriteCr8:
                if (!apic.TryWriteCr8(o.B, NowPs)) cpu.Raise(ExceptionTable.GeneralProtection, 0);
                break;
            case GuestCode.SetInterruptFlag: cpu.SetInterruptFlag(o.A != 0, NowPs); break;
            case GuestCode.Window: break;
            case GuestCode.StiCli:
                processor.Sti();
                processor.DisableInterrupts();
                processor.CompleteInstruction(NowPs);
                break;
            case GuestCode.StiNop:
                processor.Sti();
                processor.CompleteInstruction(NowPs);
                break;
            case GuestCode.Popf: processor.EnableInterrupts(NowPs); break;
            case GuestCode.StiHlt:
                processor.Sti();
                processor.Halt(NowPs);
                break;
            case GuestCode.Int: processor.Execute(EventSource.IntN, (byte)o.A, NowPs); break;
            case GuestCode.Int3: processor.Execute(EventSource.Int3, 3, NowPs); break;
            case GuestCode.Int1: processor.Execute(EventSource.Int1, 1, NowPs); break;
            case GuestCode.Into: cpu.Raise(ExceptionTable.InvalidOpcode, 0); break;
            case GuestCode.Ud2: cpu.Raise(ExceptionTable.InvalidOpcode, 0); break;
            case GuestCode.Divide: cpu.Raise(0, 0); break;
            case GuestCode.PageFault: cpu.Raise(14, (o.A != 0 ? 2 : 0) | (o.IsUser ? 4 : 0)); break;
            case GuestCode.General: cpu.Raise(ExceptionTable.GeneralProtection, 0); break;
            case GuestCode.Stack: cpu.Raise(ExceptionTable.StackFault, 0); break;
            case GuestCode.LoadDs: cpu.Raise(o.A == GuestCpu.AbsentCode ? ExceptionTable.NotPresent : ExceptionTable.GeneralProtection, (int)o.A & 0xFFFC); break;
            case GuestCode.Gate: cpu.SetGate((int)o.A, o.B); break;
            case GuestCode.Limit: cpu.SetLimit((ushort)o.A); break;
            case GuestCode.Actions: cpu.Actions[o.A] = ((GuestActions)o.B, (byte)(o.B >> 8)); break;
            case GuestCode.StackOffset: cpu.SetStackOffset(o.A); break;
            case GuestCode.State: PrintState(apic); break;
            case GuestCode.MsiSet: SetMsi(o); break;
            case GuestCode.MsiRaise: _msi.Raise(0, NowPs); break;
            case GuestCode.MsiRead: return o.A == 0 ? _msi.Read32(0) >> 16 : _msi.Read32(4 * (int)o.A);
            case GuestCode.Timer: return RunTimer(cpu, o);
            default: throw new ArgumentOutOfRangeException(nameof(o), o.Code, "not an operation");
        }
        return null;
    }

    private void SetMsi(in GuestOperation o)
    {
        _msi.Write32(4, (uint)o.B, NowPs);
        _msi.Write32(8, (uint)(o.B >> 32), NowPs);
        _msi.Write32(12, o.A, NowPs);
        _msi.Write32(0, 1 << 16, NowPs);
    }

    private void PrintState(LocalApic apic)
    {
        _line.Append(CultureInfo.InvariantCulture, $" tpr {Register(apic, LocalApic.TprOffset):x} ppr {Register(apic, LocalApic.PprOffset):x}");
        foreach ((string name, uint bank) in new[] { ("isr", LocalApic.IsrOffset), ("irr", LocalApic.IrrOffset), ("tmr", LocalApic.TmrOffset) })
        {
            _line.Append(' ').Append(name);
            for (int vector = 0; vector < 256; vector++)
            {
                if ((Register(apic, bank + (uint)(vector / 32 * 16)) >> (vector % 32) & 1) != 0) _line.Append(CultureInfo.InvariantCulture, $" {vector:x}");
            }
        }
    }

    private uint Register(LocalApic apic, uint offset)
    {
        if (apic.Mode != ApicMode.X2Apic) return apic.Read(offset, NowPs);
        apic.TryReadMsr(LocalApicMap.FirstMsr + (offset >> 4), NowPs, out ulong value);
        return (uint)value;
    }

    /// <summary>Mode, vector and count as apic_wait_timer has them; how long a tick lasts is nobody's promise.</summary>
    private ulong RunTimer(GuestCpu cpu, in GuestOperation o)
    {
        LocalApic apic = cpu.Processor.Apic;
        bool isPeriodic = (o.A >> 8 & 3) == (uint)ApicTimerMode.Periodic;
        cpu.WriteApic(LocalApic.TimerDivideOffset, DivideByOne, NowPs);
        cpu.WriteApic(LocalApic.LvtTimerOffset, (o.A >> 8 & 3) << 17 | o.A & 0xFF, NowPs);
        cpu.WriteApic(LocalApic.TimerInitialOffset, TimerCount, NowPs);
        cpu.Processor.EnableInterrupts(NowPs);
        long endPs = NowPs + TimerPs;
        while ((ulong)cpu.Events.Count < o.B && NowPs < endPs) Settle();
        // One more period shows that a one-shot timer does not come again.
        _queue.RunUntil(NowPs + TimerCount * apic.TimerClockPs);
        Settle();
        ulong came = Math.Min((ulong)cpu.Events.Count, isPeriodic ? o.B : o.B + 1);
        cpu.WriteApic(LocalApic.LvtTimerOffset, LvtEntry.MaskBit, NowPs);
        cpu.WriteApic(LocalApic.TimerInitialOffset, 0, NowPs);
        Settle();
        cpu.Events.Clear();
        return came;
    }
}
