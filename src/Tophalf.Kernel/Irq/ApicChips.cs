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

/// <summary>The MSI-X entries of one PCI function: since Linux 6.2 each device has a domain of its own, and its name in the chip's (drivers/pci/msi/irqdomain.c).</summary>
/// <param name="function">The function whose table is written.</param>
/// <param name="name">What older kernels and other domains call it; null for the name since 6.2.</param>
public sealed class MsixChip(PciFunction function, string? name = null) : IrqChip
{
    public override string Name { get; } = name ?? $"PCI-MSIX-{function.Address}";

    /// <summary>The name is the one since 6.2, not one somebody gave it.</summary>
    public bool HasOwnDomain { get; } = name is null;

    public PciAddress Address => function.Address;

    public override IrqChipFlags Flags => IrqChipFlags.OneShotSafe | IrqChipFlags.SkipSetWake;

    public override void Mask(IrqDesc desc, long nowPs) => function.Msix.SetMask(desc.Hwirq, masked: true, nowPs);
    public override void Unmask(IrqDesc desc, long nowPs) => function.Msix.SetMask(desc.Hwirq, masked: false, nowPs);
    public override void Program(IrqDesc desc, uint apicId, long nowPs) => function.Msix.Program(desc.Hwirq, MsiMessage.To(apicId, (byte)desc.Vector));
}
