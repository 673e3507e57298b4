using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Irq;

namespace Tophalf.Kernel.Pci;

/// <summary>The PCI function of a storage device.</summary>
/// <param name="Address">Where it sits.</param>
/// <param name="Id">What it says it is.</param>
/// <param name="Driver">Who has it; virtio-pci of a virtio device.</param>
/// <param name="Lines">Its interrupts.</param>
/// <param name="Controller">nvme0, or virtio0 with the disk below it.</param>
/// <param name="Disk">As in /sys/block.</param>
public sealed record StorageFunction(PciAddress Address, PciId Id, string Driver, IReadOnlyList<IrqDesc> Lines, string Controller, string Disk);
