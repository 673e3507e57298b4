using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Timers;

/// <summary>
/// The PC's real-time clock, a Motorola MC146818A (data sheet; ICH data sheet, "Real time clock") behind an index port 0x70 and a data port 0x71.
/// Its line falls only when register C is read.
/// <code>
///   00 second  01 alarm  02 minute  03 alarm  04 hour  05 alarm  06 day of week (1 = Sunday)  07 day  08 month  09 year  32 century
///   0A  7 update in progress (RO) | 6..4 divider: 010 runs, 11x held in reset | 3..0 rate, 32768 Hz &gt;&gt; (rate - 1)
///   0B  7 SET | 6 PIE | 5 AIE | 4 UIE | 3 square wave | 2 binary | 1 24 hours | 0 daylight saving
///   0C  7 IRQF | 6 PF | 5 AF | 4 UF; a read clears it          0D  7 valid RAM and time
/// </code>
/// </summary>
public sealed class RtcMc146818
{
    public const ushort IndexPort = 0x70, DataPort = 0x71;
    public const byte RegisterA = 0x0A, RegisterB = 0x0B, RegisterC = 0x0C, RegisterD = 0x0D, Century = 0x32;
    public const byte Set = 0x80, PeriodicEnable = 0x40, AlarmEnable = 0x20, UpdateEnable = 0x10, Binary = 0x04, Hours24 = 0x02;
    public const byte RequestFlag = 0x80, PeriodicFlag = 0x40, AlarmFlag = 0x20, UpdateFlag = 0x10;
    private const byte UpdateInProgress = 0x80, ValidTime = 0x80, SourceFlags = PeriodicFlag | AlarmFlag | UpdateFlag;
    private const int OscillatorHz = 32_768, SecondsPerDay = 86_400;

    // The program has this long from a clear update-in-progress bit until the time changes (data sheet, table 6: tBUC).
    private const long UpdateWarningPs = 8 * SimTime.Second / OscillatorHz;

    private readonly byte[] _ram = new byte[128];
    private readonly InterruptLine _line;
    private readonly EventQueue _events;
    private readonly CallbackEvent _wake;
    private byte _index, _flags;
    private bool _lineIsActive;

    // The divider chain ends in a pulse every second; one of these pulses was at _pulsePs, and then the time was _secondsAtPulse.
    private long _pulsePs, _secondsAtPulse;
    private long _lookedAtPs;

    /// <param name="start">Time of day at the moment the clock is built, and with it the year and the century.</param>
    /// <param name="line">ISA line 8.</param>
    /// <param name="events">Where the next interrupt waits.</param>
    public RtcMc146818(DateTime start, InterruptLine line, EventQueue events)
    {
        _line = line;
        _events = events;
        _wake = new CallbackEvent(Update);
        _ram[RegisterA] = 0x26;
        _ram[RegisterB] = Hours24;
        _ram[RegisterD] = ValidTime;
        _pulsePs = _lookedAtPs = events.NowPs;
        _secondsAtPulse = start.Ticks / TimeSpan.TicksPerSecond;
        ShowTime();
    }

    public byte Read(ushort port, long nowPs)
    {
        if (port != DataPort) return 0xFF; // the index cannot be read back
        Update(nowPs);
        switch (_index)
        {
            case RegisterA:
                return (byte)(_ram[RegisterA] | (IsAboutToUpdate(nowPs) ? UpdateInProgress : 0));
            case RegisterC:
                byte flags = (byte)(_flags | (IsRequesting ? RequestFlag : 0));
                _flags = 0;
                Update(nowPs);
                return flags;
            default:
                return _ram[_index];
        }
    }

    public void Write(ushort port, byte value, long nowPs)
    {
        if (port == IndexPort) _index = (byte)(value & 0x7F); // bit 7 masks the NMI on a PC and is not the clock's
        if (port != DataPort) return;
        Update(nowPs);
        switch (_index)
        {
            case RegisterA:
                WriteRegisterA(value, nowPs);
                break;
            case RegisterB:
                WriteRegisterB(value);
                break;
            case RegisterC or RegisterD:
                break;
            default:
                _ram[_index] = value;
                if (IsTimeByte(_index) && IsRunning) TakeTime();
                break;
        }
        Update(nowPs);
    }

    private RtcFormat Format => new((_ram[RegisterB] & Binary) != 0, (_ram[RegisterB] & Hours24) != 0);
    private bool IsDividerReset => (_ram[RegisterA] & 0x60) == 0x60;
    private bool IsSet => (_ram[RegisterB] & Set) != 0;
    private bool IsRunning => !IsDividerReset && !IsSet;
    private bool IsRequesting => (_flags & _ram[RegisterB] & SourceFlags) != 0;
    private static bool IsTimeByte(byte index) => index is 0 or 2 or 4 or >= 6 and <= 9 or Century;

    private void WriteRegisterA(byte value, long nowPs)
    {
        bool wasReset = IsDividerReset;
        _ram[RegisterA] = (byte)(value & ~UpdateInProgress);
        if (!wasReset || IsDividerReset) return;
        // The first update comes half a second after the reset is released (data sheet, "Divider control").
        _pulsePs = nowPs - SimTime.Second / 2;
        TakeTime();
    }

