namespace Tophalf.Hardware.Controllers;

/// <summary>
/// The NMI half of port 0x61, system control port B of the PC/AT (Intel ICH data sheets, "NMI Status and Control Register").
/// <code>
///   7 SERR# status (RO)   6 IOCHK# status (RO)   3 IOCHK# clear and disable   2 SERR# clear and disable
/// </code>
/// Either status drives the NMI wire, which goes to LINT1. The counter bits 5, 4, 1 and 0 belong to the 8254.
/// </summary>
public sealed class SystemControlPort(InterruptLine nmi)
{
    public const byte Serr = 1 << 7, IoCheck = 1 << 6, DisableIoCheck = 1 << 3, DisableSerr = 1 << 2;
    private const byte Disables = DisableIoCheck | DisableSerr;

    private byte _status, _disabled;

    /// <summary>SERR# from the PCI bus.</summary>
    public void RaiseSerr(long nowPs) => Raise(Serr, DisableSerr, nowPs);

    /// <summary>IOCHK# from an ISA card: parity, or a debug button.</summary>
    public void RaiseIoCheck(long nowPs) => Raise(IoCheck, DisableIoCheck, nowPs);

    public byte Read() => (byte)(_status | _disabled);

    public void Write(byte value, long nowPs)
    {
        _disabled = (byte)(value & Disables);
        if ((value & DisableSerr) != 0) _status &= unchecked((byte)~Serr);
        if ((value & DisableIoCheck) != 0) _status &= unchecked((byte)~IoCheck);
        nmi(_status != 0, nowPs);
    }

    private void Raise(byte status, byte disable, long nowPs)
    {
        if ((_disabled & disable) != 0) return;
        _status |= status;
        nmi(true, nowPs);
    }
}
