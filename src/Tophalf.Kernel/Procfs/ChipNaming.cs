using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Irq;

namespace Tophalf.Kernel.Procfs;

/// <summary>
/// What a kernel of some release calls a line's controller and the line on it. Since 6.2 every PCI function has an interrupt domain of its own, named after it, with
/// the message's index as number. Before, all messages of the machine were in one domain "PCI-MSI", whose number is domain &lt;&lt; 27 | bus/device/function &lt;&lt; 11 | index
/// (drivers/pci/msi/irqdomain.c, pci_msi_domain_calc_hwirq).
/// </summary>
internal static class ChipNaming
{
    public static (string Chip, long Hwirq) Of(KernelProfile profile, IrqDesc desc)
    {
        if (desc.Chip is not MessageChip { HasOwnDomain: true } chip || profile.HasMsiDomainPerDevice) return (desc.Chip.Name, desc.Hwirq);
        PciAddress address = chip.Address;
        return ("PCI-MSI", (long)address.Domain << 27 | ((long)address.Bus << 8 | (long)address.Device << 3 | address.Function) << 11 | (uint)desc.Hwirq);
    }
}
