using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Frames with a tag: who filters, strips, counts and answers them.</summary>
public class VlanTests
{
    private const string AddUp = "ip link add link eth0 name eth0.5 type vlan id 5; ip link set eth0.5 up";

    private static TwinMachine Machine(string model, string tuning, string load = "app: {threads: 2, reply: 64}") => TwinRuns.Machine($$"""
        machine: {cores: 2}
        devices:
          eth0: {model: {{model}}, link: 10Gb/s, queues: {{(model == "e1000" ? 1 : 2)}}}
        workloads:
          - packets: {to: eth0, rate: 100kpps, size: 64, flows: 16, vlan: 5, arrivals: constant, {{load}} }
        tuning: {{tuning}}
        """, 10 * SimTime.Millisecond);

    [Theory]
    [InlineData("igb")]
    [InlineData("ixgbe")]
    [InlineData("virtio-net")]
    public void A_card_with_a_filter_lets_frames_of_a_vlan_in_once_it_has_a_device(string model)
    {
        TwinMachine machine = Machine(model, "true");
        NetDevice device = machine.NetDevices[0];
        Assert.Equal(0, device.RxTaken);
        Assert.InRange(device.Controller.Port.LostTo(FrameLoss.UnknownVlan), 990, 1000);
        Run(machine, AddUp);
        machine.RunUntil(machine.Events.NowPs + 10 * SimTime.Millisecond);
        Assert.InRange(device.ReceivedByTasks, 990, 1001);
        Assert.Equal($"{device.Delivered}\n", Run(machine, "cat /sys/class/net/eth0.5/statistics/rx_packets"));
        Run(machine, "ip link delete eth0.5");
        long before = device.RxTaken;
        machine.RunUntil(machine.Events.NowPs + 10 * SimTime.Millisecond);
        Assert.InRange(device.RxTaken, before, before + 16); // what stood in the rings
        Audit.Check(machine);
    }

    [Theory]
    [InlineData("ixgbe", "ethtool -K eth0 rx-vlan-filter off")]
    [InlineData("ena", "true")]
    public void Without_a_filter_ip_drops_frames_of_an_unknown_vlan_as_another_hosts(string model, string tuning)
    {
        TwinMachine machine = Machine(model, tuning);
        NetDevice device = machine.NetDevices[0];
        Assert.InRange(device.RxTaken, 980, 1000);
        Assert.Equal(0, device.ReceivedByTasks);
        Assert.InRange(device.OtherHostDropped, device.RxTaken - 2, device.RxTaken);
        Assert.Contains($" {device.OtherHostDropped} \n", Run(machine, "ip -s -s link show eth0"), StringComparison.Ordinal);
        Audit.Check(machine);
    }

    [Fact]
    public void A_vlan_device_that_is_down_drops_what_it_gets_and_nobody_counts_it()
    {
        TwinMachine machine = Machine("igb", "ip link add link eth0 name eth0.5 type vlan id 5");
        NetDevice device = machine.NetDevices[0];
        Assert.InRange(device.VlanDownDropped, 980, 1000);
        Assert.Equal("0\n0\n", Run(machine, "cat /sys/class/net/eth0.5/statistics/rx_packets /sys/class/net/eth0/statistics/rx_dropped"));
        Audit.Check(machine);
    }

    [Fact]
    public void A_tag_is_four_bytes_on_the_wire_both_ways_and_none_to_the_vlan_device()
    {
        TwinMachine machine = Machine("ixgbe", AddUp);
        NetDevice device = machine.NetDevices[0];
        Assert.Equal(68 * device.RxTaken, device.RxBytes);
        Assert.Equal(68 * device.TxSent, device.TxBytes);
        long received = device.Delivered, sent = device.TxSent;
        Assert.Equal($"{46 * received}\n{60 * sent}\n{sent}\n", Run(machine, "cd /sys/class/net/eth0.5/statistics; cat rx_bytes tx_bytes tx_packets"));
    }

