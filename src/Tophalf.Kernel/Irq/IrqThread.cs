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
    private bool _runThread, _ran;
    private long _leftPs;

    public IrqThread(Kernel kernel, IrqDesc desc, IrqAction action, CpuMask allowed) : base($"irq/{desc.Irq}-{action.Name}", allowed)
    {
        _kernel = kernel;
        _desc = desc;
        _action = action;
        Policy = SchedulingPolicy.Fifo;
        RtPriority = 50;
    }

    /// <summary>IRQTF_RUNTHREAD; false when it was set already and nothing needs to be done.</summary>
    public bool TryRequest()
    {
        if (_runThread) return false;
        return _runThread = true;
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
        }
        if (!_runThread)
        {
            Block(cpu, nowPs);
            return;
        }
        _runThread = false;
        _ran = true;
        _leftPs = cpu.RunInTask(nowPs, () =>
        {
            if (_action.ThreadFunction!(_desc.Irq, _action.DevId) == IrqReturn.Handled) _desc.ThreadsHandled++;
        });
        cpu.Continue(nowPs);
    }
}
