namespace Tophalf.Hardware.Controllers;

/// <summary>
/// I/O APIC (82093AA data sheet; version 0x20 adds the EOI register): input pins, one redirection entry each, read and written
/// through an index register and a window. Registers are in IoApic.Registers.cs; this file is what pins and EOIs do.
/// </summary>
public sealed partial class IoApic
{
    /// <summary>Pins of the usual part.</summary>
    public const int Pins = 24;
    public const byte Version82093Aa = 0x11, VersionWithEoi = 0x20;
    private const int MostPins = 240;

    private readonly InterruptFabric _fabric;
    private readonly string _name;
    private readonly byte _version;
    private readonly RedirectionEntry[] _entries;
    private readonly Pin[] _pins;

    /// <param name="id">APIC id in its ID register, 0 to 15.</param>
    /// <param name="gsiBase">Global system interrupt of pin 0.</param>
    /// <param name="fabric">Where its messages go and EOIs come from.</param>
    /// <param name="version">0x11 (82093AA) or 0x20 (ICH and later, with the EOI register).</param>
    /// <param name="pins">Input pins, 1 to 240.</param>
    public IoApic(uint id, int gsiBase, InterruptFabric fabric, byte version = VersionWithEoi, int pins = Pins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pins, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pins, MostPins);
        _id = id << IdShift & IdBits;
        _version = version;
        _name = $"I/O APIC {id}";
        GsiBase = gsiBase;
        _fabric = fabric;
        _entries = new RedirectionEntry[pins];
        _pins = new Pin[pins];
        Array.Fill(_entries, RedirectionEntry.Reset);
        fabric.Attach(this);
    }

    public int GsiBase { get; }

    /// <summary>Bus, device and function its messages carry to a remapping unit; firmware tells software (ACPI DMAR, device scope).</summary>
    public ushort RequesterId { get; init; }
    public int PinCount => _entries.Length;
    public RedirectionEntry this[int pin] => _entries[pin];

    /// <summary>Is the line at its active level?</summary>
    public bool IsActive(int pin) => _pins[pin].IsActive(_entries[pin].IsActiveLow);

    /// <summary>The line changed, as a device sees it: active or not, the polarity already taken off.</summary>
    public void SetLine(int pin, bool active, long nowPs) => Drive(pin, new Pin(active, IsElectrical: false), nowPs);

    /// <summary>The line changed, as a voltmeter sees it: whether high is active is the entry's polarity bit.</summary>
    public void SetVoltage(int pin, bool high, long nowPs) => Drive(pin, new Pin(high, IsElectrical: true), nowPs);

    /// <summary>
    /// Edge: the rise sends, unless masked, and then it is lost. Level: sends while active, unmasked and not yet accepted (remote IRR clear).
    /// </summary>
    private void Drive(int pin, Pin now, long nowPs)
    {
        bool wasActive = IsActive(pin);
        _pins[pin] = now;
        Service(pin, rose: !wasActive && IsActive(pin), nowPs);
    }

    private void Service(int pin, bool rose, long nowPs)
    {
        RedirectionEntry entry = _entries[pin];
        if (entry.IsMasked) return;
        if (!entry.IsLevelService)
        {
            if (rose) Send(pin, entry, nowPs);
            return;
        }
        if (entry.RemoteIrr || !IsActive(pin)) return;
        if (entry.WaitsForEoi) _entries[pin] = entry.WithRemoteIrr(true);
        Send(pin, entry, nowPs);
    }

    private void Send(int pin, RedirectionEntry entry, long nowPs)
    {
        if (!entry.HasLegalMode)
        {
            Report(nowPs, HardwareEventKind.IllegalCommand, "redirection entry", (uint)pin, entry.Raw);
            return;
        }
        InterruptMessage message = entry.ToMessage();
        if (_fabric.Trace is { IsRaising: true } trace)
        {
            string trigger = message.Level ? "remote IRR set" : "edge";
            trace.Add(nowPs, "I/O APIC", $"pin {pin} active: {message}, {trigger}", 0);
            trace.Add(nowPs + _fabric.Costs.BusMessage, "bus", "message on its way", _fabric.Costs.BusMessage);
            trace.Address((int)message.Destination, message.Vector);
        }
        if (_fabric.Remapping is null) _fabric.SendDeviceMessage(message, nowPs);
        else _fabric.SendDeviceWrite(RequesterId, entry.ToWrite(), nowPs);
    }

    /// <summary>An EOI for this vector: remote IRR falls on every level entry that carries it, and a line still active sends again at once.</summary>
    public void EndOfInterrupt(byte vector, long nowPs)
    {
        for (int pin = 0; pin < _entries.Length; pin++)
        {
            RedirectionEntry entry = _entries[pin];
            if (!entry.IsLevel || entry.Vector != vector) continue;
            _entries[pin] = entry.WithRemoteIrr(false);
            Service(pin, rose: false, nowPs);
        }
    }

    /// <summary>
    /// Writes one entry whole. Unmasking a level entry whose line is active sends. An entry made edge-triggered loses its remote IRR, which is how
    /// software ends a level interrupt where there is no EOI register: mask and edge, then unmask and level.
    /// </summary>
    public void WriteEntry(int pin, ulong value, long nowPs)
    {
        bool wasActive = IsActive(pin);
        _entries[pin] = _entries[pin].WrittenBy(value);
        // A change of polarity turns the line over, and the edge detector sees that.
        Service(pin, rose: !wasActive && IsActive(pin), nowPs);
    }

    private void Report(long nowPs, HardwareEventKind kind, string register, uint address, ulong value) =>
        _fabric.Events?.Report(new HardwareEvent(nowPs, kind, _name, register, address, value));

    /// <summary>What drives an input: a device that says active or not, or a voltage.</summary>
    private readonly record struct Pin(bool IsHigh, bool IsElectrical)
    {
        public bool IsActive(bool activeLow) => IsElectrical ? IsHigh != activeLow : IsHigh;
    }
}
