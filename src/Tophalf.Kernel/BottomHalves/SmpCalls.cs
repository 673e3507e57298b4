using Tophalf.Kernel.Entry;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// Functions called on other processors (kernel/smp.c): put on the other's list, and an interrupt sent if the list was empty, which the CAL row of
/// /proc/interrupts counts. They run in hard interrupt context there. None of these wait; who wants to know is told by the function itself.
/// </summary>
public sealed class SmpCalls
{
    private readonly Kernel _kernel;
    private readonly Queue<Action<Cpu>>[] _lists;

    internal SmpCalls(Kernel kernel)
    {
        _kernel = kernel;
        _lists = [.. kernel.Cpus.Select(_ => new Queue<Action<Cpu>>())];
    }

    /// <summary>smp_call_function_single: here and now on this processor; ENXIO for one that is offline.</summary>
    public Errno Single(Cpu cpu, Action<Cpu> function)
    {
        if (!_kernel.OnlineMask.Contains(cpu.Id)) return Errno.ENXIO;
        if (cpu == _kernel.CurrentCpu)
        {
            function(cpu);
            return Errno.None;
        }
        if (Enqueue(cpu, function)) Send(cpu, KernelEntry.CallFunctionSingleVector);
        return Errno.None;
    }

    /// <summary>smp_call_function_many: on all processors of the mask that are online, but not on this one. One alone gets the vector of single calls.</summary>
    public void Many(CpuMask mask, Action<Cpu> function)
    {
        CpuMask others = mask.And(_kernel.OnlineMask);
        if (_kernel.CurrentCpu is { } self) others = others.Without(self.Id);
        byte vector = others.Count == 1 ? KernelEntry.CallFunctionSingleVector : KernelEntry.CallFunctionVector;
        CpuMask interrupted = CpuMask.Empty;
        foreach (int id in others)
        {
            if (Enqueue(_kernel.Cpus[id], function)) interrupted = interrupted.With(id);
        }
        foreach (int id in interrupted) Send(_kernel.Cpus[id], vector);
    }

    /// <summary>on_each_cpu: on this processor too, after the others have been asked.</summary>
    public void OnEach(Action<Cpu> function)
    {
        Many(_kernel.OnlineMask, function);
        if (_kernel.CurrentCpu is { } self) function(self);
    }

    /// <summary>True when the list was empty: an interrupt that is on its way already finds the rest too.</summary>
    private bool Enqueue(Cpu cpu, Action<Cpu> function)
    {
        _lists[cpu.Id].Enqueue(function);
        return _lists[cpu.Id].Count == 1;
    }

    private void Send(Cpu to, byte vector)
    {
        _kernel.Spend(_kernel.Costs.IpiSend);
        _kernel.ThisCpu.Apic.SendFixed(vector, to.Apic.Id, _kernel.LocalNowPs);
    }

    /// <summary>generic_smp_call_function_single_interrupt: the whole list, in the order of calling.</summary>
    internal void Run(Cpu cpu)
    {
        Queue<Action<Cpu>> list = _lists[cpu.Id];
        for (int left = list.Count; left > 0; left--)
        {
            cpu.Spend(_kernel.Costs.SmpCall);
            list.Dequeue()(cpu);
        }
    }
}
