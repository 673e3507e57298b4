using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// The three wheels of one processor — pinned timers, others, deferrable ones — and run_timer_softirq, which runs what is due in them, one timer a step.
/// </summary>
internal sealed class TimerWheels : SoftirqAction
{
    private readonly Kernel _kernel;
    private readonly TimerBase _local, _global, _deferrable;
    private readonly TimerBase[] _all;
    private int _at;

    public TimerWheels(Kernel kernel, Cpu cpu)
    {
        _kernel = kernel;
        long jiffies = kernel.Jiffies(0);
        _local = new TimerBase(cpu, kernel.Hz, jiffies);
        _global = new TimerBase(cpu, kernel.Hz, jiffies);
        _deferrable = new TimerBase(cpu, kernel.Hz, jiffies);
        _all = [_local, _global, _deferrable];
    }

    public TimerBase BaseFor(TimerFlags flags) =>
        (flags & TimerFlags.Deferrable) != 0 ? _deferrable : (flags & TimerFlags.Pinned) != 0 ? _local : _global;

    public void RaiseIfDue(Cpu cpu)
    {
        long jiffies = _kernel.Jiffies(cpu.LocalPs);
        foreach (TimerBase wheel in _all)
        {
            if (jiffies < wheel.NextExpiry) continue;
            cpu.Spend(_kernel.Costs.SoftirqRaise);
            cpu.Softirqs.RaiseTimer(SoftirqVector.TIMER, cpu.LocalPs);
            return;
        }
    }

    /// <summary>The jiffy for which an idle processor wakes: not for deferrable timers.</summary>
    public long NextWakeUp()
    {
        long next = SimTime.Never;
        if (_local.Count > 0) next = _local.Recalculate();
        if (_global.Count > 0) next = Math.Min(next, _global.Recalculate());
        return next;
    }

    public void MoveTo(TimerWheels to, long nowJiffies)
    {
        for (int i = 0; i < _all.Length; i++) _all[i].MoveTo(to._all[i], nowJiffies);
    }

    // ---- run_timer_softirq -----------------------------------------------------------------------------------------------------

    public override void Begin(Cpu cpu) => _at = 0;

    public override bool Step(Cpu cpu)
    {
        for (; _at < _all.Length; _at++)
        {
            TimerBase wheel = _all[_at];
            EndRun(wheel);
            do
            {
                if (wheel.TakeExpired() is not { } timer) continue;
                wheel.Running = timer;
                cpu.Spend(_kernel.Costs.TimerExpire);
                timer.Run();
                return true;
            }
            while (wheel.Collect(_kernel.Jiffies(cpu.LocalPs)));
        }
        return false;
    }

    /// <summary>The function's time has passed; whoever waits for that goes on.</summary>
    private static void EndRun(TimerBase wheel)
    {
        if (wheel.Running is not { } timer) return;
        wheel.Running = null;
        Action? idle = timer.Idle;
        timer.Idle = null;
        idle?.Invoke();
    }
}
