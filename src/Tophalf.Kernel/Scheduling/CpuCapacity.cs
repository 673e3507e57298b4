using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// What a processor has left for fair tasks (rq-&gt;cpu_capacity; kernel/sched/fair.c, scale_rt_capacity): less by the part that went to interrupts and softirqs, and to
/// real-time and deadline tasks, of late. ksoftirqd is a task like others. Both parts are averages that forget half in 32 ms (kernel/sched/pelt.c), taken at ticks.
/// </summary>
internal sealed class CpuCapacity(Cpu cpu)
{
    /// <summary>SCHED_CAPACITY_SCALE.</summary>
    public const int Whole = 1024;

    private const double HalfLifePs = 32 * 1024 * 1024 * (double)SimTime.Nanosecond;
    private const double Ln2 = 0.693147180559945309;

    private long _totalPs, _interruptPs, _urgentPs;
    private double _interrupt, _urgent;

    /// <summary>1 to 1024, as of the last update.</summary>
    public int Value { get; private set; } = Whole;

    /// <summary>update_cpu_capacity. What the processor did up to now is to be accounted.</summary>
    public void Update()
    {
        CpuTime time = cpu.Time;
        KernelTask ksoftirqd = cpu.Softirqs.Ksoftirqd;
        long elapsedPs = time.TotalPs - _totalPs;
        if (elapsedPs <= 0) return;
        _totalPs = time.TotalPs;
        double kept = Portable.Exp(-Ln2 * elapsedPs / HalfLifePs);
        long interruptPs = time[CpuClass.Irq] + time[CpuClass.Softirq] + time[CpuClass.Steal] - (ksoftirqd.RuntimePs - ksoftirqd.SystemPs);
        _interrupt = Average(_interrupt, ref _interruptPs, interruptPs, elapsedPs, kept);
        _urgent = Average(_urgent, ref _urgentPs, cpu.Runqueue.UrgentPs, elapsedPs, kept);
        Value = Math.Max(1, (int)(Whole * (1 - _urgent) * (1 - _interrupt)));
    }

    private static double Average(double before, ref long seenPs, long nowPs, long elapsedPs, double kept)
    {
        double part = Math.Clamp((double)(nowPs - seenPs) / elapsedPs, 0, 1);
        seenPs = nowPs;
        return before * kept + part * (1 - kept);
    }
}
