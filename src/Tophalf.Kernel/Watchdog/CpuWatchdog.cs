using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Processors;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Nmi;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Watchdog;

/// <summary>
/// The watchdogs of one processor (kernel/watchdog.c, watchdog_perf.c). A timer wakes the stop task, which beats every other, to say that it got its turn; every so many
/// cycles an NMI looks whether the timer still comes.
/// </summary>
public sealed class CpuWatchdog
{
    private const uint NmiMode = (uint)DeliveryMode.Nmi << 8, Masked = 1 << 16;

    private readonly Kernel _kernel;
    private readonly LockupDetector _settings;
    private readonly HrTimer _timer;
    private readonly StopperTask _stopper;
    private readonly CycleCounter _cycles;
    private bool _isRunning, _isTouched, _isSoftTouched, _isWarned;
    private long _touchStamp, _reportStamp;
    private long _timerRuns, _timerRunsSeen;
    private long _lastNmiPs;

    internal CpuWatchdog(Kernel kernel, LockupDetector settings, Cpu cpu)
    {
        _kernel = kernel;
        _settings = settings;
        Cpu = cpu;
        _timer = new HrTimer(TimerRan, HrTimerMode.Hard);
        _stopper = cpu.Stopper;
        _cycles = new CycleCounter(kernel.Events, cpu.Apic, UnhaltedPs);
    }

    internal Cpu Cpu { get; }

    /// <summary>Lockups reported.</summary>
    public int SoftLockups { get; private set; }
    public int HardLockups { get; private set; }

    /// <summary>touch_softlockup_watchdog and touch_nmi_watchdog.</summary>
    internal void Touch() => _isTouched = _isSoftTouched = true;

    /// <summary>watchdog_enable.</summary>
    internal void Start(long nowPs)
    {
        if (!_settings.IsSoftEnabled && !_settings.IsHardEnabled) return;
        _isRunning = true;
        _isWarned = false;
        _touchStamp = _reportStamp = Stamp(nowPs);
        Cpu.Tick.Start(_timer, nowPs + _settings.SamplePeriodPs, nowPs);
        if (!_settings.IsHardEnabled) return;
        _lastNmiPs = nowPs;
        Cpu.Apic.Write(LocalApic.LvtPerformanceOffset, NmiMode, nowPs);
        _cycles.Arm(_settings.HardPeriodPs, nowPs);
    }

    /// <summary>watchdog_disable.</summary>
    internal void Stop(long nowPs)
    {
        if (!_isRunning) return;
        _isRunning = false;
        _cycles.Stop();
        Cpu.Apic.Write(LocalApic.LvtPerformanceOffset, NmiMode | Masked, nowPs);
        Cpu.Tick.Cancel(_timer, nowPs);
    }

    // ---- the soft lockup -------------------------------------------------------------------------------------------------------

    /// <summary>get_timestamp: seconds, but for seven in a hundred, since a shift is cheaper than a division.</summary>
    private static long Stamp(long nowPs) => nowPs / SimTime.Nanosecond >> 30;

    /// <summary>watchdog_timer_fn.</summary>
    private void TimerRan(Cpu cpu)
    {
        if (!_isRunning) return;
        _timerRuns++;
        long nowPs = cpu.LocalPs;
        _stopper.Request(() => _touchStamp = _reportStamp = Stamp(_kernel.Events.NowPs), cpu, nowPs);
        cpu.Tick.Start(_timer, _timer.ExpiresPs + _settings.SamplePeriodPs, _kernel.Events.NowPs);
        long now = Stamp(nowPs);
        if (_isSoftTouched)
        {
            _isSoftTouched = false;
            _reportStamp = now;
            return;
        }
        if (!_settings.IsSoftEnabled || now <= _reportStamp + 2 * _settings.ThresholdSeconds) return;
        _reportStamp = now;
        SoftLockups++;
        _kernel.Log(nowPs, $"watchdog: BUG: soft lockup - CPU#{cpu.Id} stuck for {now - _touchStamp}s! [{cpu.CurrentComm}:{cpu.CurrentPid}]");
        CallTrace.ShowModules(_kernel);
        CallTrace.ShowRegisters(_kernel, cpu);
        _kernel.Taint |= Taint.SoftLockup;
        if (_settings.SoftPanics) _kernel.Panic("softlockup: hung tasks");
    }

    // ---- the hard lockup -------------------------------------------------------------------------------------------------------

    private long UnhaltedPs(long nowPs)
    {
        Cpu.Sync(nowPs);
        return Cpu.Time.TotalPs - Cpu.Time[CpuClass.Idle] - Cpu.Time[CpuClass.IoWait];
    }

    /// <summary>perf_event_nmi_handler, for the one counter there is: 1 if it has overflowed, 0 if the NMI was not its.</summary>
    internal int HandleNmi()
    {
        if (!_cycles.HasOverflowed) return 0;
        Cpu cpu = Cpu;
        cpu.Counts.Add(ArchInterrupt.PMI);
        cpu.Spend(_kernel.Costs.TimerProgram);
        // The counter starts anew, and its entry, which the overflow masked, is opened again.
        _cycles.Arm(_settings.HardPeriodPs, _kernel.Events.NowPs);
        cpu.Apic.Write(LocalApic.LvtPerformanceOffset, NmiMode, _kernel.Events.NowPs);
        Check(cpu);
        return 1;
    }

    /// <summary>watchdog_overflow_callback and watchdog_hardlockup_check.</summary>
    private void Check(Cpu cpu)
    {
        // Where the clock is turned up, cycles pass faster than the timer's period: too early to tell.
        if (cpu.LocalPs - _lastNmiPs < 2 * _settings.SamplePeriodPs) return;
        _lastNmiPs = cpu.LocalPs;
        if (_isTouched)
        {
            _isTouched = false;
            return;
        }
        bool isStuck = _timerRuns == _timerRunsSeen;
        _timerRunsSeen = _timerRuns;
        if (!isStuck)
        {
            _isWarned = false;
            return;
        }
        if (_isWarned) return;
        _isWarned = true;
        HardLockups++;
        _kernel.Log(cpu.LocalPs, $"watchdog: Watchdog detected hard LOCKUP on cpu {cpu.Id}");
        CallTrace.ShowModules(_kernel);
        CallTrace.ShowRegisters(_kernel, cpu);
        if (_settings.HardPanics) _kernel.Panic("Hard LOCKUP");
    }
}
