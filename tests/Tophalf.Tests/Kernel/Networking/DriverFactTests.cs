using Tophalf.Kernel.Networking;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>What one driver takes and another refuses, as each of them says in its source.</summary>
public class DriverFactTests
{
    private static TwinMachine Machine(string model) => TwinRuns.Machine($$"""
        machine: {cores: 4}
        devices:
          eth0: {model: {{model}}, queues: 4}
        workloads:
          - packets: {to: eth0, rate: 1Mpps, size: 64, flows: 64, app: none}
        """);

    [Theory]
    [InlineData("igb", "udp4", false)]
    [InlineData("ixgbe", "udp4", false)]
    [InlineData("ixgbe", "tcp4", true)]
    [InlineData("i40e", "udp4", true)]
    [InlineData("i40e", "sctp4", false)]
    [InlineData("ice", "udp4", true)]
    [InlineData("mlx5", "udp4", true)]
    [InlineData("bnxt", "sctp4", false)]
    [InlineData("ena", "udp4", true)]
    public void Each_driver_hashes_a_protocol_by_its_ports_or_not(string model, string type, bool ports)
    {
        string said = Run(Machine(model), $"ethtool -n eth0 rx-flow-hash {type}");
        Assert.Contains("IP SA\nIP DA\n", said, StringComparison.Ordinal);
        Assert.Equal(ports, said.Contains("L4 bytes 0 & 1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mlx5", "sctp4", "Invalid argument")]
    [InlineData("gve", "udp4", "Operation not supported")]
    public void A_driver_that_knows_nothing_of_a_protocol_says_so(string model, string type, string error)
    {
        TwinMachine machine = Machine(model);
        Assert.Equal($"Cannot get RX network flow hashing options: {error}\n[1]\n", Run(machine, $"ethtool -n eth0 rx-flow-hash {type}"));
        Assert.Equal($"Cannot change RX network flow hashing options: {error}\n[1]\n", Run(machine, $"ethtool -N eth0 rx-flow-hash {type} sdfn"));
    }

    [Fact]
    public void Igb_keeps_tcp_on_ports_and_lets_udp_be_put_there()
    {
        TwinMachine machine = Machine("igb");
        Assert.Equal("Cannot change RX network flow hashing options: Invalid argument\n[1]\n", Run(machine, "ethtool -N eth0 rx-flow-hash tcp4 sd"));
        Assert.Equal("", Run(machine, "ethtool -N eth0 rx-flow-hash tcp4 sdfn"));
        Assert.Equal("", Run(machine, "ethtool -N eth0 rx-flow-hash udp4 sdfn"));
        Assert.Contains("L4 bytes 2 & 3", Run(machine, "ethtool -n eth0 rx-flow-hash udp4"), StringComparison.Ordinal);
        Assert.Equal("Cannot change RX network flow hashing options: Invalid argument\n[1]\n", Run(machine, "ethtool -N eth0 rx-flow-hash sctp4 sdfn"));
    }

    [Fact]
    public void Flows_between_the_same_two_hosts_share_a_queue_of_ixgbe_until_it_hashes_ports()
    {
        TwinMachine machine = Machine("ixgbe");
        NetDevice device = machine.NetDevices[0];
        var one = device.Controller.Port.Flows[0];
        int first = device.Controller.AddFlows(Enumerable.Range(0, 32).Select(i => one.WithPorts((ushort)(5000 + i), one.DestinationPort)));
        int Queues() => Enumerable.Range(first, 32).Select(device.Controller.QueueOf).Distinct().Count();
        Assert.Equal(1, Queues());
        Run(machine, "ethtool -N eth0 rx-flow-hash udp4 sdfn");
        Assert.Equal(4, Queues());
    }

    [Fact]
    public void Igb_takes_rules_by_the_ethernet_header_alone()
    {
        TwinMachine machine = Machine("igb");
        Assert.Equal("rmgr: Cannot insert RX class rule: Invalid argument\nCannot insert classification rule\n[1]\n", Run(machine, "ethtool -N eth0 flow-type udp4 dst-port 53 action 1"));
        Assert.StartsWith("4 RX rings available\nTotal 0 rules\n", Run(machine, "ethtool -n eth0"), StringComparison.Ordinal);
    }

    [Fact]
    public void All_rules_of_an_82599_look_at_the_same_bits()
    {
        TwinMachine machine = Machine("ixgbe");
        Assert.Equal("Added rule with ID 2045\n", Run(machine, "ethtool -K eth0 ntuple on; ethtool -N eth0 flow-type udp4 dst-port 53 action 1"));
        Assert.Equal("Added rule with ID 2044\n", Run(machine, "ethtool -N eth0 flow-type udp4 dst-port 54 action 2"));
        Assert.Equal("rmgr: Cannot insert RX class rule: Invalid argument\nCannot insert classification rule\n[1]\n", Run(machine, "ethtool -N eth0 flow-type udp4 src-port 54 action 2"));
    }

    [Theory]
    [InlineData("bnxt", "Added rule with ID 0\n")]
    [InlineData("ena", "rmgr: Cannot insert RX class rule: Operation not supported\nCannot insert classification rule\n[1]\n")]
    [InlineData("mlx5", "Added rule with ID 1023\n")]
    [InlineData("ice", "Added rule with ID 15359\n")]
    public void Rules_need_a_driver_that_takes_them_and_its_switch(string model, string said) =>
        Assert.Equal(said, Run(Machine(model), "ethtool -N eth0 flow-type udp4 dst-port 53 action 1"));

    [Fact]
    public void What_needs_scatter_gather_goes_off_with_it_and_comes_back()
    {
        TwinMachine machine = Machine("mlx5");
        Assert.Equal("""
            Actual changes:
            tx-scatter-gather: off
            tx-generic-segmentation: off [not requested]
            tx-tcp-segmentation: off [not requested]
            tx-tcp6-segmentation: off [not requested]

            """, Run(machine, "ethtool -K eth0 sg off"));
        Assert.Equal("generic-segmentation-offload: off [requested on]\n", Run(machine, "ethtool -k eth0 | grep generic-segmentation"));
        Assert.Equal("Actual changes:\ntx-tcp-segmentation: off [requested on]\ntx-tcp6-segmentation: off [requested on]\nCould not change any device features\n[1]\n", Run(machine, "ethtool -K eth0 tx-tcp-segmentation on tx-tcp6-segmentation on"));
        Run(machine, "ethtool -K eth0 sg on");
        Assert.Equal("generic-segmentation-offload: on\n", Run(machine, "ethtool -k eth0 | grep generic-segmentation"));
    }

    [Fact]
    public void Bnxt_ends_adaptive_moderation_and_forgets_the_rest_of_that_command()
    {
        TwinMachine machine = Machine("bnxt");
        Run(machine, "ethtool -C eth0 adaptive-rx off rx-usecs 50");
        Assert.Equal((false, 6u), (machine.NetDevices[0].Coalesce.AdaptiveRx, machine.NetDevices[0].Coalesce.RxUsecs));
        Run(machine, "ethtool -C eth0 rx-usecs 50 rx-usecs-irq 4");
        Assert.Equal((50u, 4u), (machine.NetDevices[0].Coalesce.RxUsecs, machine.NetDevices[0].Coalesce.RxUsecsIrq));
    }
}
