using Tophalf.Hardware.Controllers;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Tracing;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// Which vector on which processor belongs to which line (arch/x86/kernel/apic/vector.c): assignment, the move of a line to another
/// processor, and the release of the vector it left behind.
/// </summary>
public sealed class VectorDomain
{
    /// <summary>Where a line without a vector points: nothing is ever delivered to it.</summary>
    public const int ManagedShutdownVector = 0xEF;

    /// <summary>Vectors the kernel has a gate of its own for: exceptions, int 0x80, and the system vectors from the local timer up.</summary>
    private static readonly IEnumerable<int> SystemVectors =
        [.. Enumerable.Range(0, 20), 0x80, 0xEC, .. Enumerable.Range(0xF0, 3), 0xF4, .. Enumerable.Range(0xF6, 10)];

    private readonly Kernel _kernel;
    private readonly IrqDesc?[][] _vectorIrq;
    private readonly Bitmap256[] _shutdown;
    private readonly VectorTrace _trace;

    internal VectorDomain(Kernel kernel, int cpus)
    {
        _kernel = kernel;
        _trace = new VectorTrace(kernel);
        Matrix = new VectorMatrix(cpus, _trace);
        foreach (int vector in SystemVectors) Matrix.AssignSystem(vector);
        // lapic_assign_system_vectors: the cascade's slot is no line's.
        if (kernel.Options.HasLegacyPic) Matrix.AssignSystem(LegacyPic.FirstVector + Hardware.Controllers.Pic8259Pair.CascadeLine);
        for (int cpu = 0; cpu < cpus; cpu++) Matrix.Online(cpu);
        _shutdown = new Bitmap256[cpus];
        _vectorIrq = Enumerable.Range(0, cpus).Select(_ => new IrqDesc?[256]).ToArray();
    }

    public VectorMatrix Matrix { get; }

    /// <summary>per_cpu(vector_irq): the line a vector means on a processor, null for VECTOR_UNUSED.</summary>
    public IrqDesc? this[int cpu, int vector] => _vectorIrq[cpu][vector];

    /// <summary>
    /// VECTOR_SHUTDOWN: the line of this vector has been shut down, and the first message that comes late is dropped in silence. From then on it is unused.
    /// </summary>
    internal bool TakeShutdown(int cpu, int vector)
    {
        bool shutDown = _shutdown[cpu].Contains(vector);
        _shutdown[cpu].Clear(vector);
        return shutDown;
    }

    // ---- allocation and release of the line ------------------------------------------------------------------------------------

    /// <summary>assign_irq_vector_policy: a managed line gets a vector reserved on every processor of its mask, any other is only promised one.</summary>
    internal Errno Allocate(IrqDesc desc)
    {
        if (!desc.Chip.UsesVectors) return Errno.None;
        _trace.BeginWithoutLine();
        Errno error = Errno.None;
        if (desc.IsManaged)
        {
            error = Matrix.ReserveManaged(desc.OwnAffinity);
            _trace.Add(_trace.Events.VectorReserveManaged, desc.Irq, -(int)error);
        }
        else Reserve(desc);
        if (error == Errno.None) Park(desc);
        _trace.Add(_trace.Events.VectorSetup, desc.Irq, 0, -(int)error);
        _trace.End();
        return error;
    }

    private void Reserve(IrqDesc desc)
    {
        if (!Matrix.Reserve()) _kernel.Log(_kernel.Irqs.NowPs, "Interrupt reservation exceeds available resources");
        desc.HasReserved = true;
        _trace.Add(_trace.Events.VectorReserve, desc.Irq, 0);
    }

    /// <summary>vector_assign_managed_shutdown.</summary>
    private void Park(IrqDesc desc)
    {
        desc.Vector = ManagedShutdownVector;
        int cpu = _kernel.OnlineMask.First;
        desc.Effective = CpuMask.Of(cpu);
        _trace.Add(_trace.Events.VectorConfig, desc.Irq, desc.Vector, cpu, ApicIdOf(cpu));
    }

