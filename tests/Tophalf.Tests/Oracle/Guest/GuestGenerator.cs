using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Processors;
using Tophalf.Simulation;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>
/// Invents operations without asking whether they make sense; <see cref="GuestRules"/> leaves out what must not be compared. Each script has a theme,
/// so that what it changes meets what it tries.
/// </summary>
internal sealed class GuestGenerator(RandomStream random, int cpus, GuestRules rules, bool x2Apic)
{
    private static readonly uint[] _usualVectors = [0x20, 0x2F, 0x31, 0x3F, 0x41, 0x45, 0x80, 0xEF, 0xF0, 0xFE];
    private static readonly ushort[] _selectors =
        [Processor.KernelCode, Processor.KernelCode, 0, Processor.KernelData, GuestCpu.AbsentCode, GuestCpu.Code32, GuestCpu.ConformingCode, GuestCpu.Ring3Code, 0x14, 0x100];
    private static readonly GuestCode[] _faults =
        [GuestCode.Ud2, GuestCode.Divide, GuestCode.PageFault, GuestCode.General, GuestCode.Stack, GuestCode.LoadDs, GuestCode.Into];
    private static readonly GuestCode[] _windows = [GuestCode.StiCli, GuestCode.StiNop, GuestCode.Popf, GuestCode.StiHlt, GuestCode.Window];
    private static readonly uint[] _badData = [GuestCpu.AbsentCode, 0x100, 0x44];
    private static readonly uint[] _lvts = [0x2F0, 0x320, 0x330, 0x340, 0x350, 0x360, 0x370];

    private readonly int _theme = random.NextInt(4);
    private bool _hasBegun;

    private int Cpu => random.NextInt(4) == 0 ? 0 : random.NextInt(cpus);
    private uint Vector
    {
        get
        {
            uint vector = random.NextInt(3) > 0 ? _usualVectors[random.NextInt(_usualVectors.Length)] : (uint)random.NextInt(256);
            return rules.OneVectorPerClass ? vector & 0xF0 | 1 : vector;
        }
    }

    private bool Chance(int percent) => random.NextInt(100) < percent;

