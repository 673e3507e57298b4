using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Pci;

namespace Tophalf.Kernel.Irq;

/// <summary>A pin of an I/O APIC (arch/x86/kernel/apic/io_apic.c). Polarity is active high: devices of the twin say active or not.</summary>
public sealed class IoApicChip(IoApic ioApic) : IrqChip
{
    public override string Name => "IO-APIC";
    public override IrqChipFlags Flags => IrqChipFlags.SkipSetWake;

    public override bool IsSettled(IrqDesc desc) => !ioApic[desc.Hwirq].RemoteIrr;

    public override void Mask(IrqDesc desc, long nowPs) => ioApic.WriteEntry(desc.Hwirq, ioApic[desc.Hwirq].Raw | 1 << 16, nowPs);
    public override void Unmask(IrqDesc desc, long nowPs) => ioApic.WriteEntry(desc.Hwirq, ioApic[desc.Hwirq].Raw & ~(1ul << 16), nowPs);

    public override void Program(IrqDesc desc, uint apicId, long nowPs) => ioApic.WriteEntry(
        desc.Hwirq, RedirectionEntry.Create((byte)desc.Vector, (byte)apicId, desc.IsLevel, activeLow: false, desc.IsMasked).Raw, nowPs);

    /// <summary>Version 0x20 has an EOI register for this.</summary>
    public override void EoiPin(IrqDesc desc, long nowPs) => ioApic.Write(IoApic.EoiOffset, (byte)desc.Vector, nowPs);
}

/// <summary>The messages of one PCI function: since Linux 6.2 each device has a domain of its own, and its name in the chip's (drivers/pci/msi/irqdomain.c).</summary>
/// <param name="address">The function's.</param>
/// <param name="name">The chip's name since 6.2, or one that somebody gave it.</param>
/// <param name="hasOwnDomain">The name is the one since 6.2.</param>
public abstract class MessageChip(PciAddress address, string name, bool hasOwnDomain) : IrqChip
{
    public override string Name => name;
    public bool HasOwnDomain => hasOwnDomain;
    public PciAddress Address => address;
    public override IrqChipFlags Flags => IrqChipFlags.OneShotSafe | IrqChipFlags.SkipSetWake;
}

/// <summary>The entries of an MSI-X table.</summary>
/// <param name="function">The function whose table is written.</param>
/// <param name="name">What older kernels and other domains call it; null for the name since 6.2.</param>
public sealed class MsixChip(PciFunction function, string? name = null) : MessageChip(function.Address, name ?? $"PCI-MSIX-{function.Address}", name is null)
{
    public override void Mask(IrqDesc desc, long nowPs) => function.Msix.SetMask(desc.Hwirq, masked: true, nowPs);
    public override void Unmask(IrqDesc desc, long nowPs) => function.Msix.SetMask(desc.Hwirq, masked: false, nowPs);
    public override void Program(IrqDesc desc, uint apicId, long nowPs) => function.Msix.Program(desc.Hwirq, MsiMessage.To(apicId, (byte)desc.Vector));
}

/// <summary>The one message of an MSI capability without mask bits: it is masked by nobody but the kernel's own bookkeeping.</summary>
/// <param name="address">The function's.</param>
/// <param name="configuration">Its configuration space.</param>
public sealed class MsiChip(PciAddress address, ConfigurationSpace configuration) : MessageChip(address, $"PCI-MSI-{address}", hasOwnDomain: true)
{
    private readonly int _capability = configuration.OffsetOf(MsiCapability.CapabilityId);

    public override void Mask(IrqDesc desc, long nowPs)
    {
    }

    public override void Unmask(IrqDesc desc, long nowPs)
    {
    }

    /// <summary>pci_write_msg_msi, of a capability with 64-bit addresses.</summary>
    public override void Program(IrqDesc desc, uint apicId, long nowPs)
    {
        MsiMessage message = MsiMessage.To(apicId, (byte)desc.Vector);
        configuration.Write32(_capability + MsiCapability.AddressOffset, (uint)message.Address, nowPs);
        configuration.Write32(_capability + MsiCapability.UpperAddressOffset, (uint)(message.Address >> 32), nowPs);
        configuration.Write32(_capability + MsiCapability.Data64Offset, message.Data, nowPs);
    }
}
