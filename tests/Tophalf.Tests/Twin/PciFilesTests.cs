using Tophalf.Linux;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Twin;

/// <summary>/sys/bus/pci of a twin, as a person and as our own reader see it.</summary>
public class PciFilesTests
{
    private static TwinMachine Machine() => TwinRuns.Machine("""
        machine: {cores: 4}
        devices:
          eth0: {model: ixgbe, queues: 2, bus: "0000:03:00.0", vfs: 1}
          eth1: {model: virtio-net, queues: 1}
          disk: {model: nvme, queues: 2}
        """);

    [Fact]
    public void The_reader_finds_devices_drivers_interrupts_and_what_is_on_them()
    {
        TwinMachine machine = Machine();
        SysPciDevice[] devices = [.. PciDevices.Read(machine)];
        Assert.Contains("virtio0", machine.List("/sys/bus/pci/devices/0000:01:00.0"));
        SysPciDevice card = devices.Single(device => device.Slot == "0000:03:00.0");
        Assert.Equal(("ixgbe", "0x020000", "eth0", 3), (card.Driver, card.Class, card.Name, card.MsiIrqs.Length));
        Assert.Equal(("ixgbevf", "eth0v0"), devices.Where(device => device.Slot == "0000:03:10.0").Select(device => (device.Driver, device.Name)).Single());
        Assert.Equal(("virtio_net", "eth1"), devices.Where(device => device.Interfaces.Contains("eth1")).Select(device => (device.Driver, device.Name)).Single());
        Assert.Equal(("nvme", "nvme0", 3), devices.Where(device => device.Disks.Length > 0).Select(device => (device.Driver, device.Name, device.MsiIrqs.Length)).Single());
    }

    [Fact]
    public void A_person_finds_a_card_by_its_class_and_its_numbers()
    {
        TwinMachine machine = Machine();
        Assert.Equal("0x8086\n0x10fb\n", Run(machine, "cd /sys/bus/pci/devices/0000:03:00.0; cat vendor device"));
        Assert.Equal("0000:03:00.0\n", Run(machine, "ls /sys/bus/pci/drivers/ixgbe"));
        Assert.Equal(Run(machine, "ls /sys/class/net/eth0/device/msi_irqs"), Run(machine, "ls /sys/bus/pci/devices/0000:03:00.0/msi_irqs"));
        Run(machine, "echo 0 > /sys/bus/pci/devices/0000:03:00.0/sriov_numvfs");
        Assert.DoesNotContain("0000:03:10.0", Run(machine, "ls /sys/bus/pci/devices"), StringComparison.Ordinal);
    }
}
