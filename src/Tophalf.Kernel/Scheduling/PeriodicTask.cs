using Tophalf.Linux;

namespace Tophalf.Kernel.Scheduling;

/// <summary>A task that computes for a while and sleeps for a while, in turn; woken by a high-resolution timer of its processor.</summary>
public sealed class PeriodicTask : KernelTask
{
    private enum Phase { Before, Computing, After }

    private readonly Kernel _kernel;
    private readonly long _computePs, _sleepPs;
    private readonly CpuClass _class;
    private HrTimer? _timer;
    private Phase _phase;
    private long _leftPs;
    private long _wakePs = -1;

    /// <param name="kernel">The kernel it runs on.</param>
    /// <param name="comm">Its name, 15 characters at most.</param>
    /// <param name="cpus">The processors it may run on.</param>
    /// <param name="computePs">Length of a computation.</param>
    /// <param name="sleepPs">Length of the sleep after it; 0 for a task that never sleeps.</param>
    /// <param name="cls">User or System.</param>
    public PeriodicTask(Kernel kernel, string comm, CpuMask cpus, long computePs, long sleepPs, CpuClass cls) : base(comm, cpus)
    {
        _kernel = kernel;
        _computePs = computePs;
        _sleepPs = sleepPs;
        _class = cls;
        IsUserTask = cls == CpuClass.User;
    }

    public PeriodicTask(Kernel kernel, string comm, int cpu, long computePs, long sleepPs, CpuClass cls)
        : this(kernel, comm, CpuMask.Of(cpu), computePs, sleepPs, cls)
    {
    }

    /// <summary>What its computations keep off the processor; they are kernel code then.</summary>
    public TaskSection Section { get; init; }

    /// <summary>Where its wake-ups are measured; null where nobody asks.</summary>
    public TimerLatency? Latency { get; init; }

    protected override bool BodyIsInUserMode => IsUserTask && (Section == TaskSection.Nothing || _phase != Phase.Computing);

    private void Expired(Cpu cpu)
    {
        Latency?.InterruptPs.Record(cpu.LocalPs - _timer!.ExpiresPs);
        _kernel.Wake(this, cpu, cpu.LocalPs);
    }

    protected override void Woken(long nowPs)
    {
        if (_wakePs >= 0) Latency?.ThreadPs.Record(nowPs - _wakePs);
    }

    protected override long PlanBody(long nowPs) => nowPs + _leftPs;

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(_class == CpuClass.System || Section != TaskSection.Nothing ? CpuClass.System : UserClass, toPs - fromPs);
        _leftPs -= toPs - fromPs;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        switch (_phase)
        {
            case Phase.Before:
                _phase = Phase.Computing;
                _leftPs = _computePs;
                if (Section != TaskSection.Nothing) cpu.PreemptDisable();
                if (Section == TaskSection.Interrupts) cpu.InterruptsDisable();
                cpu.Continue(nowPs);
                break;
            case Phase.Computing:
                _phase = Phase.After;
                // What waited comes at once, before the task goes on.
                if (Section != TaskSection.Nothing) cpu.PreemptEnable();
                if (Section == TaskSection.Interrupts) cpu.InterruptsEnable(nowPs);
                cpu.ContinueIfTop(this, nowPs);
                break;
            case Phase.After:
                _phase = Phase.Before;
                Rest(cpu, nowPs);
                break;
        }
    }

    private void Rest(Cpu cpu, long nowPs)
    {
        if (_sleepPs == 0)
        {
            // A kernel thread offers to give way between two computations.
            if (!cpu.CondReschedule(nowPs)) cpu.Continue(nowPs);
            return;
        }
        // Periods do not drift: the next wake-up is one period after the last, unless computing took longer than that.
        _wakePs = Math.Max(nowPs, (_wakePs < 0 ? nowPs : _wakePs + _computePs) + _sleepPs);
        _timer ??= new HrTimer(Expired, HrTimer.ModeOfSleeper(this));
        cpu.Tick.Start(_timer, _wakePs, nowPs);
        Block(cpu, nowPs);
    }
}
