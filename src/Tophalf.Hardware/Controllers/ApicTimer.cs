using Tophalf.Simulation;

namespace Tophalf.Hardware.Controllers;

/// <summary>Timer modes, LVT timer bits 18..17. 3 is reserved and counts nothing.</summary>
public enum ApicTimerMode : byte { OneShot = 0, Periodic = 1, TscDeadline = 2 }

/// <summary>
/// The timer of a local APIC (SDM 3A §11.5.4): counts down from the initial count, once or again and again, or waits for a value of the TSC.
/// It counts whether its LVT entry is masked or not.
/// </summary>
public sealed class ApicTimer
{
    private readonly EventQueue _queue;
    private readonly Action<long> _expired;
    private readonly ExpiryEvent _expiry;
    private ApicTimerMode _mode;
    private ulong _deadlineTsc;
    private long _stoodStillPs = SimTime.Never, _expiresPs;

    /// <param name="queue">Where it waits.</param>
    /// <param name="rank">Its place among events of one moment.</param>
    /// <param name="expired">Told the time, every time it runs out.</param>
    public ApicTimer(EventQueue queue, int rank, Action<long> expired)
    {
        _queue = queue;
        _expired = expired;
        _expiry = new ExpiryEvent(this) { Rank = rank };
    }

    /// <summary>One tick of the input clock before division, in picoseconds; 40 ns is the 25 MHz crystal of many servers.</summary>
    public long ClockPs { get; set; } = 40 * SimTime.Nanosecond;

    /// <summary>The time-stamp counter runs from power-on at this rate, in kHz.</summary>
    public uint TscKhz { get; set; } = 3_000_000;

    /// <summary>How long after its deadline it fires: nothing in silicon, but where a hypervisor plays the timer with one of its own.</summary>
    public long LatePs { get; init; }

    public uint InitialCount { get; private set; }

    /// <summary>TDCR: bits 3, 1, 0.</summary>
    public uint Divide { get; private set; }

    public bool IsRunning => _expiry.IsScheduled;

    /// <summary>Divide configuration: bits 3, 1, 0 count 2, 4, 8 … 128, then 1 (SDM 3A figure 11-10).</summary>
    public static int Divisor(uint divide) => 1 << (int)((((divide & 3) | ((divide & 8) >> 1)) + 1) & 7);

    private long TickPs => ClockPs * Divisor(Divide);
    private bool Counts => _mode is ApicTimerMode.OneShot or ApicTimerMode.Periodic;

    public void Reset()
    {
        Stop();
        _mode = ApicTimerMode.OneShot;
        InitialCount = Divide = 0;
    }

    /// <summary>One-shot and periodic share the running count; a move to or from the deadline mode disarms.</summary>
    public void SetMode(ApicTimerMode mode)
    {
        if (mode == _mode) return;
        bool goesOn = Counts && mode is ApicTimerMode.OneShot or ApicTimerMode.Periodic;
        _mode = mode;
        if (!goesOn) Stop();
    }

    /// <summary>TMICT: starts a count, 0 stops it. Ignored in deadline mode.</summary>
    public void WriteInitialCount(uint count, long nowPs)
    {
        if (!Counts) return;
        InitialCount = count;
        if (count == 0) Stop();
        else _queue.Schedule(_expiry, nowPs + count * TickPs);
    }

    /// <summary>TMCCT: what is left, a started tick still whole. 0 when stopped and in deadline mode.</summary>
    public uint CurrentCount(long nowPs) => Counts && IsRunning ? (uint)((_expiry.AtPs - nowPs + TickPs - 1) / TickPs) : 0;

    /// <summary>TDCR: the count stays what it is, and goes on at the new pace.</summary>
    public void WriteDivide(uint divide, long nowPs)
    {
        uint count = CurrentCount(nowPs);
        Divide = divide;
        if (count != 0) _queue.Schedule(_expiry, nowPs + count * TickPs);
    }

    /// <summary>IA32_TSC_DEADLINE (MSR 0x6E0), with the deadline as a time; 0 disarms, a time gone by fires at once. Ignored in other modes.</summary>
    public void WriteDeadline(long atPs, long nowPs)
    {
        if (_mode != ApicTimerMode.TscDeadline) return;
        _deadlineTsc = 0;
        if (atPs == 0) Stop();
        else _queue.Schedule(_expiry, Math.Max(atPs, nowPs) + LatePs);
    }

    /// <summary>The same with the deadline as the MSR has it, a value of the TSC. It fires at the first picosecond that has reached it.</summary>
    public void WriteTscDeadline(ulong tsc, long nowPs)
    {
        if (_mode != ApicTimerMode.TscDeadline) return;
        UInt128 atPs = ((UInt128)tsc * SimTime.Millisecond + TscKhz - 1) / TscKhz;
        WriteDeadline(atPs > SimTime.Never ? SimTime.Never - 1 : (long)atPs, nowPs);
        _deadlineTsc = tsc;
    }

    /// <summary>The MSR reads what was armed, and 0 once it has fired.</summary>
    public ulong ReadTscDeadline() =>
        _mode != ApicTimerMode.TscDeadline || !IsRunning ? 0 : _deadlineTsc != 0 ? _deadlineTsc : TscAt(_expiry.AtPs - LatePs);

    /// <summary>A processor without ARAT (CPUID.06H:EAX[2]) goes into a C-state deeper than C1: nothing is counted any more (SDM 3A §11.5.4).</summary>
    public void StandStill(long nowPs)
    {
        if (!IsRunning) return;
        (_stoodStillPs, _expiresPs) = (nowPs, _expiry.AtPs);
        Stop();
    }

    /// <summary>It is back: a count goes on where it stood; a deadline that has gone by meanwhile fires now.</summary>
    public void GoOn(long nowPs)
    {
        if (_stoodStillPs == SimTime.Never) return;
        if (!IsRunning) _queue.Schedule(_expiry, Counts ? _expiresPs + nowPs - _stoodStillPs : Math.Max(_expiresPs, nowPs));
        _stoodStillPs = SimTime.Never;
    }

    /// <summary>The time-stamp counter at a moment.</summary>
    public ulong TscAt(long atPs) => (ulong)((UInt128)(ulong)atPs * TscKhz / SimTime.Millisecond);

    private void Stop() => _queue.Cancel(_expiry);

    private void Expired(long nowPs)
    {
        if (_mode == ApicTimerMode.Periodic && InitialCount != 0) _queue.Schedule(_expiry, nowPs + InitialCount * TickPs);
        _expired(nowPs);
    }

    private sealed class ExpiryEvent(ApicTimer timer) : SimEvent
    {
        protected override void Fire(long nowPs) => timer.Expired(nowPs);
    }
}
