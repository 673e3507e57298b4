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
        _tasklets = new TaskletAction(kernel, SoftirqVector.TASKLET);
        _highTasklets = new TaskletAction(kernel, SoftirqVector.HI);
        Open(SoftirqVector.TASKLET, _tasklets);
        Open(SoftirqVector.HI, _highTasklets);
    }

    /// <summary>One bit per vector raised and not yet begun.</summary>
    public uint Pending { get; internal set; }

    public uint this[SoftirqVector vector] => _counts[(int)vector];

    /// <summary>Times the limits were reached and the rest was left to ksoftirqd.</summary>
    public long HandedOver { get; private set; }

    internal SoftirqContext Context { get; }
    internal TaskletAction TaskletsOf(bool high) => high ? _highTasklets : _tasklets;
    public KsoftirqdTask Ksoftirqd { get; internal set; } = null!;

    /// <summary>
    /// open_softirq: what a vector does, NET_RX apart, which is a loop of its own. The action runs on the raising processor, which it charges for its time.
    /// </summary>
    public void Open(SoftirqVector vector, Action<Cpu> action) => Open(vector, new SimpleAction(action));

    internal void Open(SoftirqVector vector, SoftirqAction action) => _actions[(int)vector] = action;

    /// <summary>raise_softirq_irqoff. Outside any interrupt nobody would look, so ksoftirqd is woken.</summary>
    public void Raise(SoftirqVector vector, long nowPs)
    {
        Pending |= 1u << (int)vector;
        if (!_cpu.InInterrupt) WakeKsoftirqd(nowPs);
    }

    internal void WakeKsoftirqd(long nowPs)
    {
        HandedOver++;
        _kernel.Wake(Ksoftirqd, _cpu, nowPs);
    }

    internal SoftirqAction? ActionOf(SoftirqVector vector) => _actions[(int)vector];
    internal void Count(SoftirqVector vector) => _counts[(int)vector]++;
}
