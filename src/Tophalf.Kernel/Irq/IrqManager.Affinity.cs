using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>Where a line is delivered: wishes, moves that wait for the line's own next interrupt, managed masks (kernel/irq/manage.c, migration.c).</summary>
public sealed partial class IrqManager
{
    /// <summary>irq_can_set_affinity_usr: whether a person may write the mask; where not, the files of the line are read-only (0444).</summary>
    public static bool CanSetAffinity(IrqDesc desc) => !desc.IsManaged && desc.Chip.UsesVectors && !desc.IsNoBalancing && !desc.IsPerCpu;

    /// <summary>
    /// A write to /proc/irq/N/smp_affinity. Without interrupt remapping neither an I/O APIC pin nor an MSI may be moved from process context: the mask is
    /// noted, and the line's own next interrupt, still on the old processor, makes the move. EPERM for managed and unmovable lines, EINVAL for
    /// a mask without an online processor.
    /// </summary>
    public Errno SetAffinity(IrqDesc desc, CpuMask mask)
    {
        if (!CanSetAffinity(desc)) return Errno.EPERM;
        return mask.Intersects(_kernel.OnlineMask) ? SetAffinityLocked(desc, mask) : Errno.EINVAL;
    }

    /// <summary>irq_set_affinity, as a driver calls it: nobody asks whether the line is managed. EINVAL for an unknown line or one without a vector.</summary>
    public Errno IrqSetAffinity(int irq, CpuMask mask) =>
        Find(irq) is { Chip.UsesVectors: true } desc ? SetAffinityLocked(desc, mask) : Errno.EINVAL;

    /// <summary>irq_set_affinity_hint: noted for a balancer, and applied. EINVAL for an unknown line.</summary>
    public Errno SetAffinityHint(int irq, CpuMask hint, bool apply)
    {
        if (Find(irq) is not { } desc) return Errno.EINVAL;
        desc.AffinityHint = hint;
        if (apply && !hint.IsEmpty) IrqSetAffinity(irq, hint);
        return Errno.None;
    }

    public Errno SetDefaultAffinity(CpuMask mask)
    {
        if (!mask.Intersects(_kernel.OnlineMask)) return Errno.EINVAL;
        DefaultAffinity = mask;
        return Errno.None;
    }

    /// <summary>irq_set_affinity_locked.</summary>
    private Errno SetAffinityLocked(IrqDesc desc, CpuMask mask)
    {
        Errno error = Errno.None;
        if (!desc.IsActivated)
        {
            // IRQD_AFFINITY_ON_ACTIVATE: there is no vector to move yet.
            desc.OwnAffinity = desc.Effective = mask;
        }
        else if (desc.Chip.MovesInProcessContext && desc.PendingAffinity is null)
        {
            error = SetAffinityNow(desc, mask, NowPs);
            if (error == Errno.EBUSY)
            {
                desc.PendingAffinity = mask;
                error = Errno.None;
            }
        }
        else desc.PendingAffinity = mask;
        desc.IsAffinitySet = true;
        return error;
    }

    /// <summary>irq_do_set_affinity: managed lines keep off isolated processors while others of their mask are online.</summary>
    private Errno SetAffinityNow(IrqDesc desc, CpuMask mask, long nowPs)
    {
        if (!desc.Chip.UsesVectors) return Errno.EINVAL;
        CpuMask program = mask;
        if (desc.IsManaged)
        {
            CpuMask housekeeping = mask.AndNot(Parameters.ManagedIsolated);
            if (housekeeping.Intersects(_kernel.OnlineMask)) program = housekeeping;
        }
        program = program.And(_kernel.OnlineMask);
        if (program.IsEmpty) return Errno.EINVAL;
        Errno error = _kernel.Vectors.SetAffinity(desc, program, nowPs);
        if (error == Errno.None) desc.OwnAffinity = mask;
        return error;
    }

