namespace Tophalf.Hardware.Controllers;

/// <summary>The 4 KiB page of registers (SDM 3A table 11-1), 32 bits each at multiples of 16.</summary>
public sealed partial class LocalApic
{
    public const uint IdOffset = 0x020, VersionOffset = 0x030, TprOffset = 0x080, AprOffset = 0x090, PprOffset = 0x0A0, EoiOffset = 0x0B0, RrdOffset = 0x0C0,
        LdrOffset = 0x0D0, DfrOffset = 0x0E0, SvrOffset = 0x0F0, IsrOffset = 0x100, TmrOffset = 0x180, IrrOffset = 0x200, EsrOffset = 0x280,
        LvtCmciOffset = 0x2F0, IcrOffset = 0x300, IcrHighOffset = 0x310, LvtTimerOffset = 0x320, LvtThermalOffset = 0x330, LvtPerformanceOffset = 0x340,
        LvtLint0Offset = 0x350, LvtLint1Offset = 0x360, LvtErrorOffset = 0x370, TimerInitialOffset = 0x380, TimerCurrentOffset = 0x390,
        TimerDivideOffset = 0x3E0, SelfIpiOffset = 0x3F0;

    private const uint BankBytes = 0x80;

    /// <summary>Integrated APIC of recent servers, seven LVT entries (CMCI included), EOI broadcast can be suppressed.</summary>
    private const uint VersionRegister = 0x0106_0015;

    /// <summary>A load from the page. Outside xAPIC mode the page is not there: the bus answers with ones.</summary>
    public uint Read(uint offset, long nowPs)
    {
        if (!IsPageAccess(offset, nowPs)) return Mode == ApicMode.XApic ? 0 : uint.MaxValue;
        LocalApicRegister register = LocalApicMap.At(offset);
        if (register.XApic == RegisterAccess.None) return IllegalRegister(HardwareEventKind.ReservedRead, register, 0, nowPs);
        if ((register.XApic & RegisterAccess.R) == 0)
        {
            Report(nowPs, HardwareEventKind.WriteOnlyRead, register.Name, offset, 0);
            return 0;
        }
        return offset == IdOffset ? _xApicId << 24 : Value(offset, nowPs);
    }

    /// <summary>A store to the page.</summary>
    public void Write(uint offset, uint value, long nowPs)
    {
        if (!IsPageAccess(offset, nowPs)) return;
        LocalApicRegister register = LocalApicMap.At(offset);
        if (register.XApic == RegisterAccess.None)
        {
            IllegalRegister(HardwareEventKind.ReservedWrite, register, value, nowPs);
            return;
        }
        if ((register.XApic & RegisterAccess.W) == 0)
        {
            Report(nowPs, HardwareEventKind.ReadOnlyWritten, register.Name, offset, value);
            return;
        }
        uint reserved = value & ~(register.Writable | register.Ignored);
        // EOI and ESR take any value: the write itself is the message.
        if (reserved != 0 && offset is not (EoiOffset or EsrOffset)) Report(nowPs, HardwareEventKind.ReservedBits, register.Name, offset, reserved);
        value &= register.Writable;
        switch (offset)
        {
            case IdOffset: _xApicId = value >> 24; _fabric.IdChanged(); break;
            case LdrOffset: _ldr = value; break;
            case DfrOffset: _dfr = value | 0x0FFF_FFFF; break;
            case IcrHighOffset: _icrHigh = value; break;
            case IcrOffset: _icr = value; SendIpi(InterruptMessage.Widen(_icrHigh >> 24), nowPs); break;
            default: Store(offset, value, nowPs); break;
        }
    }

    private bool IsPageAccess(uint offset, long nowPs)
    {
        if (Mode == ApicMode.XApic && (offset & 0xF) == 0) return true;
        if (Mode == ApicMode.XApic) Report(nowPs, HardwareEventKind.Misaligned, LocalApicMap.At(offset).Name, offset, 0);
        else Report(nowPs, HardwareEventKind.IllegalCommand, $"register page in mode {Mode}, offset", offset, offset);
        return false;
    }

    private uint IllegalRegister(HardwareEventKind kind, in LocalApicRegister register, uint value, long nowPs)
    {
        Report(nowPs, kind, register.Name, register.Offset, value);
        Raise(ApicErrors.IllegalRegister, nowPs);
        return 0;
    }

    /// <summary>What a register holds, alike in both modes.</summary>
    private uint Value(uint offset, long nowPs) => offset switch
    {
        VersionOffset => VersionRegister,
        TprOffset => _tpr,
        AprOffset => Apr,
        PprOffset => _ppr,
        LdrOffset => _ldr,
        DfrOffset => _dfr,
        SvrOffset => _svr,
        >= IsrOffset and < IsrOffset + BankBytes => _isr.Register((int)(offset - IsrOffset) >> 4),
        >= TmrOffset and < TmrOffset + BankBytes => _tmr.Register((int)(offset - TmrOffset) >> 4),
        >= IrrOffset and < IrrOffset + BankBytes => _irr.Register((int)(offset - IrrOffset) >> 4),
        EsrOffset => (uint)_errors.Visible,
        IcrOffset => _icr | (Mode == ApicMode.XApic && nowPs < _ipiAcceptedPs ? IcrSendPending : 0),
        IcrHighOffset => _icrHigh,
        TimerInitialOffset => Timer.InitialCount,
        TimerCurrentOffset => Timer.CurrentCount(nowPs),
        TimerDivideOffset => Timer.Divide,
        _ => LocalVectorTable.At(offset) is { } source ? _lvt[source].Raw : 0,
    };

    /// <summary>A write that means the same in both modes; reserved bits are off already.</summary>
    private void Store(uint offset, uint value, long nowPs)
    {
        switch (offset)
        {
            case TprOffset: SetTaskPriority(value, nowPs); break;
            case EoiOffset:
                EndOfInterrupt(nowPs);
                _processor.InterruptRequested(nowPs);
                break;
            case SvrOffset:
                _svr = value;
                if (!IsSoftwareEnabled) _lvt.MaskAll();
                UpdateExternalLine(nowPs);
                break;
            case EsrOffset: _errors.Latch(); break;
            case TimerInitialOffset: Timer.WriteInitialCount(value, nowPs); break;
            case TimerDivideOffset: Timer.WriteDivide(value, nowPs); break;
            default:
                if (LocalVectorTable.At(offset) is { } source) WriteLvt(source, value, nowPs);
                break;
        }
    }
}
