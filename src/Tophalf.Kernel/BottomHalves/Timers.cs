using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// Timers counted in jiffies (kernel/time/timer.c): add_timer, mod_timer and their relatives, over the wheels of each processor. Their functions run
/// from the TIMER softirq of the processor that armed them; a processor that idles is woken for the timers that are not deferrable.
/// </summary>
public sealed class Timers
{
    private readonly Kernel _kernel;
    private readonly TimerWheels[] _wheels;

    internal Timers(Kernel kernel)
    {
        _kernel = kernel;
        _wheels = [.. kernel.Cpus.Select(cpu => new TimerWheels(kernel, cpu))];
        foreach (Cpu cpu in kernel.Cpus) cpu.Softirqs.Open(SoftirqVector.TIMER, _wheels[cpu.Id]);
    }

    /// <summary>
    /// mod_timer: the function runs at the first tick at which jiffies has reached <paramref name="expiresJiffies"/>, or later by less than a granule
    /// of its level. A timer already armed is moved. True if it was.
    /// </summary>
    public bool ModTimer(TimerList timer, long expiresJiffies)
    {
        if (timer.IsPending && timer.Expires == expiresJiffies) return true;
        return Arm(timer, expiresJiffies, _kernel.ThisCpu);
    }

    /// <summary>timer_reduce: as mod_timer, but only to an earlier expiry.</summary>
    public bool ReduceTimer(TimerList timer, long expiresJiffies) =>
        timer.IsPending && timer.Expires <= expiresJiffies || Arm(timer, expiresJiffies, _kernel.ThisCpu);

    /// <summary>add_timer_on: on that processor; the timer must not be armed.</summary>
    public void AddTimerOn(TimerList timer, Cpu cpu, long expiresJiffies)
    {
        if (timer.IsPending) throw new InvalidOperationException("add_timer_on of an armed timer (BUG in kernel/time/timer.c)");
        Arm(timer, expiresJiffies, cpu);
    }

    /// <summary>timer_delete (del_timer): true if it was armed. Its function may still be running.</summary>
    public bool DelTimer(TimerList timer)
    {
        _kernel.Spend(_kernel.Costs.ModTimer);
        return Detach(timer);
    }

    /// <summary>
    /// timer_delete_sync (del_timer_sync): true if it was armed. A caller that must wait for the function to return, on another processor, goes on in
    /// <paramref name="through"/>; that is called at once if the function does not run.
    /// </summary>
    public bool DelTimerSync(TimerList timer, Action? through = null)
    {
        bool wasPending = DelTimer(timer);
        if (timer.IsRunning) timer.Idle += through;
        else through?.Invoke();
        return wasPending;
    }

    /// <summary>timer_shutdown_sync: deletes it for good; arming it later does nothing.</summary>
    public bool ShutdownTimer(TimerList timer, Action? through = null)
    {
        timer.IsShutDown = true;
        return DelTimerSync(timer, through);
    }

    private bool Arm(TimerList timer, long expiresJiffies, Cpu cpu)
    {
        if (timer.IsShutDown) return false;
        _kernel.Spend(_kernel.Costs.ModTimer);
        bool wasPending = Detach(timer);
        // A timer whose function runs stays on that processor, so that whoever deletes it knows where to wait.
        TimerBase wheel = timer.IsRunning ? timer.Base! : _wheels[cpu.Id].BaseFor(timer.Flags);
        wheel.Forward(_kernel.JiffiesNow);
        timer.Expires = expiresJiffies;
        if (wheel.Add(timer) && (timer.Flags & TimerFlags.Deferrable) == 0) WakeIdle(wheel.Cpu);
        return wasPending;
    }

    private static bool Detach(TimerList timer)
    {
        if (!timer.IsPending) return false;
        timer.Base!.Remove(timer);
        return true;
    }

    /// <summary>wake_up_nohz_cpu: a processor that idles with its tick stopped must look at its wheels again.</summary>
    private void WakeIdle(Cpu cpu)
    {
        if (!cpu.IsIdle) return; // it looks before it goes idle
        if (_kernel.CurrentCpu is not { } from) cpu.Tick.IdleAgain(_kernel.Events.NowPs);
        else if (from != cpu) _kernel.TellReschedule(from, cpu, from.LocalPs);
    }

    /// <summary>run_local_timers, at every tick: is a bucket due?</summary>
    internal void RunLocalTimers(Cpu cpu) => _wheels[cpu.Id].RaiseIfDue(cpu);

    /// <summary>When a processor that idles must be up for its timers; Never without any.</summary>
    internal long NextInterruptPs(Cpu cpu)
    {
        long jiffies = _wheels[cpu.Id].NextWakeUp();
        return jiffies == SimTime.Never ? SimTime.Never : _kernel.JiffyPs(jiffies);
    }

    /// <summary>timers_dead_cpu: what waits on a processor that is gone goes on here.</summary>
    internal void Migrate(Cpu from, Cpu to) => _wheels[from.Id].MoveTo(_wheels[to.Id], _kernel.JiffiesNow);
}
