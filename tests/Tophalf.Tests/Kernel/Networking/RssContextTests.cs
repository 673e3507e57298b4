using Tophalf.Hardware.Devices;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>RSS contexts: a table of its own for the flows of a rule, so that one application gets some of the queues and the rest of the traffic the others.</summary>
public class RssContextTests
{
    private readonly TwinMachine _machine = Machine("mlx5");

    private static TwinMachine Machine(string model) => TwinRuns.Machine($$"""
        machine: {cores: 4}
        devices:
          eth0: {model: {{model}}, queues: 4}
        workloads:
          - packets: {to: eth0, rate: 1Mpps, size: 64, flows: 256, app: none}
        """);

    private string Run(string command) => TwinRuns.Run(_machine, command);

    [Fact]
    public void The_flows_of_a_rule_spread_over_the_queues_of_its_context()
    {
        Assert.Equal("New RSS context is 1\n", Run("ethtool -X eth0 context new start 2 equal 2"));
        Assert.Equal("", Run("ethtool -X eth0 equal 2"));
        Assert.Equal("Added rule with ID 1023\n", Run("ethtool -N eth0 flow-type udp4 context 1"));
        Assert.Contains("\tRSS Context ID: 1\n\tAction: Direct to queue 0\n", Run("ethtool -n eth0"), StringComparison.Ordinal);
        _machine.RunUntil(10 * SimTime.Millisecond);
        QueueVector[] vectors = _machine.NetDevices[0].Controller.Vectors;
        Assert.Equal([0, 0], vectors.Take(2).Select(vector => vector.Rx.Arrived));
        Assert.All(vectors.Skip(2), vector => Assert.InRange(vector.Rx.Arrived, 3500, 6500));
        Audit.Check(_machine);
    }

    [Fact]
    public void A_context_is_shown_changed_and_taken_away_once_no_rule_names_it()
    {
        Run("ethtool -X eth0 context new equal 2; ethtool -N eth0 flow-type udp4 context 1");
        Assert.StartsWith("RX flow hash indirection table for eth0 with 4 RX ring(s):\n    0:      0     1     0     1     0     1     0     1\n", Run("ethtool -x eth0 context 1"), StringComparison.Ordinal);
        Assert.Equal("", Run("ethtool -X eth0 context 1 weight 0 0 1 1"));
        Assert.Contains("    0:      2     2", Run("ethtool -x eth0 context 1"), StringComparison.Ordinal);
        Assert.Equal("Cannot set RX flow hash configuration: Device or resource busy\n[1]\n", Run("ethtool -X eth0 context 1 delete"));
        Run("ethtool -N eth0 delete 1023");
        Assert.Equal("", Run("ethtool -X eth0 context 1 delete"));
        Assert.Equal("Cannot get RX flow hash indir size and/or key size: No such file or directory\n[1]\n", Run("ethtool -x eth0 context 1"));
        Assert.Equal("rmgr: Cannot insert RX class rule: No such file or directory\nCannot insert classification rule\n[1]\n", Run("ethtool -N eth0 flow-type udp4 context 1"));
    }

    [Fact]
    public void A_card_without_contexts_refuses_them_and_one_with_them_has_so_many()
    {
        TwinMachine igb = Machine("ixgbe");
        Assert.Equal("Cannot set RX flow hash configuration: Operation not supported\n[1]\n", TwinRuns.Run(igb, "ethtool -X eth0 context new equal 2"));
        Assert.Equal("Cannot get RX flow hash indir size and/or key size: Operation not supported\n[1]\n", TwinRuns.Run(igb, "ethtool -x eth0 context 1"));
        Run("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do ethtool -X eth0 context new; done");
        Assert.Equal("New RSS context is 15\n", Run("ethtool -X eth0 context new hfunc toeplitz"));
        Assert.Equal("Cannot set RX flow hash configuration: No space left on device\n[1]\n", Run("ethtool -X eth0 context new equal 2"));
    }

    [Theory]
    [InlineData("ethtool -X eth0 context new equal 4", "existing indirection table settings")]
    [InlineData("ethtool -X eth0 equal 4", "existing indirection table settings")]
    [InlineData("ethtool -N eth0 flow-type udp4 action 3", "existing ntuple filter settings")]
    public void Queues_that_a_table_or_a_rule_needs_cannot_be_taken_away(string command, string why)
    {
        Run(command);
        Assert.StartsWith($"netlink error: requested channel counts are too low for {why}", Run("ethtool -L eth0 combined 2"), StringComparison.Ordinal);
        Assert.Equal(4, _machine.NetDevices[0].Queues);
    }

    [Fact]
    public void A_table_that_was_written_stays_when_queues_are_added_and_a_default_one_follows()
    {
        Run("ethtool -X eth0 equal 1; ethtool -L eth0 combined 2");
        Assert.All(_machine.NetDevices[0].Controller.Indirection, queue => Assert.Equal(0, queue));
        Run("ethtool -X eth0 default; ethtool -L eth0 combined 4");
        Assert.Equal([0, 1, 2, 3, 0], _machine.NetDevices[0].Controller.Indirection.Take(5));
    }
}
