using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// Stands for everything a processor of an observed machine runs: woken by its timer at random moments, it spends a bit of system and a bit of
/// user time and sleeps again, so that over time the shares and the number of timer interrupts come out as observed.
/// </summary>
public sealed class BackgroundTask : KernelTask
{
    private readonly Kernel _kernel;
    private readonly ArrivalProcess _wakeUps;
    private readonly RandomStream _random;
    private readonly long _systemPerWakePs, _userPerWakePs;
    private readonly HrTimer _timer;
    private long _systemPs, _userPs;
    private long _nextPs;

    /// <param name="kernel">The kernel it runs on.</param>
    /// <param name="cpu">The processor it stands for.</param>
    /// <param name="user">Part of the time in user mode, 0 to 1.</param>
    /// <param name="system">Part of the time in the kernel, interrupts apart.</param>
    /// <param name="wakesPerSecond">Timer interrupts a second besides the tick.</param>
    /// <param name="random">Where the moments come from.</param>
    public BackgroundTask(Kernel kernel, int cpu, double user, double system, double wakesPerSecond, RandomStream random)
        : base($"host/{cpu}", CpuMask.Of(cpu))
    {
        _kernel = kernel;
        _random = random;
        _wakeUps = new PoissonArrivals(wakesPerSecond);
        _userPerWakePs = (long)(user / wakesPerSecond * SimTime.Second);
        // The switch to this task is system time too.
        _systemPerWakePs = Math.Max(0, (long)(system / wakesPerSecond * SimTime.Second) - kernel.Costs.ContextSwitch);
        _timer = new HrTimer(Wake);
    }

    /// <summary>Arms the first wake-up.</summary>
    public void Start(long nowPs)
    {
        _nextPs = nowPs;
        Arm(nowPs);
    }

    private void Arm(long nowPs)
    {
        _nextPs = Math.Max(nowPs, _nextPs + _wakeUps.NextGapPs(_random));
        Cpu.Tick.Start(_timer, _nextPs, nowPs);
    }

    private void Wake(Cpu cpu)
    {
        _systemPs += _systemPerWakePs;
        _userPs += _userPerWakePs;
        _kernel.Wake(this, cpu, cpu.LocalPs);
        Arm(_kernel.Events.NowPs);
    }

    protected override long PlanBody(long nowPs) => nowPs + _systemPs + _userPs;

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        long systemPs = Math.Min(_systemPs, toPs - fromPs);
        time.Add(CpuClass.System, systemPs);
        _systemPs -= systemPs;
        long userPs = toPs - fromPs - systemPs;
        time.Add(CpuClass.User, userPs);
        _userPs -= userPs;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        if (_systemPs + _userPs > 0) cpu.Continue(nowPs); // woken again while it ran
        else Block(cpu, nowPs);
    }
}
