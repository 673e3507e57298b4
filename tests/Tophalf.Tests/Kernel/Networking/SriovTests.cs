using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Virtual functions: made and taken by sriov_numvfs, with lines and queues of their own behind the port of their card.</summary>
public class SriovTests
{
    private static string Yaml(string model, string more = "", string tuning = "true") => $$"""
        machine: {cores: 4}
        devices:
          eth0: {model: {{model}}, queues: 2{{more}}}
        workloads:
          - packets: {to: eth0, rate: 100kpps, size: 64, flows: 16, app: none}
        {{(more.Length == 0 ? "" : "  - packets: {to: eth0v0, rate: 200kpps, size: 64, flows: 16, app: {threads: 2, reply: 64} }\n")}}tuning: {{tuning}}
        run: 5ms
        """;

    private const string Numvfs = "/sys/class/net/eth0/device/sriov_numvfs";

    [Fact]
    public void Numvfs_refuses_what_linux_refuses()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("ixgbe"));
        Assert.Equal("63\n0\n", Run(machine, $"cat /sys/class/net/eth0/device/sriov_totalvfs {Numvfs}"));
        Assert.Contains("Numerical result out of range", Run(machine, $"echo 64 > {Numvfs}"), StringComparison.Ordinal);
        Assert.Contains("Invalid argument", Run(machine, $"echo many > {Numvfs}"), StringComparison.Ordinal);
        Assert.Equal("", Run(machine, $"echo 2 > {Numvfs}"));
        Assert.Equal("", Run(machine, $"echo 2 > {Numvfs}"));
        Assert.Contains("Device or resource busy", Run(machine, $"echo 4 > {Numvfs}"), StringComparison.Ordinal);
        Assert.Contains("ixgbe 0000:01:00.0: 2 VFs already enabled. Disable before enabling 4 VFs", Run(machine, "dmesg"), StringComparison.Ordinal);
        Assert.Equal("", Run(machine, $"echo 0 > {Numvfs} && echo 4 > {Numvfs}"));
        Assert.Equal("4\n", Run(machine, $"cat {Numvfs}"));
        Assert.Contains("No such file", Run(TwinRuns.Machine(Yaml("ena")), $"cat {Numvfs}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("igb", "0000:01:10.4", "eth0v1-rx-0", "igbvf")]
    [InlineData("ixgbe", "0000:01:10.2", "eth0v1-TxRx-1", "ixgbevf")]
    [InlineData("i40e", "0000:01:02.1", "iavf-eth0v1-TxRx-3", "iavf")]
    [InlineData("mlx5", "0000:01:00.3", "mlx5_comp3@pci:0000:01:00.3", "mlx5_core")]
    public void Each_function_is_on_the_bus_with_lines_of_its_own_and_is_gone_again(string model, string address, string line, string driver)
    {
        TwinMachine machine = TwinRuns.Machine(Yaml(model));
        string before = Run(machine, "cut -d: -f1 /proc/interrupts");
        Run(machine, $"echo 2 > {Numvfs}");
        Assert.Contains(line, Run(machine, "cat /proc/interrupts"), StringComparison.Ordinal);
        string information = Run(machine, "ethtool -i eth0v1");
        Assert.Contains($"driver: {driver}\n", information, StringComparison.Ordinal);
        Assert.Contains($"bus-info: {address}\n", information, StringComparison.Ordinal);
        Assert.Contains("\n    vf 0     link/ether 52:54:00:13:34:57 brd ff:ff:ff:ff:ff:ff, spoof checking on, link-state auto, trust off\n    vf 1 ", Run(machine, "ip link show eth0"), StringComparison.Ordinal);
        Run(machine, $"echo 0 > {Numvfs}");
        Assert.Equal(before, Run(machine, "cut -d: -f1 /proc/interrupts"));
        Assert.Equal("Device \"eth0v1\" does not exist.\n[1]\n", Run(machine, "ip link show eth0v1"));
    }

    [Fact]
    public void Frames_reach_the_function_whose_address_they_carry_and_none_while_it_is_away()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("ixgbe", ", vfs: 1"), 10 * SimTime.Millisecond);
        Assert.Equal(["eth0", "eth0v0"], machine.NetDevices.Select(device => device.Name));
        NetDevice physical = machine.NetDevices[0], function = machine.NetDevices[1];
        Assert.InRange(physical.RxTaken, 950, 1050);
        Assert.InRange(function.RxTaken, 1900, 2100);
        Assert.InRange(function.TxSent, 1850, 2100);
        Audit.Check(machine);
        Run(machine, $"echo 0 > {Numvfs}");
        machine.RunUntil(15 * SimTime.Millisecond);
        Assert.InRange(physical.Controller.Port.LostTo(FrameLoss.NoFunction), 950, 1050);
        Run(machine, $"echo 1 > {Numvfs}");
        long taken = function.RxTaken;
        machine.RunUntil(20 * SimTime.Millisecond);
        Assert.InRange(function.RxTaken - taken, 900, 1050);
        Audit.Check(machine);
    }

    [Theory]
    [InlineData("ixgbe", "true")]
    [InlineData("mlx5", "sleep 0.001; echo 0 > /sys/class/net/eth0/device/sriov_numvfs; sleep 0.001; echo 1 > /sys/class/net/eth0/device/sriov_numvfs; ethtool -A eth0 tx off")]
    public void A_card_of_several_functions_is_the_same_when_packets_are_events(string model, string tuning)
    {
        string yaml = Yaml(model, ", vfs: 1, pcie: 1Mpps", tuning);
        Assert.Equal(TwinRuns.Text(TwinRuns.Run(yaml)), TwinRuns.Text(TwinRuns.Run(yaml, new RunOptions { Exact = true })));
    }
}
