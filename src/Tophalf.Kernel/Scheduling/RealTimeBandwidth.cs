using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// Real-time throttling (kernel/sched/rt.c, until 6.11): real-time tasks of a processor that have run for sched_rt_runtime_us stand still until a period has brought more,
/// whether anybody else wants the processor or not. One timer begins the periods of all processors. Since 6.12 there is <see cref="FairServer"/> instead, and the limit is one
/// for deadline tasks only.
/// </summary>
internal sealed class RealTimeBandwidth
{
    private const long PsPerUs = SimTime.Microsecond;

    private readonly Kernel _kernel;
    private readonly HrTimer _timer;
    private bool _isPeriodActive;

    public RealTimeBandwidth(Kernel kernel)
    {
        _kernel = kernel;
        _timer = new HrTimer(PeriodBegins, HrTimerMode.Hard);
        IsEnforced = !new Procfs.KernelProfile(kernel.Options.Release).HasFairServer;
    }

    /// <summary>Real-time tasks are held to it.</summary>
    public bool IsEnforced { get; }

    /// <summary>sched_rt_period_us.</summary>
    public long PeriodPs { get; private set; } = SimTime.Second;

    /// <summary>sched_rt_runtime_us; negative for no limit.</summary>
    public long RuntimePs { get; private set; } = 950 * SimTime.Millisecond;

    /// <summary>sched_rt_handler: EINVAL for a period below 1 us or shorter than the runtime.</summary>
    public Errno SetPeriod(long us) => Set(us * PsPerUs, RuntimePs);

    /// <summary>The same for the runtime; -1 switches throttling off.</summary>
    public Errno SetRuntime(long us) => Set(PeriodPs, us < 0 ? -1 : us * PsPerUs);

    private Errno Set(long periodPs, long runtimePs)
    {
        if (periodPs <= 0 || runtimePs > periodPs) return Errno.EINVAL;
        (PeriodPs, RuntimePs) = (periodPs, runtimePs);
        return Errno.None;
    }

    /// <summary>start_rt_bandwidth: a real-time task wants to run; the timer goes off at once, and then every period.</summary>
    public void Start(Cpu cpu, long nowPs)
    {
        if (_isPeriodActive || RuntimePs < 0) return;
        _isPeriodActive = true;
        cpu.Tick.Start(_timer, nowPs, nowPs);
    }

    /// <summary>do_sched_rt_period_timer: each processor is forgiven a runtime, and goes on if it has used up less than another.</summary>
    private void PeriodBegins(Cpu on)
    {
        bool isIdle = true;
        foreach (Cpu cpu in _kernel.OnlineCpus)
        {
            cpu.SyncTask(_kernel.Events.NowPs);
            if (cpu.Runqueue.ForgiveRealTime(on)) isIdle = false;
        }
        if (isIdle) _isPeriodActive = false;
        else on.Tick.Start(_timer, _timer.ExpiresPs + PeriodPs, on.LocalPs);
    }
}
