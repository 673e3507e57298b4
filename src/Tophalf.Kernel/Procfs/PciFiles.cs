using System.Globalization;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.PollMode;
using Tophalf.Kernel.Pci;

namespace Tophalf.Kernel.Procfs;

/// <summary>
/// /sys/bus/pci (drivers/pci/pci-sysfs.c), as far as the twin knows its functions: what they are, who has them, their interrupts, and what is on them. There are no links: where Linux has one
/// to a device, this tree has the device's files once more.
/// </summary>
internal sealed class PciFiles(Kernel kernel)
{
    public Directory Tree() => Directory.Of(
        ("devices", new Directory(() => Functions.Select(function => function.Slot), slot => Functions.FirstOrDefault(function => function.Slot == slot)?.Files(kernel))),
        ("drivers", new Directory(
            () => Functions.Select(function => function.Driver).OfType<string>().Distinct(),
            driver => Functions.Any(function => function.Driver == driver)
                ? new Directory(
                    () => Functions.Where(function => function.Driver == driver).Select(function => function.Slot),
                    slot => Functions.FirstOrDefault(function => function.Driver == driver && function.Slot == slot)?.Files(kernel))
                : null)));

    /// <summary>The function of a device, for /sys/class/net/DEVICE/device; null where it has none of its own there, as a virtio device or a veth pair.</summary>
    public Directory? Of(NetDevice device) => device.Model.IsVirtual || device.VirtioName is not null ? null : Function.Of(device).Files(kernel);

    private IEnumerable<Function> Functions => kernel.NetDevices.Where(device => !device.Model.IsVirtual).Select(Function.Of)
        .Concat(kernel.PollModePorts.Select(port => Function.Of(kernel, port)))
        .Concat(kernel.Pci.Storage.Select(Function.Of))
        .Concat(kernel.Pci.Devices.Select(device => new Function(device.Address.ToString(), new PciId(device.Vendor, device.Device, PciId.Other), null, device.Irq, [])));

    /// <summary>One function on the bus.</summary>
    /// <param name="Slot">Its address.</param>
    /// <param name="Id">What it says it is.</param>
    /// <param name="Driver">Who has it; null: nobody.</param>
    /// <param name="Irq">The line of its wire, 0 where the twin knows none.</param>
    /// <param name="Messages">Linux numbers of its MSI-X interrupts.</param>
    private sealed record Function(string Slot, PciId Id, string? Driver, int Irq, IReadOnlyList<int> Messages)
    {
        /// <summary>Directories of what the driver made of it, behind a virtio device or not.</summary>
        public IReadOnlyList<(string, Node)> Below { get; init; } = [];

        public static Function Of(NetDevice device)
        {
            (string, Node)[] net = [("net", Directory.Of((device.Name, Directory.Of())))];
            var function = new Function(device.Controller.Function.Address.ToString(), PciId.Of(device.Model.Name), device.VirtioName is null ? device.Model.Driver : "virtio-pci",
                device.Model.IsOnPin ? device.LineOf(0).Irq : 0, device.Model.IsOnPin ? [] : Numbers(device.Lines));
            return function with
            {
                Below = device.VirtioName is { } virtio ? [(virtio, Directory.Of([.. net, ("uevent", new File(() => $"DRIVER={device.Model.Driver}\n"))]))] : [.. net, .. NetFiles.Sriov(device)],
            };
        }

        public static Function Of(Kernel kernel, PollModePort port)
        {
            string slot = port.Controller.Function.Address.ToString();
            return new Function(slot, PciId.Of(port.Model.Name), "vfio-pci", 0, Numbers(kernel.Irqs.All.Where(line => line.Actions.Any(action => action.Name.EndsWith($"({slot})", StringComparison.Ordinal)))));
        }

        public static Function Of(StorageFunction storage)
        {
            bool isVirtio = storage.Driver == "virtio-pci";
            (string, Node) below = isVirtio
                ? (storage.Controller, Directory.Of(("block", Directory.Of((storage.Disk, Directory.Of()))), ("uevent", new File(() => "DRIVER=virtio_blk\n"))))
                : ("nvme", Directory.Of((storage.Controller, Directory.Of())));
            return new Function(storage.Address.ToString(), storage.Id, storage.Driver, 0, Numbers(storage.Lines)) { Below = [below] };
        }

        private static IReadOnlyList<int> Numbers(IEnumerable<IrqDesc> lines) => [.. lines.Select(line => line.Irq).Order()];

        public Directory Files(Kernel kernel) => Directory.Of(
        [
            ("class", new File(() => $"0x{Id.Class:x6}\n")),
            ("vendor", new File(() => $"0x{Id.Vendor:x4}\n")),
            ("device", new File(() => $"0x{Id.Device:x4}\n")),
            ("irq", new File(() => Irq + "\n")),
            ("numa_node", new File(() => "-1\n")),
            ("local_cpulist", new File(() => kernel.OnlineMask.ToList() + "\n")),
            ("local_cpus", new File(() => kernel.OnlineMask.ToHex(kernel.CpuCount) + "\n")),
            ("uevent", new File(() => $"{(Driver is null ? "" : $"DRIVER={Driver}\n")}PCI_CLASS={Id.Class:X}\nPCI_ID={Id.Vendor:X4}:{Id.Device:X4}\nPCI_SLOT_NAME={Slot}\n")),
            .. Messages.Count == 0 ? Array.Empty<(string, Node)>() : [("msi_irqs", Directory.Of([.. Messages.Select(irq => (irq.ToString(CultureInfo.InvariantCulture), (Node)new File(() => "msix\n")))]))],
            .. Below,
        ]);
    }
}