    /// <summary>Before the processors are made, nobody traces.</summary>
    private long ApicIdOf(int cpu) => _kernel.Cpus[cpu].Apic.Id;

    /// <summary>x86_vector_free_irqs.</summary>
    internal void Free(IrqDesc desc)
    {
        if (!desc.Chip.UsesVectors) return;
        _trace.BeginWithoutLine();
        Clear(desc);
        _trace.Add(_trace.Events.VectorTeardown, desc.Irq, desc.IsManaged ? 1 : 0, desc.HasReserved ? 1 : 0);
        if (desc.IsManaged) Matrix.RemoveManaged(desc.OwnAffinity);
        else if (desc.HasReserved) Matrix.RemoveReserved();
        desc.HasReserved = false;
        _trace.End();
    }

    /// <summary>A legacy line in use since boot: its vector is the 8259 pair's word for it, on the boot processor.</summary>
    internal void AssignLegacy(IrqDesc desc, int vector)
    {
        if (desc.HasReserved) Matrix.RemoveReserved();
        desc.HasReserved = false;
        Matrix.Assign(0, vector);
        desc.Vector = vector;
        desc.Cpu = 0;
        desc.Effective = CpuMask.Of(0);
        _vectorIrq[0][vector] = desc;
        if (desc.Chip.UsesVectors) desc.Chip.Program(desc, _kernel.Cpus[0].Apic.Id, _kernel.Irqs.NowPs);
    }

    /// <summary>x86_vector_activate: a line that is about to be started gets its vector.</summary>
    internal Errno Activate(IrqDesc desc, long nowPs)
    {
        if (!desc.Chip.UsesVectors) return Errno.None;
        TraceActivation(_trace.Events.VectorActivate, desc);
        if (desc.IsManaged)
        {
            CpuMask managed = desc.OwnAffinity.And(_kernel.OnlineMask);
            if (managed.IsEmpty)
            {
                _kernel.Log(nowPs, $"Managed startup for irq {desc.Irq}, but no CPU");
                return Errno.EINVAL;
            }
            Errno failed = AssignManaged(desc, managed, nowPs);
            if (failed != Errno.None) _kernel.Log(nowPs, $"Managed startup irq {desc.Irq}, no vector available");
            return failed;
        }
        Errno error = AssignAny(desc, nowPs);
        if (error != Errno.None) return error;
        desc.HasReserved = false;
        if (!desc.Effective.IsSubsetOf(desc.OwnAffinity)) _kernel.Log(nowPs, $"irq {desc.Irq}: Affinity broken due to vector space exhaustion.");
        return Errno.None;
    }

    /// <summary>assign_irq_vector_any_locked: the first of node ∩ affinity, affinity, node, everything that has a vector left.</summary>
    private Errno AssignAny(IrqDesc desc, long nowPs)
    {
        CpuMask online = _kernel.OnlineMask, node = _kernel.NodeMask(desc.Node);
        if (Assign(desc, node.And(desc.OwnAffinity), nowPs) == Errno.None) return Errno.None;
        if (Assign(desc, desc.OwnAffinity.And(online), nowPs) == Errno.None) return Errno.None;
        if (Assign(desc, node, nowPs) == Errno.None) return Errno.None;
        return Assign(desc, online, nowPs);
    }

    /// <summary>x86_vector_deactivate: the vector goes back, and a line that is not managed holds a promise again.</summary>
    internal void Deactivate(IrqDesc desc)
    {
        if (!desc.Chip.UsesVectors) return;
        TraceActivation(_trace.Events.VectorDeactivate, desc);
        Clear(desc);
        if (!desc.IsManaged && !desc.HasReserved) Reserve(desc);
        Park(desc);
    }

    /// <summary>Every line that is not managed may go back to a promise.</summary>
    private void TraceActivation(Tracepoint traced, IrqDesc desc) => _trace.Add(traced, desc.Irq, desc.IsManaged ? 1 : 0, desc.IsManaged ? 0 : 1, 0);

