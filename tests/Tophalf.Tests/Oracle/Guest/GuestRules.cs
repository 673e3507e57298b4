using System.Text.RegularExpressions;
using Tophalf.Hardware.Controllers;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>
/// What is compared with an emulator: everything the generator invents, less what the guest itself cannot survive, less the cases where the emulator departs
/// from the manual, which docs/hardware-guest.md lists under the same numbers.
/// </summary>
internal abstract partial class GuestRules
{
    public abstract string Name { get; }
    public abstract bool HasMsi { get; }

    /// <summary>Requests are of one vector of each priority class only.</summary>
    public virtual bool OneVectorPerClass => false;

    /// <summary>May the operation, in the state our side is in, be executed and compared?</summary>
    public bool MayCompare(in GuestOperation o, GuestTwin twin) => IsSurvivable(o, twin) && AgreesWithManual(o, twin);

    /// <summary>The emulator does here what the manual says.</summary>
    protected abstract bool AgreesWithManual(in GuestOperation o, GuestTwin twin);

    /// <summary>Our line, put as this emulator would.</summary>
    public virtual string Translate(in GuestOperation o, string line) => Mask(o, line);

    /// <summary>A line without what is not compared: the SS of a frame that interrupted a handler, since QEMU makes it null on a change of stack alone too.</summary>
    public virtual string Mask(in GuestOperation o, string line) => NestedStackSegment().Replace(line, "ss?$1");

    [GeneratedRegex("ss[0-9a-f]+( if[01]>[01] (?:body|stub))")]
    private static partial Regex NestedStackSegment();

    private bool IsSurvivable(in GuestOperation o, GuestTwin twin)
    {
        GuestCpu cpu = twin.Cpus[o.Cpu];
        LocalApic apic = cpu.Processor.Apic;
        if (o.IsUser && cpu.HasOddSegments) return false;
        switch (o.Code)
        {
            case GuestCode.Load: return apic.Mode == ApicMode.XApic && MayRead(o.A, apic);
            case GuestCode.Store: return apic.Mode == ApicMode.XApic && MayWrite(o.A, (uint)o.B, cpu, twin);
            case GuestCode.ReadMsr when o.A >= LocalApicMap.FirstMsr: return MayRead(Offset(o.A), apic);
            case GuestCode.WriteMsr when o.A == ApicBase.Msr: return MayMove(o.B, apic);
            case GuestCode.WriteMsr: return apic.Mode == ApicMode.XApic || MayWrite(Offset(o.A), (uint)o.B, cpu, twin, (uint)(o.B >> 32));
            case GuestCode.StiHlt: return apic.HasDeliverable;
            case GuestCode.LoadDs or GuestCode.ReadCr8 or GuestCode.WriteCr8: return !o.IsUser;
            case GuestCode.Gate or GuestCode.Limit: return !cpu.HasBreakpointAction;
            case GuestCode.Actions: return MayAct(o, cpu);
            case GuestCode.MsiSet or GuestCode.MsiRaise or GuestCode.MsiRead: return HasMsi && twin.AllAlive;
            case GuestCode.Timer: return apic is { Mode: ApicMode.XApic, IsSoftwareEnabled: true, Pending: 0, Ppr: 0 } && cpu.HasPlainTables;
            default: return true;
        }
    }

    /// <summary>What a handler sends is not asked about again when it does: it has to be in order whenever that is.</summary>
    private static bool MayAct(in GuestOperation o, GuestCpu cpu)
    {
        var what = (GuestActions)o.B;
        if ((what & GuestActions.Int3) != 0 && !cpu.MayBreakIn((int)o.A)) return false;
        return (what & GuestActions.Fixed) == 0 || ((byte)(o.B >> 8) >= 16 && cpu.Processor.Apic.IsSoftwareEnabled);
    }

    protected static uint Offset(uint msr) => (msr - LocalApicMap.FirstMsr) << 4;

    /// <summary>Versions differ by right, a count that runs is not the same twice, and ICR holds what the guest sent last.</summary>
    private static bool MayRead(uint offset, LocalApic apic) => offset switch
    {
        LocalApic.TimerCurrentOffset => apic.Timer.InitialCount == 0,
        LocalApic.VersionOffset or LocalApic.IcrOffset or LocalApic.IcrHighOffset => false,
        _ => true,
    };

    /// <summary>Mode changes the manual forbids, and those that change nothing: the others have no way back within a boot.</summary>
    private static bool MayMove(ulong value, LocalApic apic)
    {
        apic.TryReadMsr(ApicBase.Msr, 0, out ulong raw);
        return !new ApicBase(raw).TryWrite(value, out ApicBase written) || (written.Mode == apic.Mode && written.Address == ApicBase.DefaultAddress);
    }

    private static bool MayWrite(uint offset, uint value, GuestCpu cpu, GuestTwin twin, uint high = 0)
    {
        LocalApic apic = cpu.Processor.Apic;
        switch (offset)
        {
            case LocalApic.IdOffset: return twin.Cpus.Length == 1;
            case LocalApic.SvrOffset: return (value & 0x100) != 0 || !cpu.HasSendingHandler;
            case LocalApic.TimerInitialOffset: return value == 0 || apic[LvtSource.Timer].IsMasked;
            case LocalApic.LvtTimerOffset: return (value >> 17 & 3) != 3 && ((value & LvtEntry.MaskBit) != 0 || apic.Timer.InitialCount == 0);
            case LocalApic.IcrOffset: return MaySend(new InterruptCommand(value), apic.Mode == ApicMode.X2Apic ? high : Destination(apic), cpu, twin);
            default: return true;
        }
    }

    /// <summary>ICR high, of an xAPIC.</summary>
    protected static uint Destination(LocalApic apic) => apic.Read(LocalApic.IcrHighOffset, 0) >> 24;

    private static bool MaySend(InterruptCommand command, uint destination, GuestCpu cpu, GuestTwin twin)
    {
        switch (command.Mode)
        {
            case DeliveryMode.Fixed or DeliveryMode.LowestPriority or DeliveryMode.Nmi:
                // A processor that waits for its start-up would keep the interrupt for later.
                return twin.AllAlive && (command.Shorthand == IpiShorthand.Self || twin.SameMode);
            case DeliveryMode.Init:
                return twin.AllAlive && twin.SameMode && cpu.Processor.Index == 0 && command.IsAssert
                    && (command.Shorthand == IpiShorthand.AllExcludingSelf || (command is { Shorthand: IpiShorthand.None, IsLogical: false } && destination > 0 && destination < twin.Cpus.Length));
            case DeliveryMode.Startup:
                return twin.SameMode && cpu.Processor.Index == 0 && command is { Vector: (byte)GuestTwin.StartPage, Shorthand: IpiShorthand.AllExcludingSelf };
            default: return false;
        }
    }
}
