using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// The receiving half of a 16550A UART (NS PC16550D data sheet): a 16-byte FIFO, its trigger level and time-out, and one interrupt line
/// that stays active as long as there is a reason. Transmission is instant and raises nothing.
/// </summary>
public sealed class Uart16550
{
    public const int ReceiveBuffer = 0, InterruptEnable = 1, InterruptIdentification = 2, LineStatus = 5;
    public const byte ReceiveDataAvailable = 0x04, CharacterTimeout = 0x0C, NoInterrupt = 0x01, EnableReceive = 0x01, DataReady = 0x01, Overrun = 0x02;
    private const int FifoSize = 16, TriggerLevel = 14;

    private readonly Queue<byte> _fifo = new(FifoSize);
    private readonly InterruptLine _line;
    private readonly EventQueue _events;
    private readonly ByteEvent _byte;
    private readonly CallbackEvent _timeout;
    private readonly ArrivalProcess _arrivals;
    private readonly RandomStream _random;
    private readonly long _characterPs;
    private byte _enabled;
    private bool _timedOut, _overrun, _isActive;

    public Uart16550(string name, InterruptLine line, int baud, ArrivalProcess arrivals, RandomStream random, EventQueue events)
    {
        Name = name;
        _line = line;
        _events = events;
        _arrivals = arrivals;
        _random = random;
        _characterPs = SimTime.Second * 10 / baud; // start bit, eight data bits, stop bit
        _byte = new ByteEvent(this);
        _timeout = new CallbackEvent(TimeOut);
    }

    public string Name { get; }
    public HopTrace? Trace { get; set; }
    public string ActionName { get; set; } = "";
    public long Received { get; private set; }
    public long Lost { get; private set; }
    public long Read { get; private set; }
    public int Waiting => _fifo.Count;
    public long Raised { get; private set; }

    /// <summary>When the line last rose.</summary>
    public long RaisedPs { get; private set; }

    /// <summary>The other end starts to type.</summary>
    public void Start(long nowPs) => ScheduleByte(nowPs);

    private void ScheduleByte(long nowPs) => _events.Schedule(_byte, nowPs + Math.Max(_arrivals.NextGapPs(_random), _characterPs));

    private void ByteArrived(long nowPs)
    {
        Received++;
        if (_fifo.Count == FifoSize)
        {
            _overrun = true;
            Lost++;
        }
        else _fifo.Enqueue((byte)Received);
        _events.Schedule(_timeout, nowPs + 4 * _characterPs);
        ScheduleByte(nowPs);
        UpdateLine(nowPs);
    }

    private void TimeOut(long nowPs)
    {
        _timedOut = _fifo.Count > 0;
        UpdateLine(nowPs);
    }

    /// <summary>The interrupt reason of highest priority (IIR), 0x01 when there is none.</summary>
    private byte Reason =>
        (_enabled & EnableReceive) == 0 ? NoInterrupt
        : _fifo.Count >= TriggerLevel ? ReceiveDataAvailable
        : _timedOut ? CharacterTimeout
        : NoInterrupt;

    private void UpdateLine(long nowPs)
    {
        bool active = Reason != NoInterrupt;
        if (active == _isActive) return;
        _isActive = active;
        if (active)
        {
            Raised++;
            RaisedPs = nowPs;
            if (Trace is { } trace && trace.TryBegin(Name, ActionName, nowPs)) trace.Add(nowPs, Name, $"line active: {_fifo.Count} byte(s) in the FIFO", 0);
        }
        _line(active, nowPs);
    }

    /// <summary>A port read. What it changes on the line is seen at <paramref name="atPs"/>, which may lie ahead of the clock.</summary>
    public byte ReadRegister(int register, long atPs)
    {
        switch (register)
        {
            case ReceiveBuffer:
                if (!_fifo.TryDequeue(out byte value)) return 0;
                Read++;
                if (_fifo.Count == 0) _timedOut = false;
                if (Reason == NoInterrupt && _isActive) _events.Schedule(new CallbackEvent(UpdateLine), atPs);
                return value;
            case InterruptEnable: return _enabled;
            case InterruptIdentification: return (byte)(Reason | 0xC0);
            case LineStatus:
                byte status = (byte)((_fifo.Count > 0 ? DataReady : 0) | (_overrun ? Overrun : 0) | 0x60);
                _overrun = false;
                return status;
            default: return 0;
        }
    }

    public void WriteRegister(int register, byte value, long atPs)
    {
        if (register != InterruptEnable) return;
        _enabled = (byte)(value & 0x0F);
        UpdateLine(atPs);
    }

    private sealed class ByteEvent(Uart16550 uart) : SimEvent
    {
        protected override void Fire(long nowPs) => uart.ByteArrived(nowPs);
    }
}
