using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>One function on the PCI bus. What the machine does not show is null.</summary>
/// <param name="Slot">0000:00:04.0.</param>
/// <param name="Driver">The driver bound to it, from uevent; behind virtio-pci, that of the virtio device.</param>
/// <param name="Node">NUMA node; −1 for none.</param>
/// <param name="LocalCpus">CPUs near to it.</param>
/// <param name="MsiIrqs">Linux numbers of its MSI and MSI-X interrupts (msi_irqs/), ascending.</param>
/// <param name="Interfaces">Network interfaces on it, directly or through virtio.</param>
/// <param name="Disks">Disks and NVMe controllers on it, likewise.</param>
public sealed record SysPciDevice(
    string Slot, string? Class, string? Driver, int? Node, CpuMask? LocalCpus, int? Irq, ImmutableArray<int> MsiIrqs, ImmutableArray<string> Interfaces, ImmutableArray<string> Disks)
{
    /// <summary>What a person calls it: its interface, its disk, else its slot.</summary>
    public string Name => Interfaces.Length > 0 ? Interfaces[0] : Disks.Length > 0 ? Disks[0] : Slot;
}

/// <summary>/sys/bus/pci/devices (drivers/pci/pci-sysfs.c, drivers/pci/msi).</summary>
public static class PciDevices
{
    public const string Path = "/sys/bus/pci/devices";

    /// <summary>In the order of their slots; none where the machine has no PCI or hides it.</summary>
    public static ImmutableArray<SysPciDevice> Read(ILinuxMachine machine)
    {
        List<SysPciDevice> devices = [];
        foreach (string slot in OptionalFile.List(machine, Path))
        {
            devices.Add(ReadDevice(machine, slot));
            ReaderLimits.CheckRows(devices.Count, 1);
        }
        return [.. devices];
    }

    private static SysPciDevice ReadDevice(ILinuxMachine machine, string slot)
    {
        string directory = $"{Path}/{slot}";
        List<string> interfaces = [.. OptionalFile.List(machine, $"{directory}/net")], disks = [.. OptionalFile.List(machine, $"{directory}/nvme")];
        string? driver = UeventValue(OptionalFile.Read(machine, $"{directory}/uevent"), "DRIVER=");
        foreach (string name in OptionalFile.List(machine, directory).Where(name => name.StartsWith("virtio", StringComparison.Ordinal)))
        {
            interfaces.AddRange(OptionalFile.List(machine, $"{directory}/{name}/net"));
            disks.AddRange(OptionalFile.List(machine, $"{directory}/{name}/block"));
            driver = UeventValue(OptionalFile.Read(machine, $"{directory}/{name}/uevent"), "DRIVER=") ?? driver;
        }
        string? localCpus = OptionalFile.Read(machine, $"{directory}/local_cpulist");
        CpuMask mask = default;
        bool hasMask = localCpus is not null && CpuMask.ParseList(localCpus, CpuMask.MaxCpus, out mask) == Errno.None;
        return new SysPciDevice(
            slot,
            OptionalFile.Read(machine, $"{directory}/class")?.Trim(),
            driver,
            Number(OptionalFile.Read(machine, $"{directory}/numa_node")),
            hasMask ? mask : null,
            Number(OptionalFile.Read(machine, $"{directory}/irq")),
            [.. OptionalFile.List(machine, $"{directory}/msi_irqs").Select(name => Number(name) ?? -1).Where(irq => irq >= 0).Order()],
            [.. interfaces],
            [.. disks]);
    }

    /// <summary>A line KEY=value of a file uevent, or null.</summary>
    internal static string? UeventValue(string? uevent, string key)
    {
        foreach (TextLine line in new TextLines(uevent ?? ""))
        {
            if (line.Text.StartsWith(key))
                return line.Text[key.Length..].ToString();
        }
        return null;
    }

    private static int? Number(string? text) =>
        int.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;
}