    private void WriteRegisterB(byte value)
    {
        bool wasSet = IsSet;
        _ram[RegisterB] = (byte)((value & Set) != 0 ? value & ~UpdateEnable : value);
        if (wasSet && !IsSet) TakeTime();
    }

    private bool IsAboutToUpdate(long nowPs) => IsRunning && _pulsePs + SimTime.Second - nowPs <= UpdateWarningPs;

    /// <summary>Brings time, flags and line up to date and waits for the next moment the line could rise.</summary>
    private void Update(long nowPs)
    {
        if (!IsDividerReset)
        {
            CountPeriods(nowPs);
            CountSeconds(nowPs);
        }
        _lookedAtPs = nowPs;
        if (IsRequesting != _lineIsActive)
        {
            _lineIsActive = IsRequesting;
            _line(_lineIsActive, nowPs);
        }
        long nextPs = NextRequestPs(nowPs);
        if (nextPs == SimTime.Never) _events.Cancel(_wake);
        else _events.Schedule(_wake, nextPs);
    }

    private void CountPeriods(long nowPs)
    {
        int pulses = PeriodInPulses;
        if (pulses != 0 && PulseAt(nowPs) / pulses != PulseAt(_lookedAtPs) / pulses) _flags |= PeriodicFlag;
    }

    private void CountSeconds(long nowPs)
    {
        long passed = (nowPs - _pulsePs) / SimTime.Second;
        if (passed <= 0) return;
        if (IsSet) // no update cycle runs: the time stands, only the divider goes on
        {
            _pulsePs += passed * SimTime.Second;
            return;
        }
        int toAlarm = Alarm.SecondsAfter((int)(_secondsAtPulse % SecondsPerDay));
        if (toAlarm > 0 && toAlarm <= passed) _flags |= AlarmFlag;
        _flags |= UpdateFlag;
        _pulsePs += passed * SimTime.Second;
        _secondsAtPulse = (_secondsAtPulse + passed) % (DateTime.MaxValue.Ticks / TimeSpan.TicksPerSecond);
        ShowTime();
    }

    private RtcAlarm Alarm => RtcAlarm.Decode(_ram[5], _ram[3], _ram[1], Format);

    /// <summary>Length of a period in oscillator pulses; rates 1 and 2 repeat 8 and 9, rate 0 is off (data sheet, table 5).</summary>
    private int PeriodInPulses => (_ram[RegisterA] & 15) switch { 0 => 0, 1 => 1 << 7, 2 => 1 << 8, int rate => 1 << (rate - 1) };

    /// <summary>Oscillator pulses since a moment the divider was at zero. The periods are taps of that same divider.</summary>
    private long PulseAt(long ps) => (long)((Int128)(ps - DividerZeroPs) * OscillatorHz / SimTime.Second);

    private long DividerZeroPs => _pulsePs % SimTime.Second - SimTime.Second;

    private long NextRequestPs(long nowPs)
    {
        if (IsRequesting || IsDividerReset) return SimTime.Never;
        byte enabled = _ram[RegisterB];
        long next = SimTime.Never;
        int pulses = PeriodInPulses;
        if ((enabled & PeriodicEnable) != 0 && pulses != 0)
        {
            long pulse = (PulseAt(nowPs) / pulses + 1) * pulses;
            next = DividerZeroPs + (long)(((Int128)pulse * SimTime.Second + OscillatorHz - 1) / OscillatorHz);
        }
        if (IsSet) return next;
        if ((enabled & UpdateEnable) != 0) next = Math.Min(next, _pulsePs + SimTime.Second);
        if ((enabled & AlarmEnable) == 0) return next;
        int toAlarm = Alarm.SecondsAfter((int)(_secondsAtPulse % SecondsPerDay));
        return toAlarm < 0 ? next : Math.Min(next, _pulsePs + toAlarm * SimTime.Second);
    }

    private void ShowTime()
    {
        RtcFormat format = Format;
        DateTime time = new(_secondsAtPulse * TimeSpan.TicksPerSecond);
        _ram[0] = format.Encode(time.Second);
        _ram[2] = format.Encode(time.Minute);
        _ram[4] = format.EncodeHour(time.Hour);
        _ram[6] = format.Encode((int)time.DayOfWeek + 1);
        _ram[7] = format.Encode(time.Day);
        _ram[8] = format.Encode(time.Month);
        _ram[9] = format.Encode(time.Year % 100);
        _ram[Century] = format.Encode(time.Year / 100);
    }

    /// <summary>The time the bytes say is the time from now on. Days and months out of range run over into the next ones.</summary>
    private void TakeTime()
    {
        RtcFormat format = Format;
        int year = Math.Clamp(format.Decode(_ram[Century]) * 100 + format.Decode(_ram[9]), 1, 9998);
        int month = Math.Clamp(format.Decode(_ram[8]), 1, 12);
        long days = new DateTime(year, month, 1).Ticks / TimeSpan.TicksPerDay + Math.Max(format.Decode(_ram[7]), 1) - 1;
        _secondsAtPulse = days * SecondsPerDay + format.DecodeHour(_ram[4]) * 3600 + format.Decode(_ram[2]) * 60 + format.Decode(_ram[0]);
    }
}
