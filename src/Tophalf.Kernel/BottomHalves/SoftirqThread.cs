using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>A thread of one processor that runs its softirqs, as an ordinary task among others (kernel/softirq.c, run_ksoftirqd and run_ktimerd).</summary>
public abstract class SoftirqThread(string name, Cpu cpu) : KernelTask($"{name}/{cpu.Id}", Linux.CpuMask.Of(cpu.Id))
{
    private bool _running;

    /// <summary>Is there something for this thread? What it is to run is then in the processor's pending mask.</summary>
    private protected abstract bool TakePending(Softirqs softirqs);

    protected override long PlanBody(long nowPs)
    {
        if (!_running) return nowPs;
        return cpu.Softirqs.Context.Plan(nowPs);
    }

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        if (_running) cpu.Softirqs.Context.Advance(fromPs, toPs, time);
        else time.Add(CpuClass.System, toPs - fromPs);
    }

    protected override void FinishBody(Cpu on, long nowPs)
    {
        if (_running)
        {
            if (!on.Softirqs.Context.Step(nowPs))
            {
                on.Continue(nowPs);
                return;
            }
            _running = false;
            on.EndSoftirqs();
            if (on.CondReschedule(nowPs)) return;
        }
        if (!TakePending(on.Softirqs))
        {
            Block(on, nowPs);
            return;
        }
        _running = true;
        on.BeginSoftirqs();
        on.Softirqs.Context.Begin(nowPs);
        on.Continue(nowPs);
    }
}

/// <summary>ksoftirqd/N: takes over when softirqs come faster than they can be run at the end of interrupts; and with forced threading always.</summary>
public sealed class KsoftirqdTask : SoftirqThread
{
    internal KsoftirqdTask(Cpu cpu) : base("ksoftirqd", cpu) => IsKsoftirqd = IsPerCpuThread = true;

    private protected override bool TakePending(Softirqs softirqs) => softirqs.Pending != 0;
}

/// <summary>
/// ktimers/N: with forced threading (threadirqs, PREEMPT_RT) the timer softirqs are its own, at SCHED_FIFO 1, so that timers do not wait behind all the
/// other softirqs that fair tasks hold up (since Linux 6.13).
/// </summary>
public sealed class KtimersTask : SoftirqThread
{
    internal KtimersTask(Cpu cpu) : base("ktimers", cpu)
    {
        Policy = SchedulingPolicy.Fifo;
        RtPriority = 1;
        IsPerCpuThread = true;
    }

    private protected override bool TakePending(Softirqs softirqs)
    {
        if (softirqs.PendingTimers == 0) return false;
        softirqs.Pending |= softirqs.PendingTimers;
        softirqs.PendingTimers = 0;
        return true;
    }
}
