using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Pci;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// A device of which only the interrupts are known: it has something to say at the moments of an arrival process, and says it through a pin or an MSI-X entry.
/// A level line stays active until the device is acknowledged.
/// </summary>
public sealed class PulseDevice
{
    private readonly EventQueue _events;
    private readonly InterruptLine? _line;
    private readonly int _entry;
    private readonly bool _isLevel;
    private readonly MsixTable? _msix;
    private readonly PulseEvent _pulse;
    private readonly CallbackEvent _fall;
    private ArrivalProcess? _arrivals;
    private RandomStream? _random;
    private long _raisedPs;
    private bool _isActive;

    private PulseDevice(string name, EventQueue events, InterruptLine? line, MsixTable? msix, int entry, bool isLevel)
    {
        Name = name;
        _events = events;
        _line = line;
        _msix = msix;
        _entry = entry;
        _isLevel = isLevel;
        _pulse = new PulseEvent(this);
        _fall = new CallbackEvent(nowPs =>
        {
            _isActive = false;
            _line!(false, nowPs);
        });
    }

    public static PulseDevice OnPin(string name, InterruptLine line, bool isLevel, EventQueue events) => new(name, events, line, null, 0, isLevel);
    public static PulseDevice OnEntry(string name, MsixTable msix, int entry, EventQueue events) => new(name, events, null, msix, entry, isLevel: false);

    public string Name { get; }
    public string ActionName { get; set; } = "";
    public HopTrace? Trace { get; set; }
    public long Raised { get; private set; }

    /// <summary>A driver that asks now finds a reason to interrupt; a device of edges always has had one.</summary>
    public bool IsAsserting => !_isLevel || (_isActive && !_fall.IsScheduled);

    public void Start(ArrivalProcess arrivals, RandomStream random, long nowPs)
    {
        _arrivals = arrivals;
        _random = random;
        _events.Schedule(_pulse, nowPs + arrivals.NextGapPs(random));
    }

    /// <summary>The device has something to say now.</summary>
    public void Raise(long nowPs)
    {
        Raised++;
        _raisedPs = nowPs;
        _isActive = true;
        if (Trace is { } trace && trace.TryBegin(Name, ActionName, nowPs)) trace.Add(nowPs, Name, "raises", 0);
        if (_msix is not null) _msix.Raise(_entry, nowPs);
        else
        {
            _line!(true, nowPs);
            if (!_isLevel) _line(false, nowPs);
        }
    }

    /// <summary>The driver has seen it, at its local time; a level line falls then. Returns when the device raised.</summary>
    public long Acknowledge(long atPs)
    {
        if (_isLevel && !_fall.IsScheduled) _events.Schedule(_fall, atPs);
        return _raisedPs;
    }

    private sealed class PulseEvent(PulseDevice device) : SimEvent
    {
        protected override void Fire(long nowPs)
        {
            device._events.Schedule(this, nowPs + device._arrivals!.NextGapPs(device._random!));
            device.Raise(nowPs);
        }
    }
}
