using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Accounting;

/// <summary>What can stand still for want of something (enum psi_states), and that there was anything to do at all.</summary>
internal enum PressureState { CpuSome, IrqFull, IoSome, IoFull, NonIdle }

/// <summary>How long tasks of one processor stood still, and for what (kernel/sched/psi.c, struct psi_group_cpu).</summary>
internal sealed class CpuPressure(Cpu cpu)
{
    public const int States = 5;

    private readonly long[] _ps = new long[States];
    private readonly long[] _seenNs = new long[States];
    private bool _isSome, _isIoSome, _isIoFull, _isNonIdle;
    private long _sincePs, _irqSeenPs;

    /// <summary>psi_group_change: tasks came, went, or got the processor.</summary>
    public void Changed(long nowPs)
    {
        // A throttled deadline task is still on the queue, for this.
        int runnable = cpu.Runqueue.Runnable + cpu.Runqueue.Deadline.Throttled;
        bool isSome = runnable > (cpu.Runqueue.Current is null ? 0 : 1), isIoSome = cpu.IoWait.Tasks > 0;
        bool isIoFull = isIoSome && runnable == 0, isNonIdle = runnable > 0 || isIoSome;
        if ((isSome, isIoSome, isIoFull, isNonIdle) == (_isSome, _isIoSome, _isIoFull, _isNonIdle)) return;
        Record(nowPs);
        _isSome = isSome;
        _isIoSome = isIoSome;
        _isIoFull = isIoFull;
        _isNonIdle = isNonIdle;
    }

    /// <summary>record_times. A processor in an interrupt is ahead of the clock, and of one that looks at its times from outside.</summary>
    private void Record(long nowPs)
    {
        if (nowPs <= _sincePs) return;
        if (_isSome) _ps[(int)PressureState.CpuSome] += nowPs - _sincePs;
        if (_isIoSome) _ps[(int)PressureState.IoSome] += nowPs - _sincePs;
        if (_isIoFull) _ps[(int)PressureState.IoFull] += nowPs - _sincePs;
        if (_isNonIdle) _ps[(int)PressureState.NonIdle] += nowPs - _sincePs;
        _sincePs = nowPs;
    }

    /// <summary>
    /// psi_account_irqtime, at a tick that finds a task: all time of interrupts since the last such tick kept it from running. All tasks are in one group, so a switch
    /// of tasks accounts nothing.
    /// </summary>
    public void Tick()
    {
        if (cpu.Runqueue.Current is null) return;
        long irqPs = IrqTimePs;
        _ps[(int)PressureState.IrqFull] += irqPs - _irqSeenPs;
        _irqSeenPs = irqPs;
    }

    /// <summary>irq_time_read: hard interrupts and softirqs, but those in ksoftirqd.</summary>
    private long IrqTimePs
    {
        get
        {
            KernelTask thread = cpu.Softirqs.Ksoftirqd;
            return cpu.Time[CpuClass.Irq] + cpu.Time[CpuClass.Softirq] - (thread.RuntimePs - thread.SystemPs);
        }
    }

    /// <summary>get_recent_times: nanoseconds in each state since this was asked last.</summary>
    public void TakeRecent(long nowPs, Span<long> ns)
    {
        Record(nowPs);
        for (int state = 0; state < States; state++)
        {
            long untilNs = _ps[state] / SimTime.Nanosecond;
            ns[state] = untilNs - _seenNs[state];
            _seenNs[state] = untilNs;
        }
    }
}
