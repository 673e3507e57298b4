using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// The clock event device of one processor: the local APIC timer in deadline mode, shared by the periodic tick and by high-resolution timers
/// (kernel/time/tick-sched.c, hrtimer.c). The tick stops while the processor idles (NO_HZ_IDLE).
/// </summary>
public sealed class Tick(Kernel kernel, Cpu cpu)
{
    public const byte LocalTimerVector = 0xEC;
    private const uint LvtTimerDeadline = 2u << 17 | LocalTimerVector;

    private readonly List<HrTimer> _timers = [];
    private bool _running;
    private long _nextTickPs = SimTime.Never;

    internal void Boot(long nowPs) => cpu.Apic.Write(LocalApic.LvtTimerOffset, LvtTimerDeadline, nowPs);

    internal void EnterIdle(long nowPs)
    {
        _running = false;
        _nextTickPs = kernel.Timers.NextInterruptPs(cpu);
        Program(nowPs);
    }

    internal void LeaveIdle(long nowPs)
    {
        if (_running) return;
        _running = true;
        _nextTickPs = kernel.NextJiffyPs(nowPs);
        Program(nowPs);
    }

    /// <summary>hrtimer_start: the callback runs in hard interrupt context on this processor.</summary>
    public void Start(HrTimer timer, long expiresPs, long nowPs)
    {
        _timers.Remove(timer);
        timer.ExpiresPs = expiresPs;
        int at = _timers.FindIndex(other => other.ExpiresPs > expiresPs);
        _timers.Insert(at < 0 ? _timers.Count : at, timer);
        Program(nowPs);
    }

    /// <summary>hrtimer_cancel.</summary>
    public void Cancel(HrTimer timer, long nowPs)
    {
        if (_timers.Remove(timer)) Program(nowPs);
    }

    /// <summary>
    /// The processor goes on idling, and perhaps its timers are others now: while the tick is stopped, the next one is that at which the timer wheel
    /// has something to do.
    /// </summary>
    internal void IdleAgain(long nowPs)
    {
        if (_running) return;
        long nextPs = kernel.Timers.NextInterruptPs(cpu);
        if (nextPs == _nextTickPs) return;
        _nextTickPs = nextPs;
        Program(nowPs);
    }

    private void Program(long nowPs)
    {
        long nextPs = Math.Min(_nextTickPs, _timers.Count > 0 ? _timers[0].ExpiresPs : SimTime.Never);
        cpu.Apic.WriteDeadline(nextPs == SimTime.Never ? 0 : Math.Max(nextPs, 1), nowPs);
    }

    /// <summary>sysvec_apic_timer_interrupt: expired timers, then the tick if it is due.</summary>
    internal void Interrupt()
    {
        while (_timers.Count > 0 && _timers[0].ExpiresPs <= cpu.LocalPs)
        {
            HrTimer timer = _timers[0];
            _timers.RemoveAt(0);
            cpu.Spend(kernel.Costs.HrTimer);
            timer.Callback(cpu);
        }
        if (_nextTickPs <= cpu.LocalPs)
        {
            cpu.Spend(kernel.Costs.Tick);
            cpu.TickTask();
            kernel.Timers.RunLocalTimers(cpu);
            // Stopped, it is looked at again when the timers have run and the processor goes on idling.
            _nextTickPs = _running ? kernel.NextJiffyPs(cpu.LocalPs) : SimTime.Never;
        }
        cpu.Spend(kernel.Costs.TimerProgram);
        Program(cpu.LocalPs);
    }
}

/// <summary>A high-resolution timer; <paramref name="callback"/> runs in hard interrupt context, on the processor that armed it.</summary>
public sealed class HrTimer(Action<Cpu> callback)
{
    public long ExpiresPs { get; internal set; }
    internal Action<Cpu> Callback { get; } = callback;
}
