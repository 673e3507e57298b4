using Tophalf.Linux;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// Kernel code in process context that may sleep, a system call for example, written as steps. Each step runs in one go when the task has a processor; the time it spent
/// is then burnt as interruptible system time, and the task waits for what the step said.
/// </summary>
internal sealed class ProcessTask : KernelTask
{
    private readonly Kernel _kernel;
    private readonly IEnumerator<Wait> _steps;
    private readonly HrTimer _alarm;
    private readonly Action _step;
    private bool _ran, _hasMore = true;
    private long _leftPs;

    public ProcessTask(Kernel kernel, string comm, IEnumerable<Wait> steps) : base(comm, kernel.OnlineMask)
    {
        _kernel = kernel;
        _steps = steps.GetEnumerator();
        _alarm = new HrTimer(cpu => kernel.Wake(this, cpu, cpu.LocalPs));
        _step = () => _hasMore = _steps.MoveNext();
    }

    /// <summary>The last step has been made.</summary>
    public bool IsDone { get; private set; }

    protected override long PlanBody(long nowPs) => nowPs + _leftPs;

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(CpuClass.System, toPs - fromPs);
        _leftPs -= toPs - fromPs;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        if (_leftPs > 0)
        {
            cpu.Continue(nowPs);
            return;
        }
        if (_ran)
        {
            _ran = false;
            if (!_hasMore)
            {
                IsDone = true;
                Block(cpu, nowPs);
                _kernel.RemoveTask(this);
                return;
            }
            if (MustSleep(cpu, nowPs))
            {
                Block(cpu, nowPs);
                return;
            }
        }
        _ran = true;
        _leftPs = cpu.RunInTask(nowPs, _step);
        cpu.Continue(nowPs);
    }

    private bool MustSleep(Cpu cpu, long nowPs)
    {
        Wait wait = _steps.Current;
        if (wait.SleepPs > 0)
        {
            cpu.Tick.Start(_alarm, nowPs + wait.SleepPs, nowPs);
            return true;
        }
        if (wait.Completion is not { IsDone: false } completion) return false;
        completion.Waiter = this;
        return true;
    }
}
