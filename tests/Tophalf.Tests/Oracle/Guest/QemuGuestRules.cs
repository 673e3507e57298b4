using System.Globalization;
using System.Text.RegularExpressions;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Processors;

namespace Tophalf.Tests.Oracle.Guest;

/// <summary>QEMU 7.2 with its software emulation.</summary>
internal sealed partial class QemuGuestRules : GuestRules
{
    public override string Name => "QEMU";
    public override bool HasMsi => true;

    protected override bool AgreesWithManual(in GuestOperation o, GuestTwin twin)
    {
        LocalApic apic = twin.Cpus[o.Cpu].Processor.Apic;
        return o.Code switch
        {
            GuestCode.Load => MayLoad(o.A, apic),
            GuestCode.Store => MayStore(o.A, (uint)o.B, apic, twin),
            GuestCode.ReadMsr => o.A == ApicBase.Msr,              // Q1
            GuestCode.WriteMsr => false,                           // Q1
            GuestCode.WriteCr8 => o.B < 16,                        // Q2
            GuestCode.Int1 => false,                               // Q3
            GuestCode.Stack => false,                              // Q4
            GuestCode.MsiSet => MayCarry(o, twin),
            _ => true,
        };
    }

    // Q5 ESR, Q6 APR, Q7 remote read and CMCI
    private static bool MayLoad(uint offset, LocalApic apic) =>
        offset is not (LocalApic.EsrOffset or LocalApic.AprOffset or LocalApic.RrdOffset or LocalApic.LvtCmciOffset)
        && (LocalVectorTable.At(offset) is null || apic.IsSoftwareEnabled);

    private static bool MayStore(uint offset, uint value, LocalApic apic, GuestTwin twin)
    {
        LocalApicRegister register = LocalApicMap.At(offset);
        if (offset == 0) return false;                                                                                 // Q15
        if (register.XApic == RegisterAccess.None) return apic[LvtSource.Error].IsMasked;                              // Q5
        if (offset is not (LocalApic.EoiOffset or LocalApic.EsrOffset) && (value & ~register.Writable) != 0 && (register.XApic & RegisterAccess.W) != 0)
        {
            return offset == LocalApic.DfrOffset;                                                                      // Q8
        }
        switch (offset)
        {
            case LocalApic.LvtLint1Offset: return (value & LvtEntry.LevelBit) == 0 && apic.IsSoftwareEnabled;          // Q8
            case LocalApic.LvtTimerOffset when (value >> 17 & 3) > 1: return false;                                    // Q14
            case LocalApic.LvtErrorOffset: return (value & LvtEntry.MaskBit) != 0;                                     // Q5
            case LocalApic.SvrOffset: return (value & ~0x1FFu) == 0 && ((value & 0x100) != 0 || apic.Pending == 0);    // Q8, Q9
            case LocalApic.IcrOffset: return MaySend(new InterruptCommand(value), Destination(apic), twin);
        }
        return LocalVectorTable.At(offset) is null || apic.IsSoftwareEnabled;                                          // Q9
    }

    private static bool MaySend(InterruptCommand command, uint destination, GuestTwin twin)
    {
        if (command.Mode is DeliveryMode.Init or DeliveryMode.Startup) return true;
        if (command.Verdict != IpiVerdict.Send || command.IsLevel) return false;                                       // Q10
        if (!twin.Cpus.All(cpu => cpu.Processor.Apic.IsSoftwareEnabled)) return command.Mode == DeliveryMode.Nmi;      // Q9
        if (command.Mode == DeliveryMode.LowestPriority) return command.Shorthand == IpiShorthand.None && !command.IsLogical && destination != 0xFF; // Q11
        return !(command is { IsLogical: true, Shorthand: IpiShorthand.None } && destination == 0xFF);                 // Q12
    }

    private static bool MayCarry(in GuestOperation o, GuestTwin twin)
    {
        var message = new MsiView(o.B, o.A);
        if (!twin.Cpus.All(cpu => cpu.Processor.Apic.IsSoftwareEnabled)) return false;                                 // Q9
        if (message.Mode == DeliveryMode.Fixed && message is { IsLogical: true, HasHint: true }) return false;         // Q11
        if (message.Mode == DeliveryMode.LowestPriority && (message.IsLogical || message.Destination == 0xFF)) return false; // Q11
        if (message is { IsLogical: true, Destination: 0xFF }) return false;                                            // Q12
        return message.Mode == DeliveryMode.Nmi || message.Vector >= 16;                                               // Q10
    }

    /// <summary>Q13: QEMU numbers gates by 16 instead of 8 in 64-bit mode's error codes, and never sets EXT.</summary>
    public override string Translate(in GuestOperation o, string line) => SelectorFault().Replace(Mask(o, line), match =>
    {
        var code = new SelectorErrorCode(int.Parse(match.Groups[2].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        int theirs = code.IsIdt ? code.Index * 16 + 2 : code.Raw & ~1;
        return string.Create(CultureInfo.InvariantCulture, $"{match.Groups[1].Value}{theirs:x}");
    });

    [GeneratedRegex("(v[bd] e)([0-9a-f]+)")]
    private static partial Regex SelectorFault();

    /// <summary>The fields of a message, legal or not.</summary>
    private readonly record struct MsiView(ulong Address, uint Data)
    {
        public byte Vector => (byte)Data;
        public DeliveryMode Mode => (DeliveryMode)(Data >> 8 & 7);
        public uint Destination => (uint)(Address >> 12) & 0xFF;
        public bool IsLogical => (Address & 4) != 0;
        public bool HasHint => (Address & 8) != 0;
    }
}
