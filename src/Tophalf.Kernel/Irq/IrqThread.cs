using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// irq/N-name: the thread of a threaded handler, SCHED_FIFO 50 (kernel/irq/manage.c, irq_thread). The function runs when the thread gets the processor, in one go,
/// and the time it spent is then burnt as interruptible system time.
/// </summary>
internal sealed class IrqThread : KernelTask
{
    private readonly Kernel _kernel;
    private readonly IrqDesc _desc;
    private readonly IrqAction _action;
    private readonly Action _run;
    private bool _runThread, _ran, _stopping;
    private IrqReturn _returned;
    private long _leftPs;

    public IrqThread(Kernel kernel, IrqDesc desc, IrqAction action, string name, CpuMask allowed) : base(name, allowed)
    {
        _kernel = kernel;
        _desc = desc;
        _action = action;
        _run = RunFunction;
        Policy = SchedulingPolicy.Fifo;
        RtPriority = 50;
    }

    internal override IReadOnlyList<string> CallPath => [_kernel.Symbols.NameOf(_action.ThreadFunction!), "irq_thread_fn", "irq_thread", .. base.CallPath];

    /// <summary>The thread has ended and is no task any more.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>IRQTF_RUNTHREAD; false when it was set already, or the thread is about to end, and nothing needs to be done.</summary>
    public bool TryRequest()
    {
        if (_runThread || IsStopped) return false;
        return _runThread = true;
    }

    /// <summary>kthread_stop: what was asked for is still done, then the thread ends.</summary>
    public void Stop()
    {
        _stopping = true;
        if (IsSleeping && !IsWaking) End();
    }

    private void End()
    {
        IsStopped = true;
        _kernel.RemoveTask(this);
    }

    protected override long PlanBody(long nowPs) => nowPs + _leftPs;

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(CpuClass.System, toPs - fromPs);
        _leftPs -= toPs - fromPs;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        if (_ran)
        {
            _ran = false;
            _kernel.Irqs.FinalizeOneShot(_desc, _action, _runThread, cpu, nowPs);
            if (_returned == IrqReturn.WakeThread && _action.Secondary is { } secondary) WakeSecondary(secondary, cpu, nowPs);
            _kernel.Irqs.ThreadDone(_desc);
        }
        if (!_runThread)
        {
            Block(cpu, nowPs);
            if (_stopping && IsSleeping && !IsWaking) End();
            return;
        }
        _runThread = false;
        _ran = true;
        _leftPs = cpu.RunInTask(nowPs, _run);
        cpu.Continue(nowPs);
    }

    /// <summary>irq_wake_secondary.</summary>
    private void WakeSecondary(IrqAction secondary, Cpu cpu, long nowPs) => cpu.RunInTask(nowPs, () => _kernel.Irqs.WakeThread(_desc, secondary, cpu));

    private void RunFunction()
    {
        _returned = _action.ThreadFunction!(_desc.Irq, _action.DevId);
        if (_returned == IrqReturn.Handled) _desc.ThreadsHandled++;
    }
}
