using Tophalf.Kernel.Entry;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>How soon a function must run, and where (include/linux/irq_work.h).</summary>
public enum IrqWorkKind
{
    /// <summary>In an interrupt at once; with PREEMPT_RT in the thread irq_work/N.</summary>
    Normal,

    /// <summary>IRQ_WORK_LAZY: the next tick will do, if there is one; with PREEMPT_RT in the thread too.</summary>
    Lazy,

    /// <summary>IRQ_WORK_HARD_IRQ: in an interrupt at once, whatever the kernel is.</summary>
    HardIrq,
}

/// <summary>struct irq_work: a function to be called soon, asked for where nothing else may be asked for, such as in an NMI (include/linux/irq_work.h).</summary>
public sealed class IrqWork(Action<IrqWork> function, IrqWorkKind kind = IrqWorkKind.Normal)
{
    public IrqWorkKind Kind { get; } = kind;

    /// <summary>Queued, and its function not begun.</summary>
    public bool IsPending { get; internal set; }

    /// <summary>Cleared before the function runs, so that it may queue itself again.</summary>
    internal void Run()
    {
        IsPending = false;
        function(this);
    }
}

/// <summary>irq_work_queue and irq_work_run (kernel/irq_work.c): an interrupt of the processor to itself, the IWI row of /proc/interrupts.</summary>
public sealed class IrqWorks
{
    private readonly Kernel _kernel;
    private readonly Queue<IrqWork>[] _raised, _lazy;
    private IrqWorkThread[]? _threads;

    internal IrqWorks(Kernel kernel)
    {
        _kernel = kernel;
        _raised = [.. kernel.Cpus.Select(_ => new Queue<IrqWork>())];
        _lazy = [.. kernel.Cpus.Select(_ => new Queue<IrqWork>())];
    }

    /// <summary>irq_work_init_threads: with PREEMPT_RT each processor has irq_work/N.</summary>
    internal void AddThreads()
    {
        if (_kernel.Preemption != PreemptionModel.Rt) return;
        _threads = [.. _kernel.Cpus.Select(cpu => new IrqWorkThread(cpu, _lazy[cpu.Id]))];
        foreach (Cpu cpu in _kernel.Cpus) _kernel.AddTask(_threads[cpu.Id], cpu);
    }

    /// <summary>irq_work_queue: false when it is pending already. Lazy work of a processor with a running tick waits for that.</summary>
    public bool Queue(IrqWork work)
    {
        if (work.IsPending) return false;
        work.IsPending = true;
        Cpu cpu = _kernel.ThisCpu;
        Queue<IrqWork> list = (IsForLater(work) ? _lazy : _raised)[cpu.Id];
        list.Enqueue(work);
        if (list.Count == 1 && (work.Kind != IrqWorkKind.Lazy || cpu.Tick.IsStopped)) Raise(cpu);
        return true;
    }

    /// <summary>irq_work_queue_on: in the function call interrupt of another processor, or by that processor's thread.</summary>
    public bool QueueOn(IrqWork work, Cpu cpu)
    {
        if (cpu == _kernel.ThisCpu) return Queue(work);
        if (work.IsPending) return false;
        work.IsPending = true;
        if (_threads is null || work.Kind == IrqWorkKind.HardIrq)
        {
            _kernel.SmpCalls.Single(cpu, _ => work.Run());
            return true;
        }
        _lazy[cpu.Id].Enqueue(work);
        if (_lazy[cpu.Id].Count == 1) _kernel.SmpCalls.Single(cpu, WakeThread);
        return true;
    }

    /// <summary>On the list that the thread serves, where there is one.</summary>
    private bool IsForLater(IrqWork work) => work.Kind == IrqWorkKind.Lazy || _threads is not null && work.Kind == IrqWorkKind.Normal;

    private void Raise(Cpu cpu)
    {
        _kernel.Spend(_kernel.Costs.IpiSend);
        cpu.Apic.SendFixed(KernelEntry.IrqWorkVector, cpu.Apic.Id, _kernel.LocalNowPs);
    }

    /// <summary>irq_work_run: sysvec_irq_work, raised work first.</summary>
    internal void Run(Cpu cpu)
    {
        RunList(_raised[cpu.Id]);
        Tick(cpu);
    }

    /// <summary>irq_work_tick.</summary>
    internal void Tick(Cpu cpu)
    {
        if (_lazy[cpu.Id].Count == 0) return;
        if (_threads is null) RunList(_lazy[cpu.Id]);
        else WakeThread(cpu);
    }

    private void WakeThread(Cpu cpu) => _kernel.Wake(_threads![cpu.Id], cpu, cpu.LocalPs);

    private static void RunList(Queue<IrqWork> list)
    {
        for (int left = list.Count; left > 0; left--) list.Dequeue().Run();
    }
}

/// <summary>irq_work/N, SCHED_FIFO 1: with PREEMPT_RT it runs what need not run in an interrupt.</summary>
internal sealed class IrqWorkThread : CodeTask
{
    private readonly Queue<IrqWork> _list;

    public IrqWorkThread(Cpu cpu, Queue<IrqWork> list) : base($"irq_work/{cpu.Id}", Linux.CpuMask.Of(cpu.Id))
    {
        _list = list;
        Policy = SchedulingPolicy.Fifo;
        RtPriority = 1;
        IsPerCpuThread = true;
    }

    protected override bool Next(Cpu cpu)
    {
        if (!_list.TryDequeue(out IrqWork? work)) return false;
        work.Run();
        return true;
    }
}
