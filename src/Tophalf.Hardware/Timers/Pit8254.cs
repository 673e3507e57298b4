using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Timers;

/// <summary>
/// Intel 8254 programmable interval timer at ports 0x40 to 0x43 (data sheet, order number 231164). OUT of counter 0 is ISA line 0, OUT of
/// counter 2 drives the loudspeaker and its GATE is bit 0 of port 0x61; the gates of the other two are tied high.
/// <code>
///   control word   7..6 counter (3 = read-back)   5..4 access (0 latch, 1 low, 2 high, 3 low then high)   3..1 mode   0 decimal
///   read-back      5 = 0 latch count   4 = 0 latch status   3..1 counters
///   status         7 OUT   6 null count   5..4 access   3..1 mode   0 decimal
/// </code>
/// </summary>
public sealed class Pit8254
{
    public const ushort FirstPort = 0x40, ControlPort = 0x43;
    public const int Counters = 3, SpeakerCounter = 2;
    private const int ReadBack = 3;

    private readonly PitPort[] _ports = [new(), new(), new()];
    private readonly EventQueue _events;
    private readonly CallbackEvent _change;
    private readonly InterruptLine _line;
    private bool _lineIsHigh, _isConnected = true;

    /// <param name="line">ISA line 0, driven by OUT of counter 0.</param>
    /// <param name="events">Where the changes of that line wait.</param>
    public Pit8254(InterruptLine line, EventQueue events)
    {
        _line = line;
        _events = events;
        _change = new CallbackEvent(Drive);
        // Power-on contents are undefined. A full count in mode 3 is what firmware leaves behind, and it rests until a count is written.
        SetGate(SpeakerCounter, false, events.NowPs);
    }

    /// <summary>Off while the HPET's legacy replacement owns line 0: the counter runs on, its line is not heard.</summary>
    public void Connect(bool connected, long nowPs)
    {
        _isConnected = connected;
        Drive(nowPs);
    }

    /// <summary>GATE of a counter: true lets it count, a rise triggers modes 1, 2, 3 and 5.</summary>
    public void SetGate(int counter, bool high, long nowPs)
    {
        _ports[counter].Channel.SetGate(high, PitClock.TickAt(nowPs));
        if (counter == 0) Drive(nowPs);
    }

    /// <summary>Level of OUT.</summary>
    public bool IsHigh(int counter, long nowPs) => _ports[counter].Channel.IsHigh(PitClock.TickAt(nowPs));

    /// <summary>What a counter shows now, without touching a latch.</summary>
    public int Count(int counter, long nowPs) => _ports[counter].Channel.ReadCount(PitClock.TickAt(nowPs));

    /// <summary>A byte read from port 0x40 to 0x43; the control port cannot be read and gives 0.</summary>
    public byte Read(ushort port, long nowPs) => port is >= FirstPort and < ControlPort ? _ports[port - FirstPort].Read(PitClock.TickAt(nowPs)) : (byte)0;

    public void Write(ushort port, byte value, long nowPs)
    {
        long tick = PitClock.TickAt(nowPs);
        if (port == ControlPort) WriteControl(value, tick);
        else if (port is >= FirstPort and < ControlPort) _ports[port - FirstPort].Write(value, tick);
        Drive(nowPs);
    }

    private void WriteControl(byte value, long tick)
    {
        int counter = value >> 6;
        if (counter != ReadBack)
        {
            _ports[counter].WriteControl(value, tick);
            return;
        }
        for (int i = 0; i < Counters; i++)
        {
            if ((value & 2 << i) == 0) continue;
            if ((value & 0x20) == 0) _ports[i].LatchCount(tick);
            if ((value & 0x10) == 0) _ports[i].LatchStatus(tick);
        }
    }

    /// <summary>Puts OUT of counter 0 on the line and waits for its next change.</summary>
    private void Drive(long nowPs)
    {
        PitChannel channel = _ports[0].Channel;
        long tick = PitClock.TickAt(nowPs);
        bool high = _isConnected && channel.IsHigh(tick);
        if (high != _lineIsHigh)
        {
            _lineIsHigh = high;
            _line(high, nowPs);
        }
        long next = _isConnected ? channel.NextChange(tick) : PitCounting.Never;
        if (next == PitCounting.Never) _events.Cancel(_change);
        else _events.Schedule(_change, PitClock.TimeOf(next));
    }
}
