namespace Tophalf.Hardware.Controllers;

/// <summary>
/// I/O APIC (82093AA data sheet; version 0x20 adds the EOI register): 24 input pins, one redirection entry each, read and written
/// through an index register and a window.
/// </summary>
public sealed class IoApic
{
    public const int Pins = 24;
    public const uint IndexOffset = 0x00, WindowOffset = 0x10, EoiOffset = 0x40;
    private const uint VersionRegister = 0x20 | (Pins - 1) << 16;

    private readonly InterruptFabric _fabric;
    private readonly RedirectionEntry[] _entries = new RedirectionEntry[Pins];
    private readonly bool[] _active = new bool[Pins];
    private uint _index, _id;

    public IoApic(uint id, int gsiBase, InterruptFabric fabric)
    {
        _id = id << 24;
        GsiBase = gsiBase;
        _fabric = fabric;
        Array.Fill(_entries, RedirectionEntry.Reset);
        fabric.Attach(this);
    }

    public int GsiBase { get; }

    public RedirectionEntry this[int pin] => _entries[pin];

    /// <summary>Is the line at its active level? Polarity is already taken off: devices say active or not.</summary>
    public bool IsActive(int pin) => _active[pin];

    /// <summary>
    /// The line changed. Edge: the rise sends, unless masked, and then it is lost. Level: sends while active, unmasked and not yet
    /// accepted (remote IRR clear).
    /// </summary>
    public void SetLine(int pin, bool active, long nowPs)
    {
        bool rose = active && !_active[pin];
        _active[pin] = active;
        if (_entries[pin].IsLevel) ServiceLevel(pin, nowPs);
        else if (rose && !_entries[pin].IsMasked) Send(pin, nowPs);
    }

    private void ServiceLevel(int pin, long nowPs)
    {
        RedirectionEntry entry = _entries[pin];
        if (!_active[pin] || entry.IsMasked || entry.RemoteIrr) return;
        _entries[pin] = entry.WithRemoteIrr(true);
        Send(pin, nowPs);
    }

    private void Send(int pin, long nowPs)
    {
        InterruptMessage message = _entries[pin].ToMessage();
        if (_fabric.Trace is { IsRaising: true } trace)
        {
            string trigger = message.Level ? "remote IRR set" : "edge";
            trace.Add(nowPs, "I/O APIC", $"pin {pin} active: {message}, {trigger}", 0);
            trace.Add(nowPs + _fabric.Costs.BusMessage, "bus", "message on its way", _fabric.Costs.BusMessage);
            trace.Address((int)message.Destination, message.Vector);
        }
        _fabric.SendDeviceMessage(message, nowPs);
    }

    /// <summary>An EOI for this vector: remote IRR falls on every level entry that carries it, and a line still active sends again at once.</summary>
    public void EndOfInterrupt(byte vector, long nowPs)
    {
        for (int pin = 0; pin < Pins; pin++)
        {
            RedirectionEntry entry = _entries[pin];
            if (!entry.IsLevel || entry.Vector != vector) continue;
            _entries[pin] = entry.WithRemoteIrr(false);
            ServiceLevel(pin, nowPs);
        }
    }

    /// <summary>Writes one entry whole. Unmasking a level entry whose line is active sends.</summary>
    public void WriteEntry(int pin, ulong value, long nowPs)
    {
        _entries[pin] = _entries[pin].WrittenBy(value);
        if (_entries[pin].IsLevel) ServiceLevel(pin, nowPs);
    }

    public uint Read(uint offset) => offset switch
    {
        IndexOffset => _index,
        WindowOffset => ReadRegister(),
        _ => 0,
    };

    public void Write(uint offset, uint value, long nowPs)
    {
        switch (offset)
        {
            case IndexOffset: _index = value & 0xFF; break;
            case WindowOffset: WriteRegister(value, nowPs); break;
            case EoiOffset: EndOfInterrupt((byte)value, nowPs); break;
        }
    }

    private uint ReadRegister() => _index switch
    {
        0x00 or 0x02 => _id,
        0x01 => VersionRegister,
        >= 0x10 and < 0x10 + 2 * Pins => (uint)(_entries[(_index - 0x10) >> 1].Raw >> (int)(_index & 1) * 32),
        _ => 0,
    };

    private void WriteRegister(uint value, long nowPs)
    {
        if (_index == 0x00) _id = value & 0x0F00_0000;
        if (_index is < 0x10 or >= 0x10 + 2 * Pins) return;
        int pin = (int)(_index - 0x10) >> 1;
        ulong raw = _entries[pin].Raw;
        WriteEntry(pin, (_index & 1) == 0 ? (raw & 0xFFFF_FFFF_0000_0000) | value : (raw & 0xFFFF_FFFF) | ((ulong)value << 32), nowPs);
    }
}
