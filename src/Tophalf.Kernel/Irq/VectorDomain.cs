using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// Which vector on which processor belongs to which line (arch/x86/kernel/apic/vector.c): assignment, the move of a line to another
/// processor, and the release of the vector it left behind.
/// </summary>
public sealed class VectorDomain
{
    private readonly Kernel _kernel;
    private readonly IrqDesc?[][] _vectorIrq;

    internal VectorDomain(Kernel kernel, int cpus)
    {
        _kernel = kernel;
        Matrix = new VectorMatrix(cpus);
        Matrix.AssignSystem(0x80); // int 0x80
        for (int cpu = 0; cpu < cpus; cpu++) Matrix.Online(cpu);
        _vectorIrq = Enumerable.Range(0, cpus).Select(_ => new IrqDesc?[256]).ToArray();
    }

    public VectorMatrix Matrix { get; }

    /// <summary>per_cpu(vector_irq): the line a vector means on a processor, null for VECTOR_UNUSED.</summary>
    public IrqDesc? this[int cpu, int vector] => _vectorIrq[cpu][vector];

    /// <summary>assign_irq_vector: the first of node ∩ affinity, affinity, everything that has a vector left.</summary>
    internal Errno Activate(IrqDesc desc, long nowPs)
    {
        CpuMask online = _kernel.OnlineMask;
        Errno error = Assign(desc, desc.Affinity.And(online), nowPs);
        if (error == Errno.None) return error;
        error = Assign(desc, online, nowPs);
        if (error == Errno.None) _kernel.Log(nowPs, $"irq {desc.Irq}: Affinity broken due to vector space exhaustion.");
        return error;
    }

    internal void Deactivate(IrqDesc desc)
    {
        if (desc.Cpu < 0) return;
        if (desc.PreviousCpu >= 0) ReleasePrevious(desc);
        Release(desc.Cpu, desc.Vector);
        desc.Cpu = -1;
        desc.Effective = CpuMask.Empty;
    }

    /// <summary>
    /// Gives the line a vector on some processor of <paramref name="mask"/>. Nothing changes if it already is there; EBUSY while
    /// an earlier move has not been cleaned up.
    /// </summary>
    internal Errno Assign(IrqDesc desc, CpuMask mask, long nowPs)
    {
        if (desc.Cpu >= 0 && mask.Contains(desc.Cpu)) return Errno.None;
        if (desc.MoveInProgress || desc.CleanupPending) return Errno.EBUSY;
        Errno error = Matrix.Allocate(mask, out int cpu, out int vector);
        if (error != Errno.None) return error;
        if (desc.Cpu >= 0)
        {
            desc.PreviousVector = desc.Vector;
            desc.PreviousCpu = desc.Cpu;
            desc.MoveInProgress = true;
        }
        desc.Vector = vector;
        desc.Cpu = cpu;
        desc.Effective = CpuMask.Of(cpu);
        _vectorIrq[cpu][vector] = desc;
        desc.Chip.Program(desc, _kernel.Cpus[cpu].Apic.Id, nowPs);
        return Errno.None;
    }

    /// <summary>irq_complete_move: the first interrupt on the new processor schedules the clean-up, one jiffy later, on the old one.</summary>
    internal void CompleteMove(IrqDesc desc, Cpu cpu)
    {
        if (desc.MoveInProgress && cpu.Id == desc.Cpu) ScheduleCleanUp(desc, cpu);
    }

    private void ScheduleCleanUp(IrqDesc desc, Cpu cpu)
    {
        desc.MoveInProgress = false;
        desc.CleanupPending = true;
        CleanUpNextJiffy(desc, cpu.LocalPs);
    }

    private void CleanUpNextJiffy(IrqDesc desc, long nowPs) =>
        _kernel.Timers.Add(_kernel.Cpus[desc.PreviousCpu], _kernel.Jiffies(nowPs) + 1, () => CleanUp(desc), nowPs);

    /// <summary>vector_cleanup_callback: an interrupt may still sit in the old processor's IRR; then it is looked at again a jiffy later.</summary>
    private void CleanUp(IrqDesc desc)
    {
        if (desc.PreviousCpu < 0) return; // the line was shut down meanwhile
        Cpu old = _kernel.Cpus[desc.PreviousCpu];
        if (old.Apic.IsRequested(desc.PreviousVector))
        {
            CleanUpNextJiffy(desc, _kernel.Events.NowPs);
            return;
        }
        ReleasePrevious(desc);
    }

    private void ReleasePrevious(IrqDesc desc)
    {
        Release(desc.PreviousCpu, desc.PreviousVector);
        desc.PreviousCpu = -1;
        desc.MoveInProgress = desc.CleanupPending = false;
    }

    private void Release(int cpu, int vector)
    {
        Matrix.Free(cpu, vector);
        _vectorIrq[cpu][vector] = null;
    }
}
