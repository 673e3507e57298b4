using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// Stands for everything a processor of an observed machine runs: woken by its timer at random moments, it spends the system and user time that its
/// shares of the time since the last wake-up come to, and sleeps again. So shares and timer interrupts come out as observed.
/// </summary>
public sealed class BackgroundTask : KernelTask
{
    private readonly Kernel _kernel;
    private readonly ArrivalProcess _wakeUps;
    private readonly RandomStream _random;
    private readonly double _user, _system;
    private readonly HrTimer _timer;
    private long _systemPs, _userPs;
    private long _nextPs, _accountedPs;

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
        _user = user;
        _system = system;
        _timer = new HrTimer(Wake);
    }

    /// <summary>Arms the first wake-up.</summary>
    public void Start(long nowPs)
    {
        _nextPs = _accountedPs = nowPs;
        Arm(nowPs);
    }

    private void Arm(long nowPs)
    {
        _nextPs = Math.Max(nowPs, _nextPs + _wakeUps.NextGapPs(_random));
        Cpu.Tick.Start(_timer, _nextPs, nowPs);
    }

    private void Wake(Cpu cpu)
    {
        long nowPs = _kernel.Events.NowPs, sincePs = nowPs - _accountedPs;
        _accountedPs = nowPs;
        // The switch to this task is system time too.
        _systemPs += Math.Max(0, (long)(_system * sincePs) - (IsSleeping ? _kernel.Costs.ContextSwitch : 0));
        _userPs += (long)(_user * sincePs);
        _kernel.Wake(this, cpu, cpu.LocalPs);
        Arm(nowPs);
    }

    protected override bool BodyIsInUserMode => _systemPs == 0;
    protected override long UntilUserModePs => _systemPs;

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
