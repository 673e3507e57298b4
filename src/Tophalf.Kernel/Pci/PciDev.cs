using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Irq;

namespace Tophalf.Kernel.Pci;

/// <summary>A PCI function a driver can find (struct pci_dev).</summary>
/// <param name="Vendor">Vendor identification.</param>
/// <param name="Device">Device identification.</param>
/// <param name="Address">Where it sits.</param>
/// <param name="Configuration">Its configuration space.</param>
/// <param name="Bar0">The registers behind its first base address.</param>
/// <param name="Irq">The line its INTA pin is routed to.</param>
public sealed record PciDev(ushort Vendor, ushort Device, PciAddress Address, ConfigurationSpace Configuration, IRegisterBar Bar0, int Irq)
{
    /// <summary>Its message, while it signals by MSI.</summary>
    internal IrqDesc? Message { get; set; }
}
