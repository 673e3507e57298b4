using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Irq;
using Tophalf.Linux;

namespace Tophalf.Kernel.Pci;

/// <summary>Ways to interrupt a driver can do with (include/linux/pci.h).</summary>
[Flags]
public enum PciIrq
{
    /// <summary>PCI_IRQ_INTX, called PCI_IRQ_LEGACY before 6.8.</summary>
    Intx = 1,
    Msi = 2,
}

/// <summary>The machine's PCI functions that drivers look for themselves, and their interrupts (drivers/pci/search.c, msi/api.c).</summary>
public sealed class PciBus(Kernel kernel)
{
    private const uint IntxDisable = 1 << 10;

    private readonly List<PciDev> _devices = [];

    public void Add(PciDev device) => _devices.Add(device);

    public IReadOnlyList<PciDev> Devices => _devices;

    /// <summary>Functions whose drivers are not simulated beyond their interrupts.</summary>
    public List<StorageFunction> Storage { get; } = [];

    /// <summary>pci_get_device: the first function with these identifications.</summary>
    public PciDev? GetDevice(ushort vendor, ushort device) => _devices.Find(found => found.Vendor == vendor && found.Device == device);

    /// <summary>pci_alloc_irq_vectors for one vector: a message if that is wanted and can be had, else the wire. Returns 1, or ENOSPC as a negative number.</summary>
    public int AllocIrqVector(PciDev device, PciIrq wanted)
    {
        ConfigurationSpace configuration = device.Configuration;
        int msi = configuration.OffsetOf(MsiCapability.CapabilityId);
        if ((wanted & PciIrq.Msi) != 0 && msi != 0 && device.Message is null)
        {
            device.Message = kernel.Irqs.AddMessage(new MsiChip(device.Address, configuration), entry: 0);
            SetIntx(configuration, false);
            SetMsi(configuration, msi, true);
            return 1;
        }
        if ((wanted & PciIrq.Intx) == 0) return -(int)Errno.ENOSPC;
        SetIntx(configuration, true);
        return 1;
    }

    /// <summary>pci_irq_vector: the number to request.</summary>
    public static int IrqVector(PciDev device) => device.Message?.Irq ?? device.Irq;

    /// <summary>pci_free_irq_vectors; the last action has been freed before.</summary>
    public void FreeIrqVectors(PciDev device)
    {
        if (device.Message is not { } message) return;
        device.Message = null;
        SetMsi(device.Configuration, device.Configuration.OffsetOf(MsiCapability.CapabilityId), false);
        SetIntx(device.Configuration, true);
        kernel.Irqs.Remove(message);
    }

    /// <summary>readl: the processor waits for the answer.</summary>
    public uint Readl(IRegisterBar bar, int offset)
    {
        kernel.CurrentCpu?.Spend(kernel.Costs.DeviceRead);
        return bar.Read32(offset, kernel.Irqs.NowPs);
    }

    /// <summary>writel: posted.</summary>
    public void Writel(uint value, IRegisterBar bar, int offset)
    {
        kernel.CurrentCpu?.Spend(kernel.Costs.DeviceWrite);
        bar.Write32(offset, value, kernel.Irqs.NowPs);
    }

    /// <summary>pci_intx.</summary>
    private void SetIntx(ConfigurationSpace configuration, bool on)
    {
        uint command = configuration.Read32(ConfigurationSpace.CommandOffset);
        configuration.Write32(ConfigurationSpace.CommandOffset, on ? command & ~IntxDisable : command | IntxDisable, kernel.Events.NowPs);
    }

    private void SetMsi(ConfigurationSpace configuration, int capability, bool on)
    {
        uint control = configuration.Read32(capability);
        configuration.Write32(capability, on ? control | MsiCapability.EnableBit : control & ~MsiCapability.EnableBit, kernel.Events.NowPs);
    }
}
