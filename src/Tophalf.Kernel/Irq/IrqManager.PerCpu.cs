using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>Lines that every processor has for itself, with a device instance each (kernel/irq/manage.c, request_percpu_irq).</summary>
public sealed partial class IrqManager
{
    /// <summary>
    /// __request_percpu_irq. The line is enabled on each processor by itself. EINVAL without device ids, for a line that is not set up for it,
    /// and for any flag but <see cref="IrqFlags.Timer"/>; EBUSY when it is taken.
    /// </summary>
    /// <param name="irq">The line.</param>
    /// <param name="handler">Called with the device id of the processor it runs on.</param>
    /// <param name="flags">None, or Timer.</param>
    /// <param name="name">As /proc/interrupts prints it.</param>
    /// <param name="perCpuDevId">One device id for each processor the machine can have.</param>
    public int RequestPerCpuIrq(int irq, IrqHandler handler, IrqFlags flags, string name, IReadOnlyList<object>? perCpuDevId)
    {
        if (perCpuDevId is null || perCpuDevId.Count < _kernel.CpuCount) return -(int)Errno.EINVAL;
        if (Find(irq) is not { } desc || (desc.Settings & IrqSettings.NoRequest) != 0 || (desc.Settings & IrqSettings.PerCpuDevid) == 0) return -(int)Errno.EINVAL;
        if (flags is not (IrqFlags.None or IrqFlags.Timer)) return -(int)Errno.EINVAL;
        var action = new IrqAction
        {
            Handler = handler,
            Flags = flags | IrqFlags.PerCpu | IrqFlags.NoSuspend,
            Name = name,
            DevId = perCpuDevId,
            PerCpuDevId = perCpuDevId,
        };
        return -(int)Setup(desc, action);
    }

    /// <summary>enable_percpu_irq, on <paramref name="cpu"/>.</summary>
    public void EnablePerCpuIrq(int irq, Cpu cpu)
    {
        if (Find(irq) is not { EnabledOn: { } enabledOn } desc) return;
        enabledOn[cpu.Id] = true;
        desc.Chip.Unmask(desc, NowPs);
    }

    /// <summary>disable_percpu_irq, on <paramref name="cpu"/>.</summary>
    public void DisablePerCpuIrq(int irq, Cpu cpu)
    {
        if (Find(irq) is not { EnabledOn: { } enabledOn } desc) return;
        enabledOn[cpu.Id] = false;
        desc.Chip.Mask(desc, NowPs);
    }

    /// <summary>irq_percpu_is_enabled, on <paramref name="cpu"/>.</summary>
    public bool IsPerCpuIrqEnabled(int irq, Cpu cpu) => Find(irq)?.EnabledOn is { } enabledOn && enabledOn[cpu.Id];

    /// <summary>free_percpu_irq. False, with the kernel's warning, when nothing is registered or a processor has the line still enabled.</summary>
    public bool FreePerCpuIrq(int irq, object perCpuDevId)
    {
        if (Find(irq) is not { EnabledOn: { } enabledOn } desc) return false;
        if (_kernel.CurrentCpu is { InInterrupt: true }) _kernel.Log(NowPs, $"Trying to free IRQ {irq} from IRQ context!");
        if (desc.Actions.Find(action => ReferenceEquals(action.DevId, perCpuDevId)) is not { } found) return Missing(irq);
        int still = Array.IndexOf(enabledOn, true);
        if (still >= 0)
        {
            _kernel.Log(NowPs, $"percpu IRQ {irq} still enabled on CPU{still}!");
            return false;
        }
        desc.Actions.Remove(found);
        desc.ChainChanged();
        return true;
    }
}