    [Fact]
    public void A_longest_frame_may_be_four_bytes_longer_with_its_tag()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 1}
            devices:
              eth0: {model: ixgbe, link: 10Gb/s, queues: 1}
            workloads:
              - packets: {to: eth0, rate: 10kpps, size: 1518, flows: 4, vlan: 5, arrivals: constant, app: none}
              - packets: {to: eth0, rate: 10kpps, size: 1522, flows: 4, arrivals: constant, app: none}
            tuning: ip link add link eth0 name eth0.5 type vlan id 5; ip link set eth0.5 up
            """, 10 * SimTime.Millisecond);
        Assert.InRange(machine.NetDevices[0].RxTaken, 98, 100);
        Assert.InRange(machine.NetDevices[0].RxTooLong, 98, 100);
    }

    [Fact]
    public void The_hash_sees_what_stands_behind_the_tag()
    {
        NetDevice device = Machine("ixgbe", AddUp).NetDevices[0];
        FlowKey tagged = device.Controller.Port.Flows[0];
        int plain = device.Controller.AddFlows([tagged with { Vlan = 0 }]);
        Assert.Equal(device.Controller.HashOf(0), device.Controller.HashOf(plain));
        Assert.Equal(device.Controller.QueueOf(0), device.Controller.QueueOf(plain));
    }

    [Fact]
    public void Tags_that_the_kernel_has_to_take_out_and_put_in_cost_time()
    {
        static long Softirq(string tuning) => Machine("ixgbe", $"{AddUp}; {tuning}").Kernel.Cpus.Sum(cpu => cpu.Time[Tophalf.Kernel.Scheduling.CpuClass.Softirq]);
        long offloaded = Softirq("true"), software = Softirq("ethtool -K eth0 rxvlan off");
        // vlan_untag is 35 ns.
        Assert.InRange(software - offloaded, 900 * 35 * SimTime.Nanosecond, 1100 * 35 * SimTime.Nanosecond);
    }

    [Fact]
    public void A_program_of_the_driver_sends_frames_back_without_the_tag_that_the_card_took_out()
    {
        const string xdp = "ip link set dev eth0 xdp obj xdp_tx.o";
        NetDevice stripped = Machine("ixgbe", $"{AddUp}; {xdp}").NetDevices[0];
        Assert.Equal(64 * stripped.TxSent, stripped.TxBytes);
        NetDevice whole = Machine("ixgbe", $"{AddUp}; ethtool -K eth0 rxvlan off; {xdp}").NetDevices[0];
        Assert.Equal(68 * whole.TxSent, whole.TxBytes);
    }

    [Fact]
    public void Clients_and_streams_in_a_vlan_are_answered_in_it()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 2}
            devices:
              eth0: {model: mlx5, link: 10Gb/s, queues: 2}
            workloads:
              - requests: {to: eth0, clients: 4, vlan: 7, delay: 20us, acks: yes, app: {threads: 2, reply: 4000} }
              - streams: {to: eth0, count: 2, vlan: 7, train: 8}
            tuning: ip link add link eth0 name storage type vlan id 7; ip link set storage up
            """, 5 * SimTime.Millisecond);
        Assert.InRange(machine.Clients[0].Answers, 100, 2000);
        Assert.True(machine.Streams[0].Acks > 10);
        Audit.Check(machine);
    }

    [Fact]
    public void Igb_inserts_tags_where_it_strips_them_and_not_elsewhere()
    {
        TwinMachine machine = Machine("igb", "true");
        Assert.Equal("Actual changes:\ntx-vlan-hw-insert: off [not requested]\nrx-vlan-hw-parse: off\n", Run(machine, "ethtool -K eth0 rxvlan off"));
        Assert.Equal("Actual changes:\ntx-vlan-hw-insert: off [requested on]\nCould not change any device features\n[1]\n", Run(machine, "ethtool -K eth0 txvlan on"));
    }
}
