using Tophalf.Kernel.Networking;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>net.core.dev_weight: how many packets a poll of a backlog takes.</summary>
public class DevWeightTests
{
    private const string Yaml = """
        machine: {cores: 2}
        devices:
          eth0: {model: ixgbe, link: 10Gb/s, queues: 1}
        workloads:
          - packets: {to: eth0, rate: line, size: 64, flows: 16, app: none}
        tuning: |
          echo 2 > /sys/class/net/eth0/queues/rx-0/rps_cpus
          WEIGHT
        run: 3ms
        """;

    private static double PerPoll(string tuning)
    {
        TwinMachine machine = TwinRuns.Machine(Yaml.Replace("WEIGHT", tuning, StringComparison.Ordinal), 3 * SimTime.Millisecond);
        BacklogNapi backlog = machine.Kernel.Cpus[1].Softnet.Backlog;
        return (double)backlog.Head / backlog.Polls;
    }

    [Fact]
    public void A_smaller_weight_makes_more_polls_of_the_backlog()
    {
        Assert.InRange(PerPoll("true"), 60, 64);
        Assert.InRange(PerPoll("echo 8 > /proc/sys/net/core/dev_weight"), 8, 8.5);
        Assert.InRange(PerPoll("echo 8 > /proc/sys/net/core/dev_weight; echo 3 > /proc/sys/net/core/dev_weight_rx_bias"), 23.5, 25);
    }

    [Fact]
    public void It_is_the_same_when_each_packet_is_an_event()
    {
        string yaml = Yaml.Replace("WEIGHT", "echo 5 > /proc/sys/net/core/dev_weight", StringComparison.Ordinal);
        Assert.Equal(Text(TwinRuns.Run(yaml)), Text(TwinRuns.Run(yaml, new RunOptions { Exact = true })));
    }
}
