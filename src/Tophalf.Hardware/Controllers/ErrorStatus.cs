namespace Tophalf.Hardware.Controllers;

/// <summary>Bits of the error status register (SDM 3A §11.5.3). Bits 0–3 belong to the serial APIC bus of the P6 and are never set here.</summary>
[Flags]
public enum ApicErrors : byte { None = 0, RedirectableIpi = 1 << 4, SendIllegalVector = 1 << 5, ReceivedIllegalVector = 1 << 6, IllegalRegister = 1 << 7 }

/// <summary>ESR: errors gather unseen; a write to the register shows what has gathered and starts anew, which also arms the error interrupt again.</summary>
public struct ErrorStatus
{
    private ApicErrors _gathered;

    /// <summary>What a read returns: the errors gathered before the last write.</summary>
    public ApicErrors Visible { get; private set; }

    /// <summary>True if the error is new since the last write, and so raises the error interrupt.</summary>
    public bool Add(ApicErrors error)
    {
        bool isNew = (_gathered & error) != error;
        _gathered |= error;
        return isNew;
    }

    public void Latch()
    {
        Visible = _gathered;
        _gathered = ApicErrors.None;
    }
}
