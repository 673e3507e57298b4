using Tophalf.Kernel.Entry;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// Functions called on other processors (kernel/smp.c), which the CAL row of /proc/interrupts counts. They run in hard interrupt context there, or in the idle
/// loop of a processor that watches its flags. None of these wait; who wants to know is told by the function itself.
/// <para>
/// What a processor is asked for, a function or to wake a task (CSD_TYPE_TTWU), goes on one list; whoever finds it empty tells the processor.
/// </para>
/// </summary>
public sealed class SmpCalls
{
    private readonly Kernel _kernel;
    private readonly Queue<Action<Cpu>>[] _functions;

    /// <summary>Entries of each call_single_queue.</summary>
    private readonly int[] _waiting;

    internal SmpCalls(Kernel kernel)
    {
        _kernel = kernel;
        _functions = [.. kernel.Cpus.Select(_ => new Queue<Action<Cpu>>())];
        _waiting = new int[kernel.CpuCount];
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
        _functions[cpu.Id].Enqueue(function);
        Queue(cpu, _kernel.ThisCpu, _kernel.LocalNowPs);
        return Errno.None;
    }

    /// <summary>smp_call_function_many: on all processors of the mask that are online, but not on this one. One alone to be told is told like for a single call; several
    /// are interrupted, also those that watch their flags.</summary>
    public void Many(CpuMask mask, Action<Cpu> function)
    {
        CpuMask others = mask.And(_kernel.OnlineMask);
        if (_kernel.CurrentCpu is { } self) others = others.Without(self.Id);
        CpuMask told = CpuMask.Empty;
        foreach (int id in others)
        {
            _functions[id].Enqueue(function);
            if (_waiting[id]++ == 0) told = told.With(id);
        }
        if (told.Count == 1) Tell(_kernel.Cpus[told.First], _kernel.ThisCpu, _kernel.LocalNowPs, isFollowed: false);
        else
        {
            foreach (int id in told) Send(KernelEntry.CallFunctionVector, _kernel.Cpus[id], _kernel.ThisCpu, _kernel.LocalNowPs, isFollowed: false);
        }
    }

    /// <summary>on_each_cpu: on this processor too, after the others have been asked.</summary>
    public void OnEach(Action<Cpu> function)
    {
        Many(_kernel.OnlineMask, function);
        if (_kernel.CurrentCpu is { } self) function(self);
    }

    // ---- call_single_queue -----------------------------------------------------------------------------------------------------

    /// <summary>
    /// __smp_call_single_queue: one more entry. Nobody is told when there was one already: the interrupt on its way, or the flag that is set, stands for this one too.
    /// Returns whether an interrupt was sent.
    /// </summary>
    internal bool Queue(Cpu to, Cpu from, long nowPs, bool isFollowed = false) => _waiting[to.Id]++ == 0 && Tell(to, from, nowPs, isFollowed);

    /// <summary>send_call_function_single_ipi: none for an idle processor that watches its flags.</summary>
    private bool Tell(Cpu to, Cpu from, long nowPs, bool isFollowed)
    {
        if (to.WatchesFlags)
        {
            to.WakeByFlag(nowPs);
            return false;
        }
        Send(KernelEntry.CallFunctionSingleVector, to, from, nowPs, isFollowed);
        return true;
    }

    private void Send(byte vector, Cpu to, Cpu from, long nowPs, bool isFollowed)
    {
        if (isFollowed && _kernel.Trace is { } trace && trace.Wants(from.Id))
        {
            trace.Address(to.Id, vector);
            trace.Add(nowPs, $"local APIC {from.Id}", $"IPI 0x{vector:x2} to APIC id {to.Apic.Id}", _kernel.Costs.IpiSend);
        }
        from.Apic.SendFixed(vector, to.Apic.Id, _kernel.ChargeIpi(from, nowPs));
    }

    /// <summary>__flush_smp_call_function_queue, without the tasks to be woken: the whole list, in the order of calling.</summary>
    internal void Run(Cpu cpu)
    {
        _waiting[cpu.Id] = 0;
        Queue<Action<Cpu>> functions = _functions[cpu.Id];
        for (int left = functions.Count; left > 0; left--)
        {
            cpu.Spend(_kernel.Costs.SmpCall);
            functions.Dequeue()(cpu);
        }
        _kernel.Balancer.FunctionCalled(cpu);
        cpu.Softnet.FunctionCalled(cpu);
        _kernel.BlockSoftirq.FunctionCalled(cpu);
    }
}
