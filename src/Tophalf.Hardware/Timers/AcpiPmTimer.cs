using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Timers;

/// <summary>
/// The ACPI power-management timer (ACPI specification, "Power management timer"): a counter at 3.579545 MHz, 24 or 32 bits wide, that never stops.
/// Every change of its highest bit sets TMR_STS; with TMR_EN that is a system control interrupt.
/// </summary>
public sealed class AcpiPmTimer
{
    public const long Hz = 3_579_545;

    private readonly int _bits;
    private readonly InterruptLine _line;
    private readonly EventQueue _events;
    private readonly CallbackEvent _carry;
    private long _settledCarries;
    private bool _status, _enabled, _lineIsActive;

    /// <param name="is32Bit">FADT flag TMR_VAL_EXT.</param>
    /// <param name="line">The timer's share of the SCI.</param>
    /// <param name="events">Where the next carry waits while it interrupts.</param>
    public AcpiPmTimer(bool is32Bit, InterruptLine line, EventQueue events)
    {
        _bits = is32Bit ? 32 : 24;
        _line = line;
        _events = events;
        _carry = new CallbackEvent(Update);
        _settledCarries = CarriesAt(events.NowPs);
    }

    /// <summary>The counter; bits it does not have read 0.</summary>
    public uint Read(long nowPs) => (uint)(CountAt(nowPs) & (1L << _bits) - 1);

    /// <summary>TMR_STS, bit 0 of the PM1 status register.</summary>
    public bool ReadStatus(long nowPs)
    {
        Update(nowPs);
        return _status;
    }

    /// <summary>Software writes 1 to TMR_STS.</summary>
    public void ClearStatus(long nowPs)
    {
        Update(nowPs);
        _status = false;
        Update(nowPs);
    }

    /// <summary>TMR_EN, bit 0 of the PM1 enable register.</summary>
    public void SetEnabled(bool enabled, long nowPs)
    {
        _enabled = enabled;
        Update(nowPs);
    }

    private void Update(long nowPs)
    {
        long carries = CarriesAt(nowPs);
        _status |= carries != _settledCarries;
        _settledCarries = carries;
        bool active = _status && _enabled;
        if (active != _lineIsActive)
        {
            _lineIsActive = active;
            _line(active, nowPs);
        }
        if (_enabled && !_status) _events.Schedule(_carry, TimeOf((carries + 1) << (_bits - 1)));
        else _events.Cancel(_carry);
    }

    private long CarriesAt(long ps) => CountAt(ps) >> (_bits - 1);

    private static long CountAt(long ps) => (long)((Int128)ps * Hz / SimTime.Second);

    private static long TimeOf(long count) => (long)(((Int128)count * SimTime.Second + Hz - 1) / Hz);
}
