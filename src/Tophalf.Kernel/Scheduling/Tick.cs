using Tophalf.Hardware.Controllers;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// The clock event device of one processor: the local APIC timer in deadline mode, shared by the periodic tick and by high-resolution timers
/// (kernel/time/tick-sched.c, hrtimer.c). The tick stops while the processor idles (NO_HZ_IDLE), and on the processors of nohz_full= also
/// while they have one task only; with nohz=off it never does.
/// </summary>
public sealed class Tick
{
    public const byte LocalTimerVector = 0xEC;
    private const uint LvtTimerDeadline = 2u << 17 | LocalTimerVector;

    private readonly Kernel _kernel;
    private readonly Cpu _cpu;
    private readonly HrTimerQueue _hard = new(), _soft = new();
    private readonly bool _isNoHzFull;
    private bool _running, _softRaised, _isShutDown;
    private long _nextTickPs = SimTime.Never;

    internal Tick(Kernel kernel, Cpu cpu)
    {
        _kernel = kernel;
        _cpu = cpu;
        _isNoHzFull = kernel.TickParameters.NoHzFull.Contains(cpu.Id);
        cpu.Softirqs.Open(SoftirqVector.HRTIMER, new HrTimerAction(kernel, _soft));
    }

    /// <summary>The periodic tick has been stopped, because the processor idles or needs none.</summary>
    public bool IsStopped => !_running;

    internal void Boot(long nowPs)
    {
        _cpu.Apic.Write(LocalApic.LvtTimerOffset, LvtTimerDeadline, nowPs);
        if (!_kernel.TickParameters.NoHz) Restart(nowPs);
    }

    // ---- the tick stops and starts ---------------------------------------------------------------------------------------------

    internal void EnterIdle(long nowPs)
    {
        if (_kernel.TickParameters.NoHz) Stop(nowPs);
    }

    internal void LeaveIdle(long nowPs)
    {
        if (!_running) Restart(nowPs);
    }

    private void Stop(long nowPs)
    {
        _running = false;
        _nextTickPs = NextWantedPs(nowPs);
        Program(nowPs);
    }

    /// <summary>tick_nohz_next_event: the wheel's next bucket; the next jiffy as long as RCU has callbacks here.</summary>
    private long NextWantedPs(long nowPs)
    {
        long timersPs = _kernel.Timers.NextInterruptPs(_cpu);
        return _kernel.Rcu.Needs(_cpu) ? Math.Min(timersPs, _kernel.NextJiffyPs(nowPs)) : timersPs;
    }

    private void Restart(long nowPs)
    {
        _running = true;
        _nextTickPs = _kernel.NextJiffyPs(nowPs);
        Program(nowPs);
    }

    /// <summary>A second task is about to want to run: if the tick is stopped for the first, it begins again.</summary>
    internal void TaskAdded(long nowPs)
    {
        if (_kernel.TickParameters.NoHzFull.Contains(_cpu.Id)) LeaveIdle(nowPs);
    }

    /// <summary>tick_nohz_full_kick_cpu: the same by another processor. A call of nothing; that its interrupt ends is enough.</summary>
    internal void Kick(Cpu from, long nowPs)
    {
        if (_isNoHzFull && !_running) _kernel.SmpCalls.Queue(_cpu, from, nowPs);
    }

    /// <summary>The next timer or tick; Never for none.</summary>
    internal long NextPs => Math.Min(Math.Min(_nextTickPs, _hard.NextPs), _softRaised ? SimTime.Never : _soft.NextPs);

    /// <summary>
    /// The processor goes on idling after an interrupt, and perhaps its timers are others now: while the tick is stopped, the next one is that at which the
    /// timer wheel has something to do.
    /// </summary>
    internal void IdleAgain(long nowPs)
    {
        if (!_running && NextWantedPs(nowPs) != _nextTickPs) Stop(nowPs);
    }

    /// <summary>__tick_nohz_full_update_tick, when an interrupt returns to a task: one task alone needs no tick, a second one brings it back.</summary>
    internal void TaskAgain(long nowPs)
    {
        if (!_isNoHzFull) return;
        if (_cpu.Runqueue.Runnable > 1) LeaveIdle(nowPs);
        else if (_running) Stop(nowPs);
        else IdleAgain(nowPs);
    }