    /// <summary>clear_irq_vector.</summary>
    private void Clear(IrqDesc desc)
    {
        if (desc.Cpu < 0) return;
        _trace.Add(_trace.Events.VectorClear, desc.Irq, desc.Vector, desc.Cpu, desc.PreviousVector, Math.Max(desc.PreviousCpu, 0));
        Release(desc, desc.Cpu, desc.Vector);
        _shutdown[desc.Cpu].Set(desc.Vector);
        desc.Cpu = -1;
        if (desc.PreviousCpu >= 0) _shutdown[desc.PreviousCpu].Set(desc.PreviousVector);
        ReleasePrevious(desc);
    }

    // ---- assignment ------------------------------------------------------------------------------------------------------------

    /// <summary>apic_set_affinity. EIO for a line that is not activated.</summary>
    internal Errno SetAffinity(IrqDesc desc, CpuMask mask, long nowPs)
    {
        if (!desc.IsActivated) return Errno.EIO;
        CpuMask wanted = mask.And(_kernel.OnlineMask);
        return desc.IsManaged ? AssignManaged(desc, wanted, nowPs) : Assign(desc, wanted, nowPs);
    }

    /// <summary>
    /// Gives the line a vector on some processor of <paramref name="mask"/>. Nothing changes if it already is there; EBUSY while
    /// an earlier move has not been cleaned up.
    /// </summary>
    private Errno Assign(IrqDesc desc, CpuMask mask, long nowPs)
    {
        if (IsOnOnlineCpuOf(desc, mask)) return Errno.None;
        if (desc.MoveInProgress || desc.CleanupPending) return Errno.EBUSY;
        Errno error = Matrix.Allocate(mask, desc.HasReserved, out int cpu, out int vector);
        _trace.Add(_trace.Events.VectorAlloc, desc.Irq, error == Errno.None ? vector : -(int)error & uint.MaxValue, desc.HasReserved ? 1 : 0, -(int)error);
        if (error == Errno.None) Update(desc, cpu, vector, nowPs);
        return error;
    }

    /// <summary>assign_managed_vector.</summary>
    private Errno AssignManaged(IrqDesc desc, CpuMask mask, long nowPs)
    {
        CpuMask wanted = mask.And(desc.OwnAffinity);
        if (IsOnOnlineCpuOf(desc, wanted)) return Errno.None;
        if (desc.MoveInProgress || desc.CleanupPending) return Errno.EBUSY;
        Errno error = Matrix.AllocateManaged(wanted, out int cpu, out int vector);
        _trace.Add(_trace.Events.VectorAllocManaged, desc.Irq, error == Errno.None ? vector : -(int)error & uint.MaxValue, -(int)error);
        if (error == Errno.None) Update(desc, cpu, vector, nowPs);
        return error;
    }

    private bool IsOnOnlineCpuOf(IrqDesc desc, CpuMask mask) => desc.Cpu >= 0 && _kernel.OnlineMask.Contains(desc.Cpu) && mask.Contains(desc.Cpu);

    /// <summary>apic_update_vector: an old vector on a processor still online is kept until the move is complete.</summary>
    private void Update(IrqDesc desc, int cpu, int vector, long nowPs)
    {
        _trace.Add(_trace.Events.VectorUpdate, desc.Irq, vector, cpu, desc.Cpu < 0 ? 0 : desc.Vector, Math.Max(desc.Cpu, 0));
        if (desc.Cpu >= 0 && _kernel.OnlineMask.Contains(desc.Cpu))
        {
            desc.PreviousVector = desc.Vector;
            desc.PreviousCpu = desc.Cpu;
            desc.MoveInProgress = true;
        }
        else if (desc.Cpu >= 0) Matrix.Free(desc.Cpu, desc.Vector, desc.IsManaged); // fixup_irqs still looks the vector up
        desc.Vector = vector;
        desc.Cpu = cpu;
        desc.Effective = CpuMask.Of(cpu);
        _vectorIrq[cpu][vector] = desc;
        _shutdown[cpu].Clear(vector);
        _trace.Add(_trace.Events.VectorConfig, desc.Irq, vector, cpu, ApicIdOf(cpu));
        desc.Chip.Program(desc, _kernel.Cpus[cpu].Apic.Id, nowPs);
    }

