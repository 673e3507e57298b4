namespace Tophalf.Hardware.Controllers;

/// <summary>Interrupts to other processors, and to this one (SDM 3A §11.6).</summary>
public sealed partial class LocalApic
{
    private const uint IcrSendPending = 1 << 12;

    private uint _icr, _icrHigh;
    private long _ipiAcceptedPs;

    /// <summary>The way the kernel of the twin sends: one message, as the x2APIC's single ICR write does.</summary>
    public void SendFixed(byte vector, uint destination, long nowPs) => _fabric.SendIpi(new InterruptMessage(vector, destination), nowPs);

    /// <summary>The same with delivery mode NMI, which needs no vector.</summary>
    public void SendNmi(uint destination, long nowPs) => _fabric.SendIpi(new InterruptMessage(0, destination, Mode: DeliveryMode.Nmi), nowPs);

    private void SendIpi(uint destination, long nowPs)
    {
        var command = new InterruptCommand(_icr);
        switch (command.Verdict)
        {
            case IpiVerdict.NoEffect: return;
            case IpiVerdict.Forbidden:
                Report(nowPs, HardwareEventKind.IllegalCommand, "ICR", IcrOffset, _icr);
                return;
            case IpiVerdict.IllegalVector:
                Report(nowPs, HardwareEventKind.IllegalVector, "ICR", IcrOffset, command.Vector);
                Raise(ApicErrors.SendIllegalVector, nowPs);
                return;
        }
        _ipiAcceptedPs = nowPs + _fabric.Costs.IpiFlight + _fabric.Costs.ApicAccept;
        switch (command.Shorthand)
        {
            case IpiShorthand.Self: Request(command.Vector, level: false, nowPs); break;
            case IpiShorthand.AllIncludingSelf: _fabric.SendIpi(new InterruptMessage(command.Vector, InterruptMessage.AllIds), nowPs); break;
            case IpiShorthand.AllExcludingSelf: _fabric.SendIpiToOthers(command.Vector, command.Mode, this, nowPs); break;
            default: _fabric.SendIpi(new InterruptMessage(command.Vector, destination, command.IsLogical, Mode: command.Mode), nowPs); break;
        }
    }

    /// <summary>The x2APIC's SELF IPI register: fixed, edge, to oneself.</summary>
    private void SendSelf(byte vector, long nowPs)
    {
        if (vector < 16)
        {
            Report(nowPs, HardwareEventKind.IllegalVector, "self IPI", SelfIpiOffset, vector);
            Raise(ApicErrors.SendIllegalVector, nowPs);
            return;
        }
        Request(vector, level: false, nowPs);
    }
}
