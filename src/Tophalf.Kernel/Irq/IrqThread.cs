using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// irq/N-name: the thread of a threaded handler, SCHED_FIFO 50 (kernel/irq/manage.c, irq_thread). The function runs when the thread gets the processor, in one go,
/// or in several if it sleeps; the time it spent is then burnt as interruptible system time.
/// </summary>
internal sealed class IrqThread : CodeTask
{
    /// <summary>TASK_COMM_LEN - 1.</summary>
    private const int LongestComm = 15;

    private readonly Kernel _kernel;
    private readonly IrqDesc _desc;
    private readonly IrqAction _action;
    private readonly SleepPoint _point;
    private bool _runThread, _begun, _ran, _returnedFrom, _stopping;
    private IrqReturn _returned;
    private IEnumerator<Sleep>? _steps;
    private Sleep? _sleep;

    public IrqThread(Kernel kernel, IrqDesc desc, IrqAction action, string name, CpuMask allowed) : base(name.Length > LongestComm ? name[..LongestComm] : name, allowed)
    {
        _kernel = kernel;
        _desc = desc;
        FullName = name;
        _action = action;
        _point = new SleepPoint(kernel, this);
        Policy = SchedulingPolicy.Fifo;
        RtPriority = 50;
    }

    public override string FullName { get; }

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
        EndIfIdle();
    }

    private void EndIfIdle()
    {
        if (!_stopping || !IsSleeping || IsWaking || _runThread || _begun || _point.IsAsleep || IsStopped) return;
        IsStopped = true;
        _kernel.ExitThread(this);
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        base.FinishBody(cpu, nowPs);
        EndIfIdle();
    }

    protected override bool Next(Cpu cpu)
    {
        if (_point.IsAsleep) return false;
        if (_steps is not null) return Step();
        if (_ran)
        {
            _ran = false;
            _returnedFrom = true;
            _kernel.Irqs.FinalizeOneShot(_desc, _action, _runThread, cpu, cpu.LocalPs);
            if (_action.IsForced)
            {
                cpu.LocalBhEnable();
                return true; // the softirqs it raised run here, in its context
            }
        }
        if (_returnedFrom)
        {
            _returnedFrom = false;
            // irq_wake_secondary
            if (_returned == IrqReturn.WakeThread && _action.Secondary is { } secondary) _kernel.Irqs.WakeThread(_desc, secondary, cpu);
            _kernel.Irqs.ThreadDone(_desc);
        }
        if (!_begun && !_runThread) return false;
        if (!_begun)
        {
            _runThread = false;
            _begun = true;
        }
        // irq_forced_thread_fn: what the handler raises waits for its end
        if (_action.IsForced && !cpu.TryLocalBhDisable(this)) return false;
        _begun = false;
        _ran = true;
        if (_action.SleepingThread is { } sleeping)
        {
            _steps = sleeping(_desc.Irq, _action.DevId).GetEnumerator();
            return Step();
        }
        Returned(RunFunction(cpu));
        return true;
    }

    /// <summary>irq_forced_thread_fn (since 5.12): but for PREEMPT_RT a handler that was made a thread finds interrupts off, as it would without.</summary>
    private IrqReturn RunFunction(Cpu cpu)
    {
        bool isIrqsOff = _action.IsForced && _kernel.Preemption != PreemptionModel.Rt;
        if (isIrqsOff) cpu.SaveIrqs();
        IrqReturn value = _action.ThreadFunction!(_desc.Irq, _action.DevId);
        if (isIrqsOff) cpu.RestoreIrqs();
        return value;
    }

    /// <summary>A function that sleeps goes on, up to its next sleep or its end.</summary>
    private bool Step()
    {
        if (_sleep is { } sleep)
        {
            _sleep = null;
            if (_point.Begin(sleep)) return false;
        }
        if (_steps!.MoveNext()) _sleep = _steps.Current;
        else
        {
            _steps = null;
            Returned(IrqReturn.Handled);
        }
        return true;
    }

    private void Returned(IrqReturn value)
    {
        _returned = value;
        if (value == IrqReturn.Handled) _desc.ThreadsHandled++;
    }
}
