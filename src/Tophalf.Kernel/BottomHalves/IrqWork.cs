using Tophalf.Kernel.Entry;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// struct irq_work: a function to be called in hard interrupt context, asked for where nothing else may be asked for, such as in an NMI
/// (include/linux/irq_work.h).
/// </summary>
/// <param name="function">The function.</param>
/// <param name="lazy">IRQ_WORK_LAZY: the next tick will do, if there is one.</param>
public sealed class IrqWork(Action<IrqWork> function, bool lazy = false)
{
    public bool IsLazy { get; } = lazy;

    /// <summary>Queued, and its function not begun.</summary>
    public bool IsPending { get; internal set; }

    internal void Run() => function(this);
}

/// <summary>irq_work_queue and irq_work_run (kernel/irq_work.c): an interrupt of the processor to itself, the IWI row of /proc/interrupts.</summary>
public sealed class IrqWorks
{
    private readonly Kernel _kernel;
    private readonly Queue<IrqWork>[] _raised, _lazy;

    internal IrqWorks(Kernel kernel)
    {
        _kernel = kernel;
        _raised = [.. kernel.Cpus.Select(_ => new Queue<IrqWork>())];
        _lazy = [.. kernel.Cpus.Select(_ => new Queue<IrqWork>())];
    }

    /// <summary>irq_work_queue: false when it is pending already. Lazy work of a processor with a running tick waits for that.</summary>
    public bool Queue(IrqWork work)
    {
        if (work.IsPending) return false;
        work.IsPending = true;
        Cpu cpu = _kernel.ThisCpu;
        Queue<IrqWork> list = (work.IsLazy ? _lazy : _raised)[cpu.Id];
        list.Enqueue(work);
        if (list.Count == 1 && (!work.IsLazy || cpu.Tick.IsStopped)) Raise(cpu);
        return true;
    }

    /// <summary>irq_work_queue_on: in the function call interrupt of another processor.</summary>
    public bool QueueOn(IrqWork work, Cpu cpu)
    {
        if (cpu == _kernel.ThisCpu) return Queue(work);
        if (work.IsPending) return false;
        work.IsPending = true;
        _kernel.SmpCalls.Single(cpu, _ => Run(work));
        return true;
    }

    private void Raise(Cpu cpu)
    {
        _kernel.Spend(_kernel.Costs.IpiSend);
        cpu.Apic.SendFixed(KernelEntry.IrqWorkVector, cpu.Apic.Id, _kernel.LocalNowPs);
    }

    /// <summary>irq_work_run: sysvec_irq_work, raised work first.</summary>
    internal void Run(Cpu cpu)
    {
        RunList(_raised[cpu.Id]);
        RunList(_lazy[cpu.Id]);
    }

    /// <summary>irq_work_tick.</summary>
    internal void Tick(Cpu cpu) => RunList(_lazy[cpu.Id]);

    private static void RunList(Queue<IrqWork> list)
    {
        for (int left = list.Count; left > 0; left--) Run(list.Dequeue());
    }

    /// <summary>Cleared before the function runs, so that it may queue itself again.</summary>
    private static void Run(IrqWork work)
    {
        work.IsPending = false;
        work.Run();
    }
}
