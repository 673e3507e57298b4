using Tophalf.Hardware.Devices;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;

namespace Tophalf.Tests.Userland.Ethtool;

/// <summary>ethtool -k, -K, -n and -N on the twin: what is printed, what is refused, and what it does to packets.</summary>
public class FeatureAndFlowTests
{
    private readonly TwinMachine _machine = TwinRuns.Machine("""
        machine: {cores: 4}
        devices:
          eth0: {model: mlx5, queues: 4, rx-usecs: 0, rx-frames: 0}
          eth1: {model: virtio-net, queues: 1}
          eth2: {model: ixgbe, queues: 4}
        workloads:
          - packets: {to: eth0, rate: 100kpps, size: 64, flows: 64, arrivals: constant, app: none}
        """);

    private string Run(string command)
    {
        var result = _machine.Run(command);
        return result.Output + result.Error + (result.Status == 0 ? "" : $"[{result.Status}]\n");
    }

    [Fact]
    public void Features_are_listed_under_their_old_names_and_in_their_groups()
    {
        string[] lines = Run("ethtool -k eth0").Split('\n');
        Assert.Equal("""
            Features for eth0:
            rx-checksumming: on
            tx-checksumming: on
            	tx-checksum-ipv4: off [fixed]
            	tx-checksum-ip-generic: on
            	tx-checksum-ipv6: off [fixed]
            	tx-checksum-fcoe-crc: off [fixed]
            	tx-checksum-sctp: off [fixed]
            scatter-gather: on
            	tx-scatter-gather: on
            	tx-scatter-gather-fraglist: off [fixed]
            tcp-segmentation-offload: on
            	tx-tcp-segmentation: on
            	tx-tcp-ecn-segmentation: off [fixed]
            	tx-tcp-mangleid-segmentation: off
            	tx-tcp6-segmentation: on
            generic-segmentation-offload: on
            generic-receive-offload: on
            large-receive-offload: off
            """, string.Join('\n', lines.Take(19)));
        Assert.Contains("highdma: on [fixed]", lines);
    }

    [Fact]
    public void A_feature_that_is_fixed_is_named_with_what_was_asked()
    {
        Assert.Equal("Actual changes:\nrx-lro: off [requested on]\nCould not change any device features\n[1]\n", Run("ethtool -K eth1 lro on"));
        Assert.Equal("", Run("ethtool -K eth0 gro off lro on tso off"));
        Assert.Equal("generic-receive-offload: off\n", Run("ethtool -k eth0 | grep generic-receive"));
        Assert.Equal("tcp-segmentation-offload: off\n", Run("ethtool -k eth0 | grep tcp-segmentation-offload"));
        Assert.StartsWith("ethtool: bad command line argument(s)", Run("ethtool -K eth0 gro maybe"));
    }

    [Fact]
    public void Packets_cost_less_where_nobody_tries_to_merge_them()
    {
        long Softirq()
        {
            long before = _machine.Kernel.Cpus.Sum(cpu => cpu.Time[Tophalf.Kernel.Scheduling.CpuClass.Softirq]);
            _machine.RunUntil(_machine.Events.NowPs + 100 * SimTime.Millisecond);
            return _machine.Kernel.Cpus.Sum(cpu => cpu.Time[Tophalf.Kernel.Scheduling.CpuClass.Softirq]) - before;
        }
        long on = Softirq();
        Run("ethtool -K eth0 gro off");
        Assert.InRange(on - Softirq(), 10_000 * 30 * SimTime.Nanosecond, 10_000 * 40 * SimTime.Nanosecond);
    }