    // ---- the end of a move -----------------------------------------------------------------------------------------------------

    /// <summary>irq_complete_move: the first interrupt on the new processor schedules the clean-up, one jiffy later, on the old one.</summary>
    internal void CompleteMove(IrqDesc desc, Cpu cpu)
    {
        if (desc.MoveInProgress && cpu.Id == desc.Cpu) ScheduleCleanUp(desc, cpu);
    }

    private void ScheduleCleanUp(IrqDesc desc, Cpu cpu)
    {
        desc.MoveInProgress = false;
        if (!_kernel.OnlineMask.Contains(desc.PreviousCpu))
        {
            ReleasePrevious(desc);
            return;
        }
        desc.CleanupPending = true;
        CleanUpNextJiffy(desc, desc.PreviousCpu, desc.PreviousVector, cpu.LocalPs);
    }

    private void CleanUpNextJiffy(IrqDesc desc, int cpu, int vector, long nowPs) =>
        _kernel.Timers.AddTimerOn(new TimerList(_ => CleanUp(desc, cpu, vector), TimerFlags.Pinned), _kernel.Cpus[cpu], _kernel.Jiffies(nowPs) + 1);

    /// <summary>vector_cleanup_callback: an interrupt may still sit in the old processor's IRR; then it is looked at again a jiffy later.</summary>
    private void CleanUp(IrqDesc desc, int cpu, int vector)
    {
        if (!desc.CleanupPending || desc.PreviousCpu != cpu || desc.PreviousVector != vector) return; // the line or the processor went meanwhile
        if (_kernel.Cpus[cpu].Apic.IsRequested(vector))
        {
            _kernel.LogOnce(_kernel.Events.NowPs, $"Moved interrupt pending in old target APIC {desc.Irq}");
            CleanUpNextJiffy(desc, cpu, vector, _kernel.Events.NowPs);
            return;
        }
        _trace.BeginSoftirq(_kernel.Cpus[cpu]);
        FreeMoved(desc);
        _trace.End();
    }

    /// <summary>free_moved_vector.</summary>
    private void FreeMoved(IrqDesc desc)
    {
        if (desc.PreviousCpu >= 0) _trace.Add(_trace.Events.VectorFreeMoved, desc.Irq, desc.PreviousCpu, desc.PreviousVector, desc.IsManaged ? 1 : 0);
        ReleasePrevious(desc);
    }

    /// <summary>irq_force_complete_move, and what lapic_offline does to the clean-ups of a processor that goes: nothing will come there any more.</summary>
    internal void ForceCompleteMove(IrqDesc desc) => FreeMoved(desc);

    private void ReleasePrevious(IrqDesc desc)
    {
        if (desc.PreviousCpu >= 0) Release(desc, desc.PreviousCpu, desc.PreviousVector);
        desc.PreviousCpu = -1;
        desc.MoveInProgress = desc.CleanupPending = false;
    }

    private void Release(IrqDesc desc, int cpu, int vector)
    {
        Matrix.Free(cpu, vector, desc.IsManaged);
        _vectorIrq[cpu][vector] = null;
    }

    // ---- hotplug ---------------------------------------------------------------------------------------------------------------

    /// <summary>lapic_can_unplug_cpu: the vectors of a processor must find room on the others.</summary>
    internal Errno CanUnplug(int cpu)
    {
        int needed = Matrix.Unmanaged(cpu), free = Matrix.AvailableWithout(cpu);
        if (needed > free)
        {
            _kernel.Log(_kernel.Events.NowPs, $"CPU {cpu} has {needed} vectors, {free} available. Cannot disable CPU");
            return Errno.ENOSPC;
        }
        if (Matrix.GlobalReserved > free)
            _kernel.Log(_kernel.Events.NowPs, $"Reserved vectors {Matrix.GlobalReserved} > available {free}. IRQ request may fail");
        return Errno.None;
    }

    /// <summary>The end of fixup_irqs: the lines of a processor that went are elsewhere, and its table is empty.</summary>
    internal void Forget(int cpu) => Array.Clear(_vectorIrq[cpu]);
}
