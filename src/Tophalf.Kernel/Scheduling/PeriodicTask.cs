using Tophalf.Linux;

namespace Tophalf.Kernel.Scheduling;

/// <summary>A task that computes for a while and sleeps for a while, in turn; woken by a high-resolution timer of its processor.</summary>
public sealed class PeriodicTask : KernelTask
{
    private readonly Kernel _kernel;
    private readonly long _computePs, _sleepPs;
    private readonly CpuClass _class;
    private readonly HrTimer _timer;
    private long _leftPs;
    private long _wakePs = -1;

    /// <param name="kernel">The kernel it runs on.</param>
    /// <param name="comm">Its name, 15 characters at most.</param>
    /// <param name="cpu">The one processor it is pinned to.</param>
    /// <param name="computePs">Length of a computation.</param>
    /// <param name="sleepPs">Length of the sleep after it; 0 for a task that never sleeps.</param>
    /// <param name="cls">User or System.</param>
    public PeriodicTask(Kernel kernel, string comm, int cpu, long computePs, long sleepPs, CpuClass cls) : base(comm, CpuMask.Of(cpu))
    {
        _kernel = kernel;
        _computePs = _leftPs = computePs;
        _sleepPs = sleepPs;
        _class = cls;
        IsUserTask = cls == CpuClass.User;
        _timer = new HrTimer(on => _kernel.Wake(this, on, on.LocalPs));
    }

    protected override long PlanBody(long nowPs) => nowPs + _leftPs;

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(_class == CpuClass.User ? UserClass : _class, toPs - fromPs);
        _leftPs -= toPs - fromPs;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        _leftPs = _computePs;
        if (_sleepPs == 0)
        {
            // A kernel thread offers to give way between two computations.
            if (!cpu.CondReschedule(nowPs)) cpu.Continue(nowPs);
            return;
        }
        // Periods do not drift: the next wake-up is one period after the last, unless computing took longer than that.
        _wakePs = Math.Max(nowPs, (_wakePs < 0 ? nowPs : _wakePs + _computePs) + _sleepPs);
        cpu.Tick.Start(_timer, _wakePs, nowPs);
        Block(cpu, nowPs);
    }
}
