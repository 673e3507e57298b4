using Tophalf.Kernel.Networking;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Pause frames: a card whose packet buffer fills stops its sender, so that frames come late instead of being lost.</summary>
public class FlowControlTests
{
    private static string Yaml(string tuning, string model = "mlx5", string rate = "20Mpps") => $$"""
        machine: {cores: 4}
        devices:
          eth0: {model: {{model}}, link: 100Gb/s, queues: 4, ring: 1024, pcie: 10Mpps}
        workloads:
          - packets: {to: eth0, rate: {{rate}}, size: 64, flows: 256, app: none}
        tuning: |
          ip link set dev eth0 xdp obj xdp_drop.o
          {{tuning}}
        run: 5ms
        """;

    [Fact]
    public void With_pause_frames_the_sender_waits_and_nothing_is_discarded()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("ethtool -A eth0 tx on"), 5 * SimTime.Millisecond);
        var port = machine.NetDevices[0].Controller.Port;
        Assert.Equal(0, port.Discarded);
        Assert.InRange(machine.NetDevices[0].RxTaken, 49_600, 50_001);
        Assert.True(port.XoffSent > 1000);
        Assert.InRange(port.XoffSent - port.XonSent, 0, 1);
        Assert.Contains($"tx_pause_ctrl_phy: {port.XoffSent + port.XonSent}\n", Run(machine, "ethtool -S eth0"), StringComparison.Ordinal);
        Audit.Check(machine);
    }

    [Fact]
    public void Without_them_as_much_comes_through_and_the_rest_is_lost()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("ethtool -A eth0 tx off"), 5 * SimTime.Millisecond);
        Assert.InRange(machine.NetDevices[0].RxTaken, 49_600, 50_001);
        Assert.InRange(machine.NetDevices[0].Controller.Port.Discarded, 45_000, 46_000);
        Assert.Equal(0, machine.NetDevices[0].Controller.Port.XoffSent);
    }

    /// <summary>What was read of the wire beyond the moment of the change is read again.</summary>
    [Theory]
    [InlineData("ethtool -A eth0 tx off; sleep 0.002; ethtool -A eth0 tx on; sleep 0.001; ethtool -A eth0 tx off")]
    [InlineData("ethtool -A eth0 tx off; sleep 0.001; ethtool -X eth0 equal 2; ethtool -A eth0 tx on")]
    public void A_change_takes_effect_at_its_moment_whether_packets_are_events_or_not(string tuning)
    {
        string yaml = Yaml(tuning, rate: "12Mpps").Replace("xdp_drop.o", "xdp_tx.o", StringComparison.Ordinal);
        Assert.Equal(TwinRuns.Text(TwinRuns.Run(yaml)), TwinRuns.Text(TwinRuns.Run(yaml, new RunOptions { Exact = true })));
    }

    [Fact]
    public void Switched_off_in_the_middle_frames_are_lost_from_then_on()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("ethtool -A eth0 tx on"), 5 * SimTime.Millisecond);
        Run(machine, "ethtool -A eth0 tx off");
        long sent = machine.NetDevices[0].Controller.Port.XoffSent;
        machine.RunUntil(6 * SimTime.Millisecond);
        Assert.Equal(sent, machine.NetDevices[0].Controller.Port.XoffSent);
        Assert.True(machine.NetDevices[0].Controller.Port.Discarded > 0);
        Audit.Check(machine);
    }

    [Theory]
    [InlineData("ixgbe", "ethtool -A eth0 autoneg on", "netlink error: Invalid argument\n[1]\n")]
    [InlineData("mlx5", "ethtool -A eth0 autoneg on", "netlink error: Invalid argument\n[1]\n")]
    [InlineData("ice", "ethtool -A eth0 autoneg off", "netlink error: Operation not supported\n[1]\n")]
    [InlineData("i40e", "ethtool -A eth0 rx on tx on && ethtool -a eth0", "Pause parameters for eth0:\nAutonegotiate:\toff\nRX:\t\ton\nTX:\t\ton\n\n")]
    [InlineData("igb", "ethtool -A eth0 rx off && ethtool -a eth0", "Pause parameters for eth0:\nAutonegotiate:\ton\nRX:\t\ton\nTX:\t\ton\n\n")]
    [InlineData("virtio-net", "ethtool -a eth0", "netlink error: Operation not supported\n[1]\n")]
    public void Each_driver_takes_and_refuses_what_it_does_on_a_real_machine(string model, string command, string said) =>
        Assert.Equal(said, Run(TwinRuns.Machine(Yaml("true", model)), command));
}
