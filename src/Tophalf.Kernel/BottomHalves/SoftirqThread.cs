using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>A thread of one processor that runs its softirqs, as an ordinary task among others (kernel/softirq.c, run_ksoftirqd and run_ktimerd).</summary>
public abstract class SoftirqThread(string name, Cpu cpu) : KernelTask($"{name}/{cpu.Id}", Linux.CpuMask.Of(cpu.Id))
{
    /// <summary>Is there something for this thread?</summary>
    private protected abstract bool HasPending(Softirqs softirqs);

    /// <summary>What it is to run is in the processor's pending mask from now on.</summary>
    private protected virtual void TakePending(Softirqs softirqs)
    {
    }

    protected override long PlanBody(long nowPs) => nowPs;
    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time) => time.Add(CpuClass.System, toPs - fromPs);

    protected override void FinishBody(Cpu on, long nowPs)
    {
        // With PREEMPT_RT whoever has the softirq lock may do meanwhile what this thread was woken for.
        if (!on.WaitsForSoftirqLock(this) && !HasPending(on.Softirqs) || !on.TryLockSoftirqs(this))
        {
            Block(on, nowPs);
            return;
        }
        if (HasPending(on.Softirqs))
        {
            TakePending(on.Softirqs);
            ServeSoftirqs(on, nowPs);
            return;
        }
        on.UnlockSoftirqs(this, nowPs);
        SoftirqsServed(on, nowPs);
    }

    private protected override void SoftirqsServed(Cpu on, long nowPs)
    {
        if (!on.CondReschedule(nowPs)) FinishBody(on, nowPs);
    }
}

/// <summary>ksoftirqd/N: takes over when softirqs come faster than they can be run at the end of interrupts; and with forced threading always.</summary>
public sealed class KsoftirqdTask : SoftirqThread
{
    internal KsoftirqdTask(Cpu cpu) : base("ksoftirqd", cpu) => IsKsoftirqd = IsPerCpuThread = true;

    private protected override bool HasPending(Softirqs softirqs) => softirqs.Pending != 0;
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

    private protected override bool HasPending(Softirqs softirqs) => softirqs.PendingTimers != 0;

    private protected override void TakePending(Softirqs softirqs)
    {
        softirqs.Pending |= softirqs.PendingTimers;
        softirqs.PendingTimers = 0;
    }
}
