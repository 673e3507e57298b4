using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>Sending an interrupt again that could not be handled when it came (kernel/irq/resend.c).</summary>
public sealed partial class IrqManager
{
    private readonly SortedSet<int> _resend = [];
    private readonly Tasklet _resendTasklet;

    /// <summary>
    /// check_irq_resend: by the hardware, which sends the vector to the processor once more, or else by a tasklet that calls the flow handler. EINVAL for a level line, whose
    /// wire speaks for itself, and where neither is possible; EBUSY while an earlier one is under way.
    /// </summary>
    internal Errno Resend(IrqDesc desc, bool inject)
    {
        if (desc.IsLevel)
        {
            desc.State &= ~IrqState.Pending;
            return Errno.EINVAL;
        }
        if ((desc.State & IrqState.Replay) != 0) return Errno.EBUSY;
        if (!desc.IsPending && !inject) return Errno.None;
        desc.State &= ~IrqState.Pending;
        if (!Retrigger(desc, NowPs))
        {
            Errno error = ResendBySoftware(desc);
            if (error != Errno.None) return error;
        }
        desc.State |= IrqState.Replay;
        return Errno.None;
    }

    /// <summary>apic_retrigger_irq.</summary>
    internal bool Retrigger(IrqDesc desc, long nowPs)
    {
        if (!desc.Chip.UsesVectors || desc.Cpu < 0) return false;
        Cpu target = _kernel.Cpus[desc.Cpu];
        target.Apic.SendFixed((byte)desc.Vector, target.Apic.Id, nowPs);
        return true;
    }

    /// <summary>irq_sw_resend. A line with a vector must be acknowledged in a real interrupt; one in the thread of another is raised through its parent.</summary>
    private Errno ResendBySoftware(IrqDesc desc)
    {
        if (desc.Chip.UsesVectors) return Errno.EINVAL;
        int? irq = (desc.Settings & IrqSettings.NestedThread) != 0 ? desc.ParentIrq : desc.Irq;
        if (irq is null) return Errno.EINVAL;
        _resend.Add(irq.Value);
        _kernel.Tasklets.Schedule(_resendTasklet);
        return Errno.None;
    }

    /// <summary>resend_irqs: the flow handlers run with interrupts off, in softirq context.</summary>
    private void ResendAll()
    {
        while (_resend.Count > 0)
        {
            int irq = _resend.Min;
            _resend.Remove(irq);
            if (Find(irq) is { } desc) _flow.Handle(desc, _kernel.ThisCpu);
        }
    }

    /// <summary>irq_inject_interrupt: raises a line by software. EINVAL for a level or inactive line and an NMI, EBUSY while a resend is under way.</summary>
    public Errno InjectInterrupt(int irq)
    {
        if (Find(irq) is not { } desc) return Errno.EINVAL;
        if ((desc.State & IrqState.Nmi) != 0 || !desc.IsActivated) return Errno.EINVAL;
        return Resend(desc, inject: true);
    }
}
