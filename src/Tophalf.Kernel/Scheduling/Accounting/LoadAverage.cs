using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Accounting;

/// <summary>The load averages: every five seconds and a tick the number of tasks that run, want to, or wait for a disk, decaying over 1, 5 and 15 minutes (kernel/sched/loadavg.c).</summary>
public sealed class LoadAverage : SimEvent
{
    /// <summary>EXP_1, EXP_5, EXP_15 of include/linux/sched/loadavg.h: 2048 / exp(5 s / 1, 5, 15 min).</summary>
    private static readonly ulong[] s_decay = [1884, 2014, 2037];

    private readonly Kernel _kernel;
    private readonly ulong[] _average = new ulong[3];

    internal LoadAverage(Kernel kernel)
    {
        _kernel = kernel;
        kernel.Events.Schedule(this, IntervalPs);
    }

    private long IntervalPs => 5 * SimTime.Second + _kernel.TickPs;

    protected override void Fire(long nowPs)
    {
        ulong active = (ulong)_kernel.Cpus.Sum(cpu => cpu.Runqueue.Runnable + cpu.IoWait.Tasks) * DecayingAverage.FixedOne;
        for (int i = 0; i < _average.Length; i++) _average[i] = DecayingAverage.Next(_average[i], s_decay[i], active);
        _kernel.Events.Schedule(this, nowPs + IntervalPs);
    }

    /// <summary>The three, as /proc/loadavg prints them: two digits, rounded.</summary>
    public override string ToString() => string.Join(' ', _average.Select(average => DecayingAverage.Text(average + DecayingAverage.FixedOne / 200)));
}