    /// <summary>tick_cpu_dying and hrtimers_cpu_dying: no tick any more, and the timers expire on another processor.</summary>
    internal void TakeDown(Tick heir, long nowPs)
    {
        _running = _softRaised = _isShutDown = false;
        _kernel.Broadcast.TakeDown(_cpu);
        _nextTickPs = SimTime.Never;
        _hard.MoveTo(heir._hard, heir);
        _soft.MoveTo(heir._soft, heir);
        Program(nowPs);
        heir.Program(nowPs);
    }

    // ---- high-resolution timers ------------------------------------------------------------------------------------------------

    /// <summary>hrtimer_start; a timer already armed is moved.</summary>
    public void Start(HrTimer timer, long expiresPs, long nowPs)
    {
        if (timer.Base is { } other && other != this) other.Cancel(timer, nowPs);
        timer.Base = this;
        QueueOf(timer).Add(timer, expiresPs);
        Program(nowPs);
    }

    /// <summary>hrtimer_try_to_cancel: true if it was armed.</summary>
    public bool Cancel(HrTimer timer, long nowPs)
    {
        if (timer.Base is { } other && other != this) return other.Cancel(timer, nowPs);
        if (!QueueOf(timer).Remove(timer)) return false;
        Program(nowPs);
        return true;
    }

    /// <summary>The HRTIMER softirq has run what was due.</summary>
    internal void SoftTimersRan(long nowPs)
    {
        _softRaised = false;
        Program(nowPs);
    }

    private HrTimerQueue QueueOf(HrTimer timer) => timer.IsSoft(_kernel.Preemption) ? _soft : _hard;

    /// <summary>broadcast_shutdown_local: the board's timer has what is programmed from now on.</summary>
    internal void ShutDown(long nowPs)
    {
        _isShutDown = true;
        _cpu.Apic.WriteDeadline(0, nowPs);
    }

    /// <summary>clockevents_switch_state: the local APIC timer is in use again; programmed, unless an interrupt comes that does so.</summary>
    internal void SwitchOn(bool isServed, long nowPs)
    {
        _isShutDown = false;
        if (!isServed) Program(nowPs);
    }

    private void Program(long nowPs)
    {
        long nextPs = NextPs;
        if (_isShutDown) _kernel.Broadcast.Wants(nextPs, nowPs);
        else _cpu.Apic.WriteDeadline(nextPs == SimTime.Never ? 0 : Math.Max(nextPs, 1), nowPs);
    }

    /// <summary>sysvec_apic_timer_interrupt: expired timers, then the tick if it is due.</summary>
    internal void Interrupt()
    {
        if (!_softRaised && _soft.NextPs <= _cpu.LocalPs)
        {
            _softRaised = true;
            _cpu.Spend(_kernel.Costs.SoftirqRaise);
            _cpu.Softirqs.RaiseTimer(SoftirqVector.HRTIMER, _cpu.LocalPs);
        }
        while (_hard.TakeExpired(_cpu.LocalPs) is { } timer)
        {
            _cpu.Spend(_kernel.Costs.HrTimer);
            timer.Callback(_cpu);
        }
        if (_nextTickPs <= _cpu.LocalPs)
        {
            _cpu.Spend(_kernel.Costs.Tick);
            _cpu.TickTask();
            _kernel.Rcu.Tick(_cpu);
            (_cpu.Runqueue.Current as Worker)?.Tick(_cpu.LocalPs);
            _kernel.IrqWorks.Tick(_cpu);
            _kernel.Timers.RunLocalTimers(_cpu);
            // Stopped, it is looked at again when the timers have run and the processor goes on as before.
            _nextTickPs = _running ? _kernel.NextJiffyPs(_cpu.LocalPs) : SimTime.Never;
        }
        _cpu.Spend(_kernel.Costs.TimerProgram);
        Program(_cpu.LocalPs);
    }
}
