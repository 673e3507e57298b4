using Tophalf.Kernel.BottomHalves;

namespace Tophalf.Kernel.Irq;

/// <summary>Finding the line of a device that cannot say it (kernel/irq/autoprobe.c): every free line is opened, the device is made to interrupt, and one is found pending.</summary>
public sealed partial class IrqManager
{
    /// <summary>IRQ_TYPE_PROBE, which a chip that sets triggers is told.</summary>
    private const IrqFlags ProbeType = (IrqFlags)0x10;

    private const int LongstandingMs = 20, SpuriousMs = 100, MaskBits = 32;

    /// <summary>
    /// probe_irq_on, which sleeps: opens all free lines that may be probed, and shuts those again that interrupt without being asked to. <paramref name="waiting"/> gets
    /// the mask of the others below 32.
    /// </summary>
    public IEnumerable<Sleep> ProbeIrqOn(Action<uint> waiting)
    {
        foreach (IrqDesc desc in Probed().Reverse())
        {
            desc.Chip.SetType(desc, ProbeType);
            ActivateAndStart(desc);
        }
        // What is under way from long ago shows up now, and may have been masked by its flow.
        yield return Sleep.Msleep(LongstandingMs);
        foreach (IrqDesc desc in Probed().Reverse())
        {
            desc.State |= IrqState.AutoDetect | IrqState.Waiting;
            ActivateAndStart(desc);
        }
        yield return Sleep.Msleep(SpuriousMs);
        uint mask = 0;
        foreach (IrqDesc desc in _descs.Values)
        {
            if ((desc.State & IrqState.AutoDetect) == 0) continue;
            if ((desc.State & IrqState.Waiting) == 0) EndProbe(desc);
            else if (desc.Irq < MaskBits) mask |= 1u << desc.Irq;
        }
        waiting(mask);
    }

    /// <summary>probe_irq_off: the line that interrupted meanwhile; 0 for none, and the negative of the first for several.</summary>
    public int ProbeIrqOff()
    {
        int found = 0, lines = 0;
        foreach (IrqDesc desc in _descs.Values)
        {
            if ((desc.State & IrqState.AutoDetect) == 0) continue;
            if ((desc.State & IrqState.Waiting) == 0 && lines++ == 0) found = desc.Irq;
            EndProbe(desc);
        }
        return lines > 1 ? -found : found;
    }

    private IEnumerable<IrqDesc> Probed() => _descs.Values.Where(desc => desc.Actions.Count == 0 && (desc.Settings & IrqSettings.NoProbe) == 0);

    private void ActivateAndStart(IrqDesc desc)
    {
        if (Activate(desc, NowPs) == Linux.Errno.None) Startup(desc, resend: false);
    }

    private void EndProbe(IrqDesc desc)
    {
        desc.State &= ~IrqState.AutoDetect;
        Shutdown(desc);
        Deactivate(desc);
    }
}
