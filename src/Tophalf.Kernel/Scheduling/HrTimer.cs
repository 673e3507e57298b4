using Tophalf.Kernel.BottomHalves;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>Where a high-resolution timer's function runs (enum hrtimer_mode, include/linux/hrtimer.h).</summary>
public enum HrTimerMode
{
    /// <summary>In the hard interrupt; with PREEMPT_RT in the HRTIMER softirq.</summary>
    Normal,

    /// <summary>HRTIMER_MODE_SOFT: in the HRTIMER softirq.</summary>
    Soft,

    /// <summary>HRTIMER_MODE_HARD: in the hard interrupt, whatever the kernel is.</summary>
    Hard,
}

/// <summary>A high-resolution timer (kernel/time/hrtimer.c); <paramref name="callback"/> runs on the processor that armed it, where <paramref name="mode"/> says.</summary>
public sealed class HrTimer(Action<Cpu> callback, HrTimerMode mode = HrTimerMode.Normal)
{
    public long ExpiresPs { get; internal set; }
    internal Action<Cpu> Callback { get; } = callback;

    /// <summary>__hrtimer_init: it expires in the softirq.</summary>
    internal bool IsSoft(PreemptionModel model) => mode == HrTimerMode.Soft || mode == HrTimerMode.Normal && model == PreemptionModel.Rt;

    /// <summary>hrtimer_init_sleeper: a task of a real-time class is not to wait for a softirq.</summary>
    internal static HrTimerMode ModeOfSleeper(KernelTask? task) => task is { IsRealTime: true } or { Deadline: not null } ? HrTimerMode.Hard : HrTimerMode.Normal;

    /// <summary>Where it was armed last, or went when that processor did.</summary>
    internal Tick? Base { get; set; }
}

/// <summary>The timers of one kind armed on one processor, the first to expire first; equal expiries in the order they were armed.</summary>
internal sealed class HrTimerQueue
{
    private readonly List<HrTimer> _timers = [];

    public long NextPs => _timers.Count > 0 ? _timers[0].ExpiresPs : SimTime.Never;

    public void Add(HrTimer timer, long expiresPs)
    {
        _timers.Remove(timer);
        timer.ExpiresPs = expiresPs;
        int at = _timers.FindIndex(other => other.ExpiresPs > timer.ExpiresPs);
        _timers.Insert(at < 0 ? _timers.Count : at, timer);
    }

    /// <summary>migrate_hrtimer_list.</summary>
    public void MoveTo(HrTimerQueue other, Tick tick)
    {
        foreach (HrTimer timer in _timers)
        {
            other.Add(timer, timer.ExpiresPs);
            timer.Base = tick;
        }
        _timers.Clear();
    }

    public bool Remove(HrTimer timer) => _timers.Remove(timer);

    public HrTimer? TakeExpired(long nowPs)
    {
        if (NextPs > nowPs) return null;
        HrTimer timer = _timers[0];
        _timers.RemoveAt(0);
        return timer;
    }
}

/// <summary>hrtimer_run_softirq: the soft timers that have expired, one a step.</summary>
internal sealed class HrTimerAction(Kernel kernel, HrTimerQueue timers) : SoftirqAction
{
    public override void Begin(Cpu cpu)
    {
    }

    public override bool Step(Cpu cpu)
    {
        if (timers.TakeExpired(cpu.LocalPs) is { } timer)
        {
            cpu.Spend(kernel.Costs.HrTimer);
            timer.Callback(cpu);
            return true;
        }
        cpu.Tick.SoftTimersRan(cpu.LocalPs);
        return false;
    }
}
