namespace Tophalf.Kernel.Irq;

/// <summary>Lines while the machine sleeps (kernel/irq/pm.c): device lines are disabled, those that wake the machine are armed.</summary>
public sealed partial class IrqManager
{
    /// <summary>pm_wakeup_irq: the armed line that interrupted first, and so ended the sleep; null while none did.</summary>
    public int? WakeupIrq { get; private set; }

    /// <summary>
    /// suspend_device_irqs: a line with a NO_SUSPEND action, or none at all, is left alone; one that is to wake the machine is armed; every other is disabled, lazily as
    /// always, so that an interrupt that comes is kept for the end of the sleep.
    /// </summary>
    public void SuspendDeviceIrqs()
    {
        WakeupIrq = null;
        foreach (IrqDesc desc in _descs.Values)
        {
            if ((desc.Settings & IrqSettings.NestedThread) != 0 || desc.Actions.Count == 0 || desc.Actions.Exists(action => (action.Flags & IrqFlags.NoSuspend) != 0)) continue;
            if (desc.WakeDepth > 0)
            {
                desc.IsWakeupArmed = true;
                continue;
            }
            desc.State |= IrqState.Suspended;
            Disable(desc);
            if ((desc.Chip.Flags & IrqChipFlags.MaskOnSuspend) != 0) Mask(desc);
        }
    }

    /// <summary>resume_device_irqs: what was disabled for the sleep is enabled, and what came meanwhile is sent; a FORCE_RESUME line is opened even if it was not disabled.</summary>
    public void ResumeDeviceIrqs()
    {
        foreach (IrqDesc desc in _descs.Values)
        {
            if ((desc.Settings & IrqSettings.NestedThread) != 0) continue;
            desc.IsWakeupArmed = false;
            if ((desc.State & IrqState.Suspended) == 0)
            {
                if (!desc.Actions.Exists(action => (action.Flags & IrqFlags.ForceResume) != 0)) continue;
                desc.Depth++;
                desc.IsMasked = true;
            }
            desc.State &= ~IrqState.Suspended;
            Enable(desc);
        }
    }

    /// <summary>irq_pm_check_wakeup: an armed line interrupted. It is disabled and kept pending, and the sleep ends.</summary>
    internal bool TakeWakeup(IrqDesc desc)
    {
        if (!desc.IsWakeupArmed) return false;
        desc.IsWakeupArmed = false;
        desc.State |= IrqState.Suspended | IrqState.Pending;
        Disable(desc);
        WakeupIrq ??= desc.Irq;
        return true;
    }
}
