using Tophalf.Simulation;

namespace Tophalf.Hardware.Timers;

/// <summary>
/// High Precision Event Timers (IA-PC HPET specification 1.0a): one 64-bit up-counter and three comparators at physical address 0xFED00000.
/// The counter is worked out from the time; only matches that interrupt are events.
/// <code>
///   000 capabilities   7..0 revision | 12..8 timers - 1 | 13 64 bits | 15 legacy replacement | 31..16 vendor | 63..32 period in femtoseconds
///   010 configuration  0 enable | 1 legacy replacement          020 status  n: timer n, level-triggered; writing 1 clears
///   0F0 main counter   100 + 20n configuration of timer n       108 + 20n comparator       110 + 20n message: data, address
/// </code>
/// </summary>
public sealed class Hpet
{
    public const ulong BaseAddress = 0xFED0_0000;
    public const uint Size = 0x400, CapabilitiesOffset = 0x000, ConfigurationOffset = 0x010, StatusOffset = 0x020, CounterOffset = 0x0F0;
    public const uint TimerOffset = 0x100, TimerStride = 0x20, ComparatorOffset = 0x08, MessageOffset = 0x10;
    public const ulong Enable = 1, LegacyReplacement = 2;
    private const int Timers = 3, Legacy = -1;
    private const ulong Revision = 1, Counter64Bit = 1 << 13, CanReplaceLegacy = 1 << 15, Vendor = 0x8086;
    private const int FemtosecondsPerPicosecond = 1000;

    private readonly HpetTimer[] _timers = new HpetTimer[Timers];
    private readonly IHpetBoard _board;
    private readonly EventQueue _events;
    private readonly long _periodFs;
    private ulong _configuration;

    // The counter showed _countAtAnchor at _anchorPs; it runs from there while enabled. Matches up to _settledCount are accounted for.
    private long _anchorPs;
    private ulong _countAtAnchor, _settledCount;

    /// <param name="periodFs">Length of a count in femtoseconds, at most 100,000,000 (10 MHz); 69,841,279 on chipsets with a 14.318 MHz crystal.</param>
    /// <param name="allowedRoutes">I/O APIC pins the timers can be wired to, bit n for pin n.</param>
    /// <param name="canSendMessages">Front-side-bus delivery is built in.</param>
    /// <param name="board">Where the interrupts go.</param>
    /// <param name="events">Where the matches wait.</param>
    public Hpet(long periodFs, uint allowedRoutes, bool canSendMessages, IHpetBoard board, EventQueue events)
    {
        if (periodFs is < 1000 or > 100_000_000)
            throw new ArgumentOutOfRangeException(nameof(periodFs), periodFs, "the period of an HPET is 1,000 to 100,000,000 femtoseconds");
        _periodFs = periodFs;
        _board = board;
        _events = events;
        for (int i = 0; i < Timers; i++) _timers[i] = new HpetTimer(allowedRoutes, canSendMessages, new CallbackEvent(Update));
    }

    /// <summary>The main counter.</summary>
    public ulong CounterAt(long ps) => IsEnabled
        ? _countAtAnchor + (ulong)((Int128)(ps - _anchorPs) * FemtosecondsPerPicosecond / _periodFs)
        : _countAtAnchor;

    /// <summary>A dword at a multiple of 4 below <see cref="Size"/>; what the map leaves out reads 0.</summary>
    public uint Read32(uint offset, long nowPs) => (uint)(Read64(offset & ~7u, nowPs) >> (int)(offset & 4) * 8);

    /// <summary>A dword write; read-only registers and gaps in the map ignore it.</summary>
    public void Write32(uint offset, uint value, long nowPs)
    {
        int shift = (int)(offset & 4) * 8;
        Write(offset & ~7u, (ulong)value << shift, (ulong)uint.MaxValue << shift, nowPs);
    }

    public ulong Read64(uint offset, long nowPs)
    {
        Update(nowPs);
        switch (offset)
        {
            case CapabilitiesOffset:
                return Revision | (Timers - 1) << 8 | Counter64Bit | CanReplaceLegacy | Vendor << 16 | (ulong)_periodFs << 32;
            case ConfigurationOffset:
                return _configuration;
            case StatusOffset:
                ulong status = 0;
                for (int i = 0; i < Timers; i++) status |= _timers[i].IsPending ? 1ul << i : 0;
                return status;
            case CounterOffset:
                return CounterAt(nowPs);
        }
        if (TimerAt(offset) is not { } timer) return 0;
        return ((offset - TimerOffset) % TimerStride) switch
        {
            0 => timer.Configuration,
            ComparatorOffset => timer.Comparator,
            MessageOffset => timer.Message,
            _ => 0,
        };
    }

    public void Write64(uint offset, ulong value, long nowPs) => Write(offset, value, ulong.MaxValue, nowPs);

    private bool IsEnabled => (_configuration & Enable) != 0;

