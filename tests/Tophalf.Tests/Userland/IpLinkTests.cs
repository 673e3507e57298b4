using Tophalf.Kernel.Networking;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Userland;

/// <summary>ip link set … xdp on the twin: what it takes and refuses, and what becomes of the packets.</summary>
public class IpLinkTests
{
    private readonly TwinMachine _machine = TwinRuns.Machine("""
        machine: {cores: 2}
        devices:
          eth0: {model: ixgbe, queues: 1}
          eth1: {model: e1000e}
        workloads:
          - packets: {to: eth0, rate: 100kpps, size: 64, flows: 4, arrivals: constant, app: none}
          - packets: {to: eth1, rate: 100kpps, size: 64, flows: 4, arrivals: constant, app: none}
        """);

    [Fact]
    public void A_program_stays_until_it_is_taken_off_or_replaced_by_force()
    {
        Assert.Equal("", Run("ip link set dev eth0 xdp obj xdp_drop.o sec xdp"));
        Assert.Equal("Error: XDP program already attached.\n[2]\n", Run("ip link set dev eth0 xdp obj xdp_pass.o"));
        Assert.Equal("Error: Native and generic XDP can't be active at the same time.\n[2]\n", Run("ip link set dev eth0 xdpgeneric obj xdp_pass.o"));
        Assert.Equal("", Run("ip -force link set dev eth0 xdp obj /root/xdp_pass.o"));
        Assert.Equal("", Run("ip link set dev eth0 xdp off"));
        Assert.Equal("", Run("ip link set dev eth0 xdpgeneric obj xdp_pass.o"));
    }

    [Theory]
    [InlineData("ip link set dev eth1 xdpdrv obj xdp_drop.o", "Error: Underlying driver does not support XDP in native mode.\n[2]\n")]
    [InlineData("ip link set dev eth9 xdp off", "Cannot find device \"eth9\"\n[1]\n")]
    [InlineData("ip link set dev eth0 xdp obj mine.o", "mine.o: no such program here; write one of xdp_drop.o, xdp_pass.o, xdp_redirect_cpu.o, xdp_redirect_map.o, xdp_tx.o\n[255]\n")]
    [InlineData("ip link set dev eth0 xdp obj xdp_drop.o sec prog", "xdp_drop.o: its section is \"xdp\"\n[255]\n")]
    [InlineData("ip link set dev eth0 xdp off now", "Error: either \"dev\" is duplicate, or \"now\" is a garbage.\n[255]\n")]
    [InlineData("ip link set dev", "Not enough information: \"dev\" argument is required.\n[255]\n")]
    public void What_cannot_be_done_is_said(string command, string said) => Assert.Equal(said, Run(command));

    [Fact]
    public void Dropped_packets_end_in_the_driver_and_returned_ones_on_the_wire()
    {
        NetDevice device = _machine.NetDevices[0];
        _machine.Run("ip link set dev eth0 xdp obj xdp_drop.o");
        Pass();
        Assert.Equal((0L, device.RxTaken), (device.Delivered, device.XdpDropped));
        _machine.Run("ip -force link set dev eth0 xdp obj xdp_tx.o");
        Pass();
        Assert.InRange(device.TxSent, 990, 1000);
        Assert.Equal(device.TxSent, device.XdpReturned);
        _machine.Run("ip link set dev eth0 xdp off");
        Pass();
        Assert.InRange(device.Delivered, 980, 1000);
        Assert.Contains($"rx_xdp_drop: {device.XdpDropped}", Run("ethtool -S eth0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xdpdrv", 0.75, 0.85)]
    [InlineData("xdpgeneric", 0.35, 0.5)]
    public void A_drop_before_there_is_an_skb_saves_more_than_one_after(string keyword, double least, double most)
    {
        Pass();
        double before = SoftirqPs();
        Pass();
        double stack = SoftirqPs() - before;
        _machine.Run($"ip link set dev eth0 {keyword} obj xdp_drop.o");
        before = SoftirqPs();
        Pass();
        double saved = stack - (SoftirqPs() - before);
        var costs = _machine.Kernel.Costs;
        double perPacket = saved / 1000;
        Assert.InRange(perPacket / (costs.ReceiveInDriver + costs.ReceiveInStack), least, most);
    }

    private double SoftirqPs() => _machine.Kernel.Cpus.Sum(cpu => (double)cpu.Time[Tophalf.Kernel.Scheduling.CpuClass.Softirq]);

    private void Pass()
    {
        _machine.RunUntil(_machine.Events.NowPs + 10 * SimTime.Millisecond);
        Audit.Check(_machine);
    }

    private string Run(string command)
    {
        CommandResult result = _machine.Run(command);
        return result.Output + result.Error + (result.Status == 0 ? "" : $"[{result.Status}]\n");
    }
}
