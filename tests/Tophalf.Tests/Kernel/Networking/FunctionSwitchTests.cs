using Tophalf.Kernel.Networking;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Functions of one card that send to each other, and what a function may send at most.</summary>
public class FunctionSwitchTests
{
    private static string Yaml(string tuning, string model = "ixgbe", string more = "") => $$"""
        machine: {cores: 4}
        devices:
          eth0: {model: {{model}}, link: 10Gb/s, vfs: 3}
        workloads:
          - sends: {from: eth0v0, to: eth0v1, cpus: "1", size: 1518, app: {threads: 1, cpus: "2"} }
          {{more}}
        tuning: {{tuning}}
        run: 4ms
        """;

    [Fact]
    public void A_frame_for_another_function_does_not_go_out()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("true"), 4 * SimTime.Millisecond);
        NetDevice sender = machine.NetDevices[1], receiver = machine.NetDevices[2];
        Assert.True(sender.TxSent > 1000);
        Assert.InRange(sender.TxSent - receiver.RxTaken, 0, 1024); // its ring holds that many
        Assert.Equal(0, machine.NetDevices[0].Controller.TransmitLink.FreePs);
        Assert.Equal(1518 * receiver.RxTaken, receiver.RxBytes);
        Audit.Check(machine);
    }

    [Fact]
    public void A_limit_holds_for_its_function_alone()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("ip link set dev eth0 vf 0 max_tx_rate 1000", more: "- sends: {from: eth0v2, to: eth0v1, cpus: \"3\", size: 1518, app: none}"), 4 * SimTime.Millisecond);
        // 1538 bytes on the wire each.
        Assert.InRange(machine.NetDevices[1].Controller.Vectors.Sum(vector => vector.Tx.Cleaned), 4e-3 * 1e9 / (1538 * 8) - 70, 4e-3 * 1e9 / (1538 * 8) + 1);
        Assert.True(machine.NetDevices[3].TxSent > 1000);
        Assert.Contains("vf 0     link/ether 52:54:00:13:34:57 brd ff:ff:ff:ff:ff:ff, tx rate 1000 (Mbps), max_tx_rate 1000Mbps, spoof checking on", Run(machine, "ip link show eth0"), StringComparison.Ordinal);
        Audit.Check(machine);
        Assert.DoesNotContain("max_tx_rate", Run(machine, "ip link set eth0 vf 0 rate 0; ip link show eth0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ixgbe", "vf 3 max_tx_rate 100", "RTNETLINK answers: Invalid argument\n[2]\n")]
    [InlineData("ixgbe", "vf 0 max_tx_rate 10", "RTNETLINK answers: Invalid argument\n[2]\n")]
    [InlineData("ixgbe", "vf 0 max_tx_rate 10001", "RTNETLINK answers: Invalid argument\n[2]\n")]
    [InlineData("ixgbe", "vf 0 max_tx_rate 11", "")]
    [InlineData("igb", "vf 0 max_tx_rate 100", "RTNETLINK answers: Operation not supported\n[2]\n")]
    [InlineData("i40e", "vf 0 max_tx_rate 20", "")]
    public void Drivers_take_what_they_can_limit(string model, string limit, string said) =>
        Assert.Equal(said, Run(TwinRuns.Machine(Yaml("true", model)), $"ip link set dev eth0 {limit}"));

    [Theory]
    [InlineData("ip link set dev eth0 vf 0 max_tx_rate 2000; sleep 0.001; ip link set dev eth0 vf 0 max_tx_rate 0")]
    [InlineData("sleep 0.001; echo 0 > /sys/class/net/eth0/device/sriov_numvfs; echo 2 > /sys/class/net/eth0/device/sriov_numvfs")]
    public void It_is_the_same_when_each_packet_is_an_event(string tuning) =>
        Assert.Equal(Text(TwinRuns.Run(Yaml(tuning))), Text(TwinRuns.Run(Yaml(tuning), new RunOptions { Exact = true })));
}
