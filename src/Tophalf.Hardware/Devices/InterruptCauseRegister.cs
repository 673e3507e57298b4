using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// The interrupt cause register of an 8254x that signals by its INTA wire (ICR, Intel Gigabit Ethernet Controllers SDM, section 13.4.17): a cause that is set holds the wire, and
/// reading the register clears them all and lets it go. That is how the driver of a shared line knows whether its device called.
/// </summary>
public sealed class InterruptCauseRegister
{
    /// <summary>TXDW and RXT0: a frame was sent, frames wait in the ring.</summary>
    public const uint TransmitDescriptorWritten = 1, ReceiverTimer = 1 << 7;

    private readonly InterruptLine _wire;
    private readonly EventQueue _events;
    private readonly CallbackEvent _read;
    private uint _causes;
    private bool _wireIsActive;

    /// <param name="wire">What the INTA pin is connected to.</param>
    /// <param name="events">The machine's events.</param>
    public InterruptCauseRegister(InterruptLine wire, EventQueue events)
    {
        _wire = wire;
        _events = events;
        _read = new CallbackEvent(SetWire);
    }

    internal void Set(uint causes, long nowPs)
    {
        _causes |= causes;
        SetWire(nowPs);
    }

    /// <summary>The causes since the last reading; the wire follows at the reader's time.</summary>
    public uint Read(long atPs)
    {
        uint causes = _causes;
        _causes = 0;
        if (causes != 0) _events.Schedule(_read, Math.Max(atPs, _events.NowPs));
        return causes;
    }

    private void SetWire(long nowPs)
    {
        bool active = _causes != 0;
        if (active == _wireIsActive) return;
        _wireIsActive = active;
        _wire(active, nowPs);
    }
}
