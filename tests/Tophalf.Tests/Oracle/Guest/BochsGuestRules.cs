using System.Globalization;
using Tophalf.Hardware.Controllers;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>Bochs 2.7.</summary>
internal sealed class BochsGuestRules : GuestRules
{
    private const uint SendAcceptError = 1 << 2, LdrMsr = 0x80D;

    public override string Name => "Bochs";
    public override bool HasMsi => false;
    public override bool OneVectorPerClass => true; // B1

    protected override bool AgreesWithManual(in GuestOperation o, GuestTwin twin)
    {
        LocalApic apic = twin.Cpus[o.Cpu].Processor.Apic;
        return o.Code switch
        {
            GuestCode.Load => o.A != LocalApic.RrdOffset,                                                               // B2
            GuestCode.Store => MayStore(o.A, (uint)o.B, Destination(apic), apic, twin),
            GuestCode.ReadMsr => o.A != LdrMsr || apic.Mode != ApicMode.X2Apic,                                         // B3
            GuestCode.WriteMsr when apic.Mode == ApicMode.X2Apic => MayStore(Offset(o.A), (uint)o.B, (uint)(o.B >> 32), apic, twin),
            GuestCode.WriteCr8 => !RaisesAbovePending((uint)o.B << 4, apic),                                            // B5
            _ => true,
        };
    }

    private static bool MayStore(uint offset, uint value, uint destination, LocalApic apic, GuestTwin twin)
    {
        LocalApicRegister register = LocalApicMap.At(offset);
        bool isReserved = (value & ~register.Writable) != 0;
        switch (offset)
        {
            case LocalApic.IdOffset: return apic.Mode == ApicMode.X2Apic;                                               // B6
            case LocalApic.TprOffset: return !RaisesAbovePending(value, apic);                                          // B5
            case LocalApic.SvrOffset: return (value & ~0x1FFu) == 0 && (value & 0xF) != 1;                              // B7, B16
            case LocalApic.LvtErrorOffset when (value & LvtEntry.MaskBit) == 0: return false;                           // B8
            case LocalApic.LvtLint0Offset or LocalApic.LvtLint1Offset: return !isReserved && (value & (LvtEntry.RemoteIrrBit | LvtEntry.LevelBit)) == 0; // B9
            case LocalApic.TimerDivideOffset: return !isReserved || apic.Mode == ApicMode.XApic;                        // B9
            case LocalApic.SelfIpiOffset when apic.Mode == ApicMode.X2Apic: return MayReach(value, twin) && !isReserved; // B10, B11
            case LocalApic.IcrOffset: return MaySend(new InterruptCommand(value), destination, apic, twin);
        }
        return LocalVectorTable.At(offset) is null || !isReserved;                                                      // B9
    }

    private static bool MaySend(InterruptCommand command, uint destination, LocalApic apic, GuestTwin twin)
    {
        if (command.Mode is DeliveryMode.Init or DeliveryMode.Startup) return true;
        if (command.Verdict != IpiVerdict.Send || command.IsLevel) return false;                                        // B12
        if (command.IsLogical && command.Shorthand == IpiShorthand.None && (apic.Mode == ApicMode.X2Apic || destination == 0xFF)) return false; // B3, B13
        if (command.Mode == DeliveryMode.LowestPriority) return false;                                                  // B14
        return command.Mode == DeliveryMode.Nmi || MayReach(command.Vector, twin);
    }

    private static bool MayReach(uint vector, GuestTwin twin) => vector >= 16 && twin.Cpus.All(cpu => cpu.Processor.Apic.IsSoftwareEnabled); // B10, B11

    private static bool RaisesAbovePending(uint tpr, LocalApic apic) => apic.HasDeliverable && tpr > apic.Cr8 << 4;

    /// <summary>B15: an IPI nobody accepted sets a bit that later processors do not have.</summary>
    public override string Mask(in GuestOperation o, string line)
    {
        bool isErrorStatus = o.Code == GuestCode.Load && o.A == LocalApic.EsrOffset || o.Code == GuestCode.ReadMsr && o.A == LocalApicMap.FirstMsr + (LocalApic.EsrOffset >> 4);
        if (!isErrorStatus || !line.StartsWith(" = ", StringComparison.Ordinal)) return base.Mask(o, line);
        uint value = uint.Parse(line.AsSpan(3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $" = {value & ~SendAcceptError:x}");
    }
}