    [Fact]
    public void A_steering_rule_sends_its_flows_past_the_indirection_table()
    {
        Assert.Equal("Added rule with ID 1023\n", Run("ethtool -N eth0 flow-type udp4 action 3"));
        Assert.Equal("""
            4 RX rings available
            Total 1 rules

            Filter: 1023
            	Rule Type: UDP over IPv4
            	Src IP addr: 0.0.0.0 mask: 255.255.255.255
            	Dest IP addr: 0.0.0.0 mask: 255.255.255.255
            	TOS: 0x0 mask: 0xff
            	Src port: 0 mask: 0xffff
            	Dest port: 0 mask: 0xffff
            	Action: Direct to queue 3


            """, Run("ethtool -n eth0"));
        _machine.RunUntil(100 * SimTime.Millisecond);
        QueueVector[] vectors = _machine.NetDevices[0].Controller.Vectors;
        Assert.Equal([0, 0, 0], vectors.Take(3).Select(vector => vector.Rx.Arrived));
        Assert.InRange(vectors[3].Rx.Arrived, 9000, 11_000);
        Assert.Equal("", Run("ethtool -N eth0 delete 1023"));
        Assert.Equal("rmgr: Cannot delete RX class rule: No such file or directory\nCannot delete classification rule\n[1]\n", Run("ethtool -N eth0 delete 1023"));
    }

    [Fact]
    public void A_rule_can_drop_and_the_first_that_matches_wins()
    {
        Run("ethtool -N eth0 flow-type udp4 action -1 loc 5; ethtool -N eth0 flow-type udp4 action 1 loc 4");
        Assert.Equal(1, _machine.NetDevices[0].Controller.QueueOf(0));
        Run("ethtool -N eth0 delete 4");
        _machine.RunUntil(100 * SimTime.Millisecond);
        Assert.InRange(_machine.NetDevices[0].Controller.Port.LostTo(FrameLoss.ByRule), 9000, 11_000);
        Assert.Equal(0, _machine.NetDevices[0].RxTaken);
    }

    [Fact]
    public void A_missing_layer_is_refused_where_linux_refuses_it()
    {
        const string refused = "rmgr: Cannot insert RX class rule: Operation not supported\nCannot insert classification rule\n[1]\n";
        Assert.Equal(refused, Run("ethtool -N eth1 flow-type tcp4 dst-port 80 action 0"));
        // An 82599 can, once its driver has been told to.
        Assert.Equal(refused, Run("ethtool -N eth2 flow-type tcp4 dst-port 80 action 0"));
        Assert.Equal("Added rule with ID 2045\n", Run("ethtool -K eth2 ntuple on && ethtool -N eth2 flow-type tcp4 dst-port 80 action 0"));
        Assert.Equal(refused.Replace("Operation not supported", "Invalid argument", StringComparison.Ordinal), Run("ethtool -N eth2 flow-type tcp4 dst-port 80 action 9"));
        Assert.Equal("1 RX rings available\nrxclass: Cannot get RX class rule count: Operation not supported\nRX classification rule retrieval failed\n[1]\n", Run("ethtool -n eth1"));
    }

    [Fact]
    public void The_hash_covers_ports_or_addresses_alone()
    {
        Assert.Equal("""
            UDP over IPV4 flows use these fields for computing Hash flow key:
            IP SA
            IP DA
            L4 bytes 0 & 1 [TCP/UDP src port]
            L4 bytes 2 & 3 [TCP/UDP dst port]


            """, Run("ethtool -n eth0 rx-flow-hash udp4"));
        uint before = _machine.NetDevices[0].Controller.HashOf(0);
        Assert.Equal("", Run("ethtool -N eth0 rx-flow-hash udp4 sd"));
        Assert.Equal("UDP over IPV4 flows use these fields for computing Hash flow key:\nIP SA\nIP DA\n\n", Run("ethtool -n eth0 rx-flow-hash udp4"));
        Assert.NotEqual(before, _machine.NetDevices[0].Controller.HashOf(0));
        Assert.Equal("Cannot change RX network flow hashing options: Invalid argument\n[1]\n", Run("ethtool -N eth0 rx-flow-hash udp4 s"));
    }
}
