using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>The ten softirqs, in the order in which they run (include/linux/interrupt.h).</summary>
public enum SoftirqVector { HI, TIMER, NET_TX, NET_RX, BLOCK, IRQ_POLL, TASKLET, SCHED, HRTIMER, RCU }

/// <summary>Deferred work of one processor: what is pending, how often each vector ran, and who runs it (kernel/softirq.c).</summary>
public sealed class Softirqs
{
    public const int Vectors = 10;

    private readonly Kernel _kernel;
    private readonly Cpu _cpu;
    private readonly uint[] _counts = new uint[Vectors];
    private readonly SoftirqAction?[] _actions = new SoftirqAction?[Vectors];

    private readonly TaskletAction _tasklets, _highTasklets;

    internal Softirqs(Kernel kernel, Cpu cpu)
    {
        _kernel = kernel;
        _cpu = cpu;
        Context = new SoftirqContext(kernel, cpu);
        _tasklets = new TaskletAction(kernel, cpu, SoftirqVector.TASKLET);
        _highTasklets = new TaskletAction(kernel, cpu, SoftirqVector.HI);
        Open(SoftirqVector.TASKLET, _tasklets);
        Open(SoftirqVector.HI, _highTasklets);
        Open(SoftirqVector.NET_TX, static on => on.Softnet.FreeNow());
    }

    /// <summary>One bit per vector raised and not yet begun.</summary>
    public uint Pending { get; internal set; }

    public uint this[SoftirqVector vector] => _counts[(int)vector];

    /// <summary>Times the limits were reached and the rest was left to ksoftirqd.</summary>
    public long HandedOver { get; private set; }

    /// <summary>Times softirqs were begun inside another or inside local_bh_disable, for the checker. Always 0.</summary>
    public long RanWhileDisabled { get; internal set; }

    internal SoftirqContext Context { get; }
    internal TaskletAction TaskletsOf(bool high) => high ? _highTasklets : _tasklets;
    public KsoftirqdTask Ksoftirqd { get; internal set; } = null!;

    /// <summary>The thread of the timer softirqs; null where they run at the end of interrupts like the others.</summary>
    public KtimersTask? Ktimers { get; internal set; }

    /// <summary>Timer softirqs raised for <see cref="Ktimers"/> (pending_timer_softirq).</summary>
    internal uint PendingTimers { get; set; }

    /// <summary>
    /// open_softirq: what a vector does, NET_RX apart, which is a loop of its own. The action runs on the raising processor, which it charges for its time.
    /// </summary>
    public void Open(SoftirqVector vector, Action<Cpu> action) => Open(vector, new SimpleAction(action));

    internal void Open(SoftirqVector vector, SoftirqAction action) => _actions[(int)vector] = action;

    /// <summary>raise_softirq_irqoff. Outside any interrupt nobody would look, so ksoftirqd is woken.</summary>
    public void Raise(SoftirqVector vector, long nowPs)
    {
        Pending |= 1u << (int)vector;
        Tracing.Tracepoint raised = _kernel.Tracer.Events.SoftirqRaise;
        if (raised.IsEnabled) _kernel.Tracer.Record(raised, _cpu, nowPs, irqsOff: true, 0, null, (int)vector);
        if (!_cpu.InInterrupt && !_cpu.AreBottomHalvesBlocked) WakeKsoftirqd(nowPs);
    }

    /// <summary>
    /// raise_timer_softirq and raise_hrtimer_softirq, from a hard interrupt; where there is ktimers they are left to it.
    /// </summary>
    internal void RaiseTimer(SoftirqVector vector, long nowPs)
    {
        if (Ktimers is null) Raise(vector, nowPs);
        else PendingTimers |= 1u << (int)vector;
    }

    /// <summary>invoke_softirq with forced threading: nothing runs at the end of an interrupt, the threads are woken.</summary>
    internal bool LeaveToThreads(long nowPs)
    {
        if (!_kernel.Irqs.Parameters.ThreadIrqs) return false;
        // A task that has bottom halves disabled will look itself.
        if (!_cpu.AreBottomHalvesBlocked) _kernel.Wake(Ksoftirqd, _cpu, nowPs);
        return true;
    }

    /// <summary>wake_timersd, at the end of an interrupt, whatever that interrupted.</summary>
    internal void WakeKtimers(long nowPs) => _kernel.Wake(Ktimers!, _cpu, nowPs);

    internal void WakeKsoftirqd(long nowPs)
    {
        if (!_kernel.OnlineMask.Contains(_cpu.Id)) return; // parked; it looks when its processor is back
        HandedOver++;
        _kernel.Wake(Ksoftirqd, _cpu, nowPs);
    }

    /// <summary>
    /// What was pending on a processor that is gone goes on here: timers, packets and tasklets have been moved or are now. A vector without anything to move stays pending
    /// there until it is back.
    /// </summary>
    internal void TakeOver(Softirqs dead, long nowPs)
    {
        const uint moved = 1u << (int)SoftirqVector.TIMER | 1u << (int)SoftirqVector.HRTIMER | 1u << (int)SoftirqVector.NET_TX | 1u << (int)SoftirqVector.NET_RX | 1u << (int)SoftirqVector.BLOCK | 1u << (int)SoftirqVector.SCHED
            | 1u << (int)SoftirqVector.RCU;
        dead.Pending &= ~moved;
        dead.PendingTimers = 0;
        if (_tasklets.TakeOver(dead._tasklets)) Raise(SoftirqVector.TASKLET, nowPs);
        if (_highTasklets.TakeOver(dead._highTasklets)) Raise(SoftirqVector.HI, nowPs);
    }

    internal SoftirqAction? ActionOf(SoftirqVector vector) => _actions[(int)vector];
    internal void Count(SoftirqVector vector) => _counts[(int)vector]++;
}