    private void Write(uint offset, ulong value, ulong mask, long nowPs)
    {
        Update(nowPs);
        switch (offset)
        {
            case ConfigurationOffset:
                WriteConfiguration((_configuration & ~mask) | (value & mask), nowPs);
                break;
            case StatusOffset:
                for (int i = 0; i < Timers; i++)
                {
                    if ((value & mask & 1ul << i) != 0) _timers[i].IsPending = false;
                }
                break;
            case CounterOffset:
                _countAtAnchor = (CounterAt(nowPs) & ~mask) | (value & mask);
                _settledCount = _countAtAnchor;
                _anchorPs = nowPs;
                break;
            default:
                if (TimerAt(offset) is { } timer) WriteTimer(timer, (offset - TimerOffset) % TimerStride, value, mask);
                break;
        }
        Update(nowPs);
    }

    private static void WriteTimer(HpetTimer timer, uint register, ulong value, ulong mask)
    {
        switch (register)
        {
            case 0: timer.WriteConfiguration(value, mask); break;
            case ComparatorOffset: timer.WriteComparator(value, mask); break;
            case MessageOffset: timer.Message = (timer.Message & ~mask) | (value & mask); break;
        }
    }

    private HpetTimer? TimerAt(uint offset) =>
        offset is >= TimerOffset and < TimerOffset + Timers * TimerStride ? _timers[(offset - TimerOffset) / TimerStride] : null;

    private void WriteConfiguration(ulong written, long nowPs)
    {
        ulong changed = _configuration ^ written;
        if ((changed & Enable) != 0) // else the count that is running keeps its fraction
        {
            _countAtAnchor = CounterAt(nowPs);
            _anchorPs = nowPs;
        }
        _configuration = written & (Enable | LegacyReplacement);
        if ((changed & LegacyReplacement) != 0) _board.ReplaceLegacyTimers((_configuration & LegacyReplacement) != 0, nowPs);
    }

    /// <summary>Accounts for the matches since the last look, puts the lines where they belong, and waits for the next match.</summary>
    private void Update(long nowPs)
    {
        ulong counter = CounterAt(nowPs);
        foreach (HpetTimer timer in _timers)
        {
            bool matched = timer.CountsUntilMatch(_settledCount) <= counter - _settledCount;
            if (matched) timer.Advance(counter);
            DriveLine(timer, matched, nowPs);
            ScheduleMatch(timer, counter, nowPs);
        }
        _settledCount = counter;
    }

    /// <summary>
    /// Level-triggered: the line is the status bit. Edge-triggered: a match is a rise, and the line stays up until the next one, long enough for an
    /// 8259 that wants to see it high. The status bit is set without the interrupt enable as well (§2.3.8, Tn_INT_ENB_CNF).
    /// </summary>
    private void DriveLine(HpetTimer timer, bool matched, long nowPs)
    {
        if (matched && timer.Has(HpetTimer.Level)) timer.IsPending = true;
        bool interrupts = IsEnabled && timer.Has(HpetTimer.Enable);
        if (interrupts && timer.Has(HpetTimer.ByMessage))
        {
            SetLine(timer, false, nowPs);
            if (matched) _board.SendMessage((uint)(timer.Message >> 32), (uint)timer.Message, nowPs);
            return;
        }
        int route = RouteOf(timer);
        bool edge = !timer.Has(HpetTimer.Level);
        bool stays = timer.LineIsActive && timer.LineRoute == route && !(edge && matched);
        if (timer.LineIsActive && !stays) SetLine(timer, false, nowPs);
        timer.LineRoute = route;
        SetLine(timer, interrupts && (edge ? matched || stays : timer.IsPending), nowPs);
    }

    private int RouteOf(HpetTimer timer)
    {
        bool replaces = (_configuration & LegacyReplacement) != 0 && (timer == _timers[0] || timer == _timers[1]);
        return replaces ? Legacy : timer.Route;
    }

    private void SetLine(HpetTimer timer, bool active, long nowPs)
    {
        if (active == timer.LineIsActive) return;
        timer.LineIsActive = active;
        if (timer.LineRoute == Legacy) _board.SetLegacyLine(timer == _timers[0] ? 0 : 8, active, nowPs);
        else _board.SetPin(timer.LineRoute, active, nowPs);
    }

    private void ScheduleMatch(HpetTimer timer, ulong counter, long nowPs)
    {
        if (!IsEnabled || !timer.Has(HpetTimer.Enable))
        {
            _events.Cancel(timer.Match);
            return;
        }
        // A count begins at the anchor plus whole periods, so the distance is measured from there.
        Int128 counts = (Int128)(counter - _countAtAnchor) + timer.CountsUntilMatch(counter);
        Int128 atPs = _anchorPs + (counts * _periodFs + FemtosecondsPerPicosecond - 1) / FemtosecondsPerPicosecond;
        if (atPs >= SimTime.Never) _events.Cancel(timer.Match);
        else _events.Schedule(timer.Match, Math.Max((long)atPs, nowPs));
    }
}
