using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>Starting, stopping, disabling and waiting for a line (kernel/irq/chip.c, manage.c).</summary>
public sealed partial class IrqManager
{
    // ---- disable and enable ----------------------------------------------------------------------------------------------------

    /// <summary>disable_irq_nosync: lazy, the line itself is masked when the next interrupt arrives. Unknown lines are ignored, as the kernel does.</summary>
    public void DisableIrqNosync(int irq)
    {
        if (Find(irq) is { } desc) Disable(desc);
    }

    /// <summary>
    /// disable_irq: the same, and the caller does not go on before the handlers and their threads are through. The waiting itself is
    /// the caller's, see <see cref="SynchronizeIrq"/>.
    /// </summary>
    public void DisableIrq(int irq, Action? whenQuiet = null)
    {
        DisableIrqNosync(irq);
        SynchronizeIrq(irq, whenQuiet);
    }

    /// <summary>disable_hardirq: waits for the hard interrupt handler alone. True when no thread of the line is at work either.</summary>
    public bool DisableHardirq(int irq)
    {
        DisableIrqNosync(irq);
        return SynchronizeHardirq(irq);
    }

    /// <summary>__disable_irq.</summary>
    internal void Disable(IrqDesc desc)
    {
        if (desc.Depth++ > 0) return;
        if (desc.Chip.DisablesAtOnce || (desc.Settings & IrqSettings.DisableUnlazy) != 0) Mask(desc);
    }

    /// <summary>enable_irq: the last of nested disables opens the line again.</summary>
    public void EnableIrq(int irq)
    {
        if (Find(irq) is not { } desc) return;
        if (desc.Chip == IrqChip.None) _kernel.Log(NowPs, $"enable_irq before setup/request_irq: irq {irq}");
        else Enable(desc);
    }

    /// <summary>__enable_irq.</summary>
    private void Enable(IrqDesc desc)
    {
        switch (desc.Depth)
        {
            case 0:
            case 1 when (desc.State & IrqState.Suspended) != 0:
                _kernel.Log(NowPs, $"Unbalanced enable for IRQ {desc.Irq}");
                break;
            case 1:
                desc.Settings |= IrqSettings.NoProbe;
                Startup(desc, resend: true);
                break;
            default:
                desc.Depth--;
                break;
        }
    }

    // ---- start-up and shutdown -------------------------------------------------------------------------------------------------

    /// <summary>irq_startup: the line opens, and an edge that was missed is sent again if asked for.</summary>
    private void Startup(IrqDesc desc, bool resend)
    {
        desc.Depth = 0;
        if (!desc.IsStarted && !PrepareStart(desc)) return;
        Unmask(desc);
        if (resend) Resend(desc, inject: false);
    }

    /// <summary>A managed line starts on a processor of its mask, or stays down until one comes; any other takes the affinity the machine gives it.</summary>
    private bool PrepareStart(IrqDesc desc)
    {
        if (desc.IsManaged)
        {
            desc.IsManagedShutdown = !desc.OwnAffinity.Intersects(_kernel.OnlineMask);
            if (desc.IsManagedShutdown || _kernel.Vectors.Activate(desc, NowPs) != Errno.None)
            {
                desc.IsManagedShutdown = true;
                desc.Depth = 1;
                return false;
            }
            desc.IsActivated = true;
            SetAffinityNow(desc, desc.OwnAffinity, NowPs);
        }
        desc.IsStarted = true;
        if (!desc.IsManaged) SetupAffinity(desc);
        return true;
    }

    /// <summary>irq_shutdown. The depth is counted up, so that a line its driver had disabled is so still when it starts again.</summary>
    private void Shutdown(IrqDesc desc)
    {
        if (!desc.IsStarted) return;
        desc.State &= ~IrqState.Replay;
        _resend.Remove(desc.Irq);
        desc.Depth++;
        Mask(desc);
        desc.IsStarted = false;
    }

    // ---- mask ------------------------------------------------------------------------------------------------------------------

    private void Mask(IrqDesc desc)
    {
        if (desc.IsMasked) return;
        desc.IsMasked = true;
        desc.Chip.Mask(desc, _kernel.Events.NowPs);
    }