    public IEnumerable<GuestOperation> Invent()
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            return Begin();
        }
        return random.NextInt(10) switch
        {
            0 => [new(GuestCode.State, Cpu)],
            1 => [new(GuestCode.SetInterruptFlag, Cpu, (uint)random.NextInt(2))],
            2 => [Handler(Cpu)],
            3 => [new(_windows[random.NextInt(_windows.Length)], Cpu)],
            _ => _theme switch { 0 => Register(Cpu), 1 => Interrupt(Cpu), 2 => Delivery(Cpu), _ => Message(Cpu) },
        };
    }

    private IEnumerable<GuestOperation> Begin()
    {
        for (int cpu = 0; cpu < cpus && !x2Apic; cpu++) yield return new(GuestCode.Store, cpu, LocalApic.LdrOffset, 1u << (24 + cpu));
        if (!Chance(20)) yield break;
        uint vector = Vector | 0x20;
        yield return new(GuestCode.Actions, 0, vector, (ulong)GuestActions.Eoi);
        uint mode = (uint)random.NextInt(2);
        yield return new(GuestCode.Timer, 0, mode << 8 | vector, mode == 0 ? 1u : 3);
    }

    // ---- registers -------------------------------------------------------------------------------------------------------------

    private IEnumerable<GuestOperation> Register(int cpu)
    {
        if (Chance(10)) return [new(GuestCode.ReadCr8, cpu), new(GuestCode.WriteCr8, cpu, 0, (ulong)random.NextInt(Chance(10) ? 40 : 16)), new(GuestCode.ReadCr8, cpu)];
        if (Chance(x2Apic ? 15 : 5)) return BaseMove(cpu);
        LocalApicRegister register = Chance(90)
            ? LocalApicMap.Registers[random.NextInt(LocalApicMap.Registers.Count)]
            : LocalApicMap.At((uint)random.NextInt(64) << 4);
        if (x2Apic || Chance(5))
        {
            uint msr = LocalApicMap.FirstMsr + (register.Offset >> 4);
            return Chance(50) ? [new(GuestCode.ReadMsr, cpu, msr)] : [new(GuestCode.WriteMsr, cpu, msr, Value(register)), new(GuestCode.ReadMsr, cpu, msr)];
        }
        GuestOperation load = new(GuestCode.Load, cpu, register.Offset);
        return Chance(30) ? [load] : [new(GuestCode.Store, cpu, register.Offset, Value(register)), load];
    }

    private ulong Value(in LocalApicRegister register)
    {
        uint noise = (uint)random.NextUInt64();
        if (register.Offset == LocalApic.SvrOffset) return 0xFF & noise | (Chance(70) ? 0x100u : 0) | (Chance(20) ? noise & 0x1200 : 0);
        if (register.Offset == LocalApic.DfrOffset) return Chance(50) ? 0xFFFF_FFFF : 0x0FFF_FFFF;
        if (_lvts.Contains(register.Offset)) return noise & register.Writable & (Chance(50) ? 0x1_00FFu : uint.MaxValue);
        if (register.Offset is LocalApic.EoiOffset or LocalApic.EsrOffset && Chance(80)) return 0;
        return Chance(85) ? noise & register.Writable : noise;
    }

    private IEnumerable<GuestOperation> BaseMove(int cpu)
    {
        ulong value = ApicBase.DefaultAddress | (ulong)random.NextInt(4) << 10 | (cpu == 0 ? 0x100u : 0);
        if (Chance(10)) value |= 1ul << random.NextInt(64);
        return [new(GuestCode.WriteMsr, cpu, ApicBase.Msr, value), new(GuestCode.ReadMsr, cpu, ApicBase.Msr)];
    }

    // ---- interrupts ------------------------------------------------------------------------------------------------------------

    private IEnumerable<GuestOperation> Interrupt(int cpu)
    {
        switch (random.NextInt(8))
        {
            case 0: return [Eoi(cpu)];
            case 1: return [new(GuestCode.WriteCr8, cpu, 0, (ulong)random.NextInt(16))];
            case 2: return [Write(cpu, LocalApic.TprOffset, (uint)random.NextInt(256))];
            case 3 when x2Apic: return [new(GuestCode.WriteMsr, cpu, 0x83F, Vector)];
            case 3: return [Write(cpu, LocalApic.LdrOffset, 1u << (24 + cpu)), Write(cpu, LocalApic.DfrOffset, Chance(50) ? 0xFFFF_FFFF : 0x0FFF_FFFF)];
            default: return Ipi(cpu);
        }
    }

    private IEnumerable<GuestOperation> Ipi(int cpu)
    {
        uint vector = Chance(95) ? Vector : (uint)random.NextInt(16);
        DeliveryMode mode = Chance(70) ? DeliveryMode.Fixed : Chance(60) ? DeliveryMode.Nmi : Chance(50) ? DeliveryMode.LowestPriority : DeliveryMode.Init;
        bool logical = Chance(40);
        IpiShorthand shorthand = Chance(40) ? (IpiShorthand)random.NextInt(4) : IpiShorthand.None;
        uint destination = logical ? LogicalSet() : Chance(90) ? (uint)random.NextInt(cpus) : Chance(50) ? AllIds : (uint)random.NextInt(256);
        uint command = InterruptCommand.Create((byte)vector, mode, logical, assert: Chance(95), level: Chance(5), shorthand).Raw;
        foreach (GuestOperation send in Send(cpu, destination, command)) yield return send;
        if (mode != DeliveryMode.Init) yield break;
        uint start = InterruptCommand.Create((byte)GuestTwin.StartPage, DeliveryMode.Startup, assert: true, shorthand: IpiShorthand.AllExcludingSelf).Raw;
        foreach (GuestOperation send in Send(0, 0, start)) yield return send;
    }

    private uint AllIds => x2Apic ? InterruptMessage.AllIds : InterruptMessage.AllXApics;

    private uint LogicalSet() => Chance(10) ? AllIds : (uint)random.NextInt(1 << cpus) | (Chance(10) ? 0x10000u << random.NextInt(4) : 0);

    private IEnumerable<GuestOperation> Send(int cpu, uint destination, uint command) => x2Apic
        ? [new(GuestCode.WriteMsr, cpu, 0x830, (ulong)destination << 32 | command)]
        : [new(GuestCode.Store, cpu, LocalApic.IcrHighOffset, destination << 24), new(GuestCode.Store, cpu, LocalApic.IcrOffset, command)];

    private GuestOperation Eoi(int cpu) => Write(cpu, LocalApic.EoiOffset, 0);

    private GuestOperation Write(int cpu, uint offset, uint value) =>
        x2Apic ? new(GuestCode.WriteMsr, cpu, LocalApicMap.FirstMsr + (offset >> 4), value) : new(GuestCode.Store, cpu, offset, value);

    private GuestOperation Handler(int cpu)
    {
        GuestActions what = Chance(70) ? GuestActions.Eoi : GuestActions.None;
        if (Chance(40)) what |= (GuestActions)(1 << (1 + random.NextInt(4)));
        if (Chance(20)) what |= (GuestActions)(1 << (1 + random.NextInt(4)));
        return new(GuestCode.Actions, cpu, Chance(30) ? 2 : Vector, (ulong)what | (ulong)Vector << 8);
    }

    // ---- the processor ---------------------------------------------------------------------------------------------------------

    private IEnumerable<GuestOperation> Delivery(int cpu)
    {
        bool user = Chance(35);
        switch (random.NextInt(10))
        {
            case 0: return [new(GuestCode.Int3, cpu, IsUser: user)];
            case 1: return [new(GuestCode.Int1, cpu, IsUser: user)];
            case 2 or 3: return [Fault(cpu, user)];
            case 4 or 5: return [Gate(cpu, Vector)];
            case 6: return [Gate(cpu, (uint)random.NextInt(22))];
            case 7 when Chance(30): return [new(GuestCode.Limit, cpu, (uint)random.NextInt(4096))];
            case 7: return [new(GuestCode.StackOffset, cpu, (uint)random.NextInt(32))];
            case 8 when Chance(50): return Ipi(cpu);
            default: return [new(GuestCode.Int, cpu, Chance(20) ? (uint)random.NextInt(32) : Vector, IsUser: user)];
        }
    }

    private GuestOperation Fault(int cpu, bool user)
    {
        GuestCode code = _faults[random.NextInt(_faults.Length)];
        uint a = code switch
        {
            GuestCode.LoadDs => _badData[random.NextInt(_badData.Length)],
            GuestCode.PageFault => (uint)random.NextInt(2),
            _ => 0,
        };
        return new(code, cpu, a, IsUser: user);
    }

    /// <summary>Mostly a legal gate, of either kind and any DPL. Only interrupt gates switch stacks, each kind of event to its own, or one frame would destroy another.</summary>
    private GuestOperation Gate(int cpu, uint vector)
    {
        bool isTrap = Chance(40);
        uint type = Chance(85) ? (isTrap ? 0xFu : 0xEu) : (uint)random.NextInt(32);
        uint attributes = type | (uint)random.NextInt(4) << 5 | (Chance(85) ? 0x80u : 0);
        uint ist = type == 0xE && Chance(30) ? vector switch { 2 => 7u, 3 => 6u, _ => 1 + (uint)random.NextInt(5) } : 0;
        ushort selector = Chance(75) ? Processor.KernelCode : _selectors[random.NextInt(_selectors.Length)];
        return new(GuestCode.Gate, cpu, vector, (ulong)attributes << 24 | ist << 16 | selector);
    }

    // ---- messages --------------------------------------------------------------------------------------------------------------

    private IEnumerable<GuestOperation> Message(int cpu)
    {
        if (Chance(30)) return Interrupt(cpu);
        if (Chance(20)) return [new(GuestCode.MsiRead, 0, (uint)random.NextInt(4))];
        bool logical = Chance(40);
        uint destination = logical ? LogicalSet() & 0xFF : Chance(90) ? (uint)random.NextInt(cpus) : 0xFF;
        ulong address = 0xFEE0_0000ul | destination << 12 | (Chance(20) ? 8u : 0) | (logical ? 4u : 0);
        uint mode = Chance(80) ? 0u : Chance(50) ? 1u : 4u;
        uint data = Vector | mode << 8 | (Chance(30) ? 0xC000u : 0);
        return [new(GuestCode.MsiSet, 0, data, address), new(GuestCode.MsiRaise, 0)];
    }
}
