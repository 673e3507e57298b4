namespace Tophalf.Hardware.Controllers;

/// <summary>
/// The APIC as MSRs: IA32_APIC_BASE, IA32_TSC_DEADLINE, and in x2APIC mode 0x800–0x8FF (SDM 3A §11.12). False everywhere means #GP(0):
/// whoever executes RDMSR or WRMSR raises it.
/// </summary>
public sealed partial class LocalApic
{
    public const uint TscDeadlineMsr = 0x6E0;
    private const uint IcrMsr = LocalApicMap.FirstMsr + (IcrOffset >> 4);

    public bool TryReadMsr(uint msr, long nowPs, out ulong value)
    {
        value = 0;
        switch (msr)
        {
            case ApicBase.Msr: value = _base.Raw; return true;
            case TscDeadlineMsr: value = Timer.ReadTscDeadline(); return true;
        }
        if (!IsX2ApicMsr(msr, out LocalApicRegister register) || (register.X2Apic & RegisterAccess.R) == 0) return Refuse(register, msr, 0, nowPs);
        value = register.Offset switch
        {
            IdOffset => Id,
            LdrOffset => LogicalDestination.X2ApicLdr(Id),
            IcrOffset => (ulong)_icrHigh << 32 | _icr,
            _ => Value(register.Offset, nowPs),
        };
        return true;
    }

    public bool TryWriteMsr(uint msr, ulong value, long nowPs)
    {
        switch (msr)
        {
            case ApicBase.Msr: return TryWriteBase(value, nowPs);
            case TscDeadlineMsr: Timer.WriteTscDeadline(value, nowPs); return true;
        }
        if (!IsX2ApicMsr(msr, out LocalApicRegister register) || (register.X2Apic & RegisterAccess.W) == 0) return Refuse(register, msr, value, nowPs);
        if (msr == IcrMsr) return TryWriteIcr(register, value, nowPs);
        if ((value & ~(ulong)(register.Writable | register.Ignored)) != 0) return Refuse(register, msr, value, nowPs);
        uint written = (uint)value & register.Writable;
        if (register.Offset == SelfIpiOffset) SendSelf((byte)written, nowPs);
        else Store(register.Offset, written, nowPs);
        return true;
    }

    /// <summary>One write names the destination and sends.</summary>
    private bool TryWriteIcr(in LocalApicRegister register, ulong value, long nowPs)
    {
        if (((uint)value & InterruptCommand.X2ApicReserved) != 0) return Refuse(register, IcrMsr, value, nowPs);
        _icrHigh = (uint)(value >> 32);
        _icr = (uint)value & register.Writable;
        SendIpi(_icrHigh, nowPs);
        return true;
    }

    private bool TryWriteBase(ulong value, long nowPs)
    {
        if (!_base.TryWrite(value, out ApicBase written))
        {
            Report(nowPs, HardwareEventKind.GeneralProtection, "IA32_APIC_BASE", ApicBase.Msr, value);
            return false;
        }
        ApicMode before = _base.Mode;
        _base = written;
        // A disabled APIC forgets everything, and the x2APIC takes over no logical id and no command (SDM 3A §11.12.5).
        if (written.Mode == ApicMode.Disabled && before != ApicMode.Disabled) Reset();
        if (written.Mode != before)
        {
            _icrHigh = 0;
            _xApicId = Id;
            _fabric.IdChanged();
            UpdateExternalLine(nowPs);
        }
        return true;
    }

    private bool IsX2ApicMsr(uint msr, out LocalApicRegister register)
    {
        register = new LocalApicRegister(0, "an MSR outside the map", RegisterAccess.None, RegisterAccess.None);
        if (msr is < LocalApicMap.FirstMsr or > LocalApicMap.LastMsr) return false;
        register = LocalApicMap.At((msr - LocalApicMap.FirstMsr) << 4);
        return Mode == ApicMode.X2Apic;
    }

    private bool Refuse(in LocalApicRegister register, uint msr, ulong value, long nowPs)
    {
        Report(nowPs, HardwareEventKind.GeneralProtection, register.Name, msr, value);
        return false;
    }
}