    /// <summary>irq_setup_affinity: at start-up, the mask somebody chose if it still has a processor, else the default; in the node of the device where possible.</summary>
    private void SetupAffinity(IrqDesc desc)
    {
        if (!desc.Chip.UsesVectors || desc.IsPerCpu) return;
        CpuMask online = _kernel.OnlineMask, set = DefaultAffinity;
        if (desc.IsAffinitySet)
        {
            if (desc.OwnAffinity.Intersects(online)) set = desc.OwnAffinity;
            else desc.IsAffinitySet = false;
        }
        CpuMask mask = set.And(online);
        if (mask.IsEmpty) mask = online;
        CpuMask local = mask.And(_kernel.NodeMask(desc.Node));
        SetAffinityNow(desc, local.IsEmpty ? mask : local, NowPs);
    }

    /// <summary>irq_move_irq, from the line's own acknowledgement.</summary>
    internal void MovePending(IrqDesc desc, long nowPs)
    {
        if (desc.PendingAffinity is not { } mask || desc.IsDisabled) return;
        if (mask.Intersects(_kernel.OnlineMask) && SetAffinityNow(desc, mask, nowPs) == Errno.EBUSY)
            return; // the last move is not cleaned up: the next interrupt tries again
        desc.PendingAffinity = null;
    }

    // ---- hotplug (kernel/irq/cpuhotplug.c) -------------------------------------------------------------------------------------

    /// <summary>irq_migrate_all_off_this_cpu: the processor has left the online mask; what was delivered to it goes elsewhere, or down if it is managed.</summary>
    internal void MigrateAllOff(Cpu dying)
    {
        foreach (IrqDesc desc in _descs.Values)
        {
            if (!desc.Chip.UsesVectors) continue;
            if (desc.PreviousCpu == dying.Id || desc.Cpu == dying.Id) _kernel.Vectors.ForceCompleteMove(desc);
            if (desc.IsActivated) MigrateOne(desc, dying);
        }
    }

    /// <summary>migrate_one_irq. A mask with no processor left is given up for all that are online, and does not come back with its processor.</summary>
    private void MigrateOne(IrqDesc desc, Cpu dying)
    {
        CpuMask online = _kernel.OnlineMask;
        if (desc.IsPerCpu || !desc.IsStarted || !desc.Effective.Contains(dying.Id))
        {
            if (desc.PendingAffinity is { } waiting && !waiting.Intersects(online)) desc.PendingAffinity = null;
            return;
        }
        CpuMask affinity = desc.PendingAffinity is { } pending && pending.Intersects(online) ? pending : desc.OwnAffinity;
        desc.PendingAffinity = null;
        long nowPs = NowPs;
        bool masked = desc.IsMasked;
        if (!desc.Chip.MovesInProcessContext && !masked) Mask(desc);
        if (!affinity.Intersects(online))
        {
            if (desc.IsManaged)
            {
                desc.IsManagedShutdown = true;
                Shutdown(desc);
                Deactivate(desc);
                return;
            }
            affinity = online;
        }
        Errno error = SetAffinityNow(desc, affinity, nowPs);
        if (error == Errno.ENOSPC && !desc.IsManaged && affinity != online) error = SetAffinityNow(desc, online, nowPs);
        if (error != Errno.None) _kernel.Log(nowPs, $"IRQ{desc.Irq}: set affinity failed({-(int)error}).");
        if (!desc.Chip.MovesInProcessContext && !masked) Unmask(desc);
    }

    /// <summary>irq_affinity_online_cpu: managed lines that waited for this processor start again.</summary>
    internal void AffinityOnline(int cpu)
    {
        foreach (IrqDesc desc in _descs.Values)
        {
            if (!desc.IsManaged || desc.Actions.Count == 0 || !desc.OwnAffinity.Contains(cpu)) continue;
            if (desc.IsManagedShutdown) RestartManaged(desc);
            // Delivered to one processor only, a line stays where it is, unless it sits on an isolated one and this one is not.
            if (!desc.IsStarted || Parameters.ManagedIsolated.Contains(cpu) || !Parameters.ManagedIsolated.Intersects(desc.Effective)) continue;
            SetAffinityNow(desc, desc.OwnAffinity, NowPs);
        }
    }

    /// <summary>irq_startup_managed: one disable of the depth was the shutdown's; what is left is the driver's.</summary>
    private void RestartManaged(IrqDesc desc)
    {
        desc.IsManagedShutdown = false;
        if (--desc.Depth == 0) Startup(desc, resend: true);
    }
}
