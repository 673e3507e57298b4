using Tophalf.Kernel.Networking;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Accelerated RFS: a flow's interrupt follows the task that receives it, where adapter, driver and settings carry that.</summary>
public class FlowFilterTests
{
    private const string Follow = """
        echo 32768 > /proc/sys/net/core/rps_sock_flow_entries
          for q in 0 1 2 3; do echo 4096 > /sys/class/net/eth0/queues/rx-$q/rps_flow_cnt; done
          for q in 0 1 2 3; do echo $q > /proc/irq/$(grep "comp$q@\|TxRx-$q" /proc/interrupts | cut -d: -f1 | tr -d " ")/smp_affinity_list; done
        """;

    private static string Yaml(string model, string more, string stop = "") => $$"""
        machine: {cores: 4}
        devices:
          eth0: {model: {{model}}, queues: 4, rx-usecs: 20}
        workloads:
          - packets: {to: eth0, rate: 200kpps, size: 64, flows: 16{{stop}}, app: {threads: 4, cpus: "0-3", work: 0ns} }
        tuning: |
          {{Follow}}
          {{more}}
        run: 20ms
        """;

    [Theory]
    [InlineData("mlx5")]
    [InlineData("ice")]
    [InlineData("bnxt")]
    public void Each_flow_ends_on_the_queue_of_its_tasks_processor(string model)
    {
        TwinMachine machine = TwinRuns.Machine(Yaml(model, "ethtool -K eth0 ntuple on"), 20 * SimTime.Millisecond);
        NetDevice device = machine.NetDevices[0];
        Assert.InRange(device.FlowFilters, 6, 16);
        // app0-0 has flows 0, 4, 8 … and runs on processor 0.
        for (int flow = 0; flow < 16; flow++) Assert.Equal(flow % 4, device.Controller.QueueOf(flow));
        Audit.Check(machine);
    }

    [Theory]
    [InlineData("mlx5", "ethtool -K eth0 ntuple off")]
    [InlineData("i40e", "ethtool -K eth0 ntuple on")]
    [InlineData("mlx5", "ethtool -K eth0 ntuple on; echo 0 > /proc/sys/net/core/rps_sock_flow_entries")]
    public void Without_the_driver_the_feature_or_the_tables_flows_stay_where_the_hash_puts_them(string model, string more) =>
        Assert.Equal(0, TwinRuns.Machine(Yaml(model, more), 20 * SimTime.Millisecond).NetDevices[0].FlowFilters);

    [Fact]
    public void Packets_that_arrive_where_they_are_wanted_need_no_interrupt_of_another_processor()
    {
        long Calls(string more)
        {
            TwinMachine machine = TwinRuns.Machine(Yaml("mlx5", more), 20 * SimTime.Millisecond);
            return machine.Kernel.Cpus.Sum(cpu => (long)cpu.Softnet.ReceivedRps);
        }
        long byBacklog = Calls("ethtool -K eth0 ntuple off"), byCard = Calls("ethtool -K eth0 ntuple on");
        Assert.True(byCard * 20 < byBacklog, $"{byCard} of {byBacklog}");
    }

    [Fact]
    public void Filters_go_with_the_feature()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("mlx5", "ethtool -K eth0 ntuple on"), 20 * SimTime.Millisecond);
        machine.Run("ethtool -K eth0 ntuple off");
        Assert.Equal(0, machine.NetDevices[0].FlowFilters);
        machine.RunUntil(25 * SimTime.Millisecond);
        Audit.Check(machine);
    }

    [Theory]
    [InlineData("ethtool -K eth0 ntuple on; sleep 0.004; ethtool -L eth0 combined 2; sleep 0.003; ethtool -K eth0 ntuple off")]
    [InlineData("ethtool -K eth0 ntuple on; sleep 0.004; echo 0 > /sys/class/net/eth0/queues/rx-1/rps_flow_cnt; ethtool -N eth0 flow-type udp4 src-port 5000 action 1")]
    public void The_card_follows_at_the_same_moments_when_packets_are_events(string more)
    {
        string yaml = Yaml("mlx5", more);
        Assert.Equal(TwinRuns.Text(TwinRuns.Run(yaml)), TwinRuns.Text(TwinRuns.Run(yaml, new RunOptions { Exact = true })));
    }
}
