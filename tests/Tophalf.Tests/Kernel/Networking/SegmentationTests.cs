using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Messages longer than a frame: who cuts them, and what that costs.</summary>
public class SegmentationTests
{
    private static string Yaml(string tuning, string acks = "yes", string model = "mlx5") => $$"""
        machine: {cores: 1}
        devices:
          eth0: {model: {{model}}, link: 10Gb/s, queues: 1}
        workloads:
          - requests: {to: eth0, clients: 1, size: 64, delay: 100us, acks: {{acks}}, app: {threads: 1, work: 0ns, reply: 14550} }
        tuning: {{tuning}}
        run: 10ms
        """;

    /// <summary>Ten segments of 1448 bytes and headers.</summary>
    private static (TwinMachine Machine, NetDevice Device, double SystemPs) Answered(string tuning, string acks = "yes", string model = "mlx5")
    {
        TwinMachine machine = TwinRuns.Machine(Yaml(tuning, acks, model), 10 * SimTime.Millisecond);
        Audit.Check(machine);
        NetDevice device = machine.NetDevices[0];
        return (machine, device, machine.Kernel.Cpus[0].Time[CpuClass.System] / (double)machine.Clients[0].Answers);
    }

    [Fact]
    public void The_card_cuts_for_nothing_the_kernel_for_a_little_and_tcp_for_much()
    {
        var (machine, device, byCard) = Answered("true");
        Assert.Equal(10 * machine.Clients[0].Answers, device.TxSent);
        Assert.Equal(machine.Clients[0].Answers * (14_550 + 9 * NetDevice.TcpFrameBytes), device.TxBytes);
        double byKernel = Answered("ethtool -K eth0 tso off").SystemPs, byTcp = Answered("ethtool -K eth0 tso off gso off").SystemPs;
        KernelCostsOf(machine, out double segment, out double send);
        Assert.InRange(byKernel - byCard, 9 * segment * 0.98, 9 * segment * 1.02);
        Assert.InRange(byTcp - byCard, 9 * send * 0.98, 9 * send * 1.02);
    }

    private static void KernelCostsOf(TwinMachine machine, out double segment, out double send) => (segment, send) = (machine.Kernel.Costs.GsoSegment, machine.Kernel.Costs.UdpSend);

    [Fact]
    public void A_chain_is_one_entry_of_the_ring_and_cut_frames_are_one_each()
    {
        NetDevice chained = Answered("true").Device, cut = Answered("ethtool -K eth0 tso off").Device;
        Assert.Equal(chained.TxSent, 10 * chained.Controller.Vectors[0].Tx.Sent);
        Assert.Equal(cut.TxSent, cut.Controller.Vectors[0].Tx.Sent);
    }

    [Fact]
    public void No_card_cuts_datagrams() => Assert.True(Answered("true", acks: "no").SystemPs > Answered("true").SystemPs + 9 * 100 * SimTime.Nanosecond);

    [Fact]
    public void Amazons_card_cuts_nothing() =>
        Assert.Equal(Answered("true", model: "ena").Device.TxSent, Answered("true", model: "ena").Device.Controller.Vectors[0].Tx.Sent);

    [Fact]
    public void Longer_packets_mean_fewer_frames()
    {
        NetDevice device = Answered("ip link set dev eth0 mtu 9000").Device;
        Assert.Equal(2 * device.TxMessages, device.TxSent);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("sleep 0.002; ethtool -K eth0 tso off; sleep 0.002; ethtool -K eth0 gso off; ethtool -G eth0 tx 64")]
    public void Cut_messages_are_the_same_when_packets_are_events(string tuning)
    {
        string yaml = Yaml(tuning).Replace("clients: 1,", "clients: 20,", StringComparison.Ordinal);
        Assert.Equal(TwinRuns.Text(TwinRuns.Run(yaml)), TwinRuns.Text(TwinRuns.Run(yaml, new RunOptions { Exact = true })));
    }
}