    private void Unmask(IrqDesc desc)
    {
        if (_kernel.CurrentCpu is { } cpu) _flow.Unmask(desc, cpu);
        else if (desc.IsMasked)
        {
            desc.IsMasked = false;
            desc.Chip.Unmask(desc, _kernel.Events.NowPs);
        }
    }

    // ---- waiting ---------------------------------------------------------------------------------------------------------------

    /// <summary>synchronize_hardirq: the calling code goes on when no handler of the line runs. True when no thread of it is at work.</summary>
    public bool SynchronizeHardirq(int irq)
    {
        if (Find(irq) is not { } desc) return true;
        if (_kernel.CurrentCpu is { } cpu && desc.InProgressCpu != cpu.Id && desc.InProgressUntilPs > cpu.LocalPs)
            cpu.Spend(desc.InProgressUntilPs - cpu.LocalPs);
        return desc.ThreadsActive == 0;
    }

    /// <summary>synchronize_irq: <paramref name="whenQuiet"/> runs when neither handler nor thread is at work, at once if so. Returns whether that is now.</summary>
    public bool SynchronizeIrq(int irq, Action? whenQuiet = null)
    {
        bool quiet = SynchronizeHardirq(irq);
        if (whenQuiet is null) return quiet;
        if (quiet) whenQuiet();
        else _descs[irq].ThreadWaiters.Add(whenQuiet);
        return quiet;
    }

    // ---- trigger and wake-up ---------------------------------------------------------------------------------------------------

    /// <summary>irq_set_irq_type. EINVAL for an unknown line, or what the chip says.</summary>
    public Errno SetIrqType(int irq, IrqFlags type) => Find(irq) is { } desc ? SetTrigger(desc, type & IrqFlags.TriggerMask) : Errno.EINVAL;

    /// <summary>__irq_set_trigger: a chip that cannot set types takes any.</summary>
    private Errno SetTrigger(IrqDesc desc, IrqFlags type)
    {
        bool masked = desc.IsMasked, unmask = false;
        if ((desc.Chip.Flags & IrqChipFlags.SetTypeMasked) != 0 && !masked)
        {
            Mask(desc);
            unmask = !desc.IsDisabled;
        }
        Errno? answer = desc.Chip.SetType(desc, type);
        if (answer == Errno.None)
        {
            desc.TriggerType = type;
            desc.IsTriggerTypeSet = true;
            desc.IsLevel = (type & (IrqFlags.TriggerHigh | IrqFlags.TriggerLow)) != 0;
        }
        else if (answer is not null) _kernel.Log(NowPs, $"genirq: Setting trigger mode {(uint)type} for irq {desc.Irq} failed ({desc.Chip.Name}_set_type)");
        if (unmask) Unmask(desc);
        return answer ?? Errno.None;
    }

    /// <summary>irq_set_irq_wake: a counted wish that the line wakes the machine. ENXIO from a chip that cannot, EINVAL for an NMI.</summary>
    public Errno SetIrqWake(int irq, bool on)
    {
        if (Find(irq) is not { } desc || (desc.State & IrqState.Nmi) != 0) return Errno.EINVAL;
        if (on)
        {
            if (desc.WakeDepth++ > 0) return Errno.None;
            Errno error = ChipWake(desc, true);
            if (error != Errno.None) desc.WakeDepth = 0;
            return error;
        }
        if (desc.WakeDepth == 0)
        {
            _kernel.Log(NowPs, $"Unbalanced IRQ {irq} wake disable");
            return Errno.None;
        }
        if (--desc.WakeDepth > 0) return Errno.None;
        Errno failed = ChipWake(desc, false);
        if (failed != Errno.None) desc.WakeDepth = 1;
        return failed;
    }

    private static Errno ChipWake(IrqDesc desc, bool on) =>
        (desc.Chip.Flags & IrqChipFlags.SkipSetWake) != 0 ? Errno.None : desc.Chip.SetWake(desc, on) ?? Errno.ENXIO;
}
