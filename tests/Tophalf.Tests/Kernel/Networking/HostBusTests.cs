using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>The bus between a card and memory: all queues share what it carries, the packet buffer takes bursts, and what comes beyond is discarded before any queue sees it.</summary>
public class HostBusTests
{
    private static string Yaml(string pcie, string rate, int bytes = 64, string model = "mlx5") => $$"""
        machine: {cores: 4}
        devices:
          eth0: {model: {{model}}, link: 100Gb/s, queues: 4, ring: 1024, pcie: {{pcie}}}
        workloads:
          - packets: {to: eth0, rate: {{rate}}, size: {{bytes}}, flows: 256, app: none}
        tuning: |
          ethtool -A eth0 rx off tx off
          ip link set dev eth0 xdp obj xdp_drop.o
        run: 10ms
        """;

    [Fact]
    public void The_queues_together_get_what_the_bus_carries_and_the_port_discards_the_rest()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("20Mpps", "40Mpps"), 10 * SimTime.Millisecond);
        Assert.InRange(machine.NetDevices[0].RxTaken, 195_000, 200_100);
        // 400 000 came; 4096 frames of 64 bytes are in the buffer of 256 KB.
        Assert.InRange(machine.NetDevices[0].Controller.Port.Discarded, 195_000, 197_000);
        Assert.Contains($"rx_discards_phy: {machine.NetDevices[0].Controller.Port.Discarded}\n", machine.Run("ethtool -S eth0").Output, StringComparison.Ordinal);
        Assert.Contains("rx_out_of_buffer: 0\n", machine.Run("ethtool -S eth0").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bus_of_so_many_bits_carries_fewer_large_frames()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("10Gb/s", "8Mpps", 1000), 10 * SimTime.Millisecond);
        Assert.InRange(machine.NetDevices[0].RxTaken, 12_300, 12_501);
    }

    [Fact]
    public void Below_its_limit_the_bus_discards_nothing() =>
        Assert.Equal(0, TwinRuns.Machine(Yaml("20Mpps", "19Mpps"), 10 * SimTime.Millisecond).NetDevices[0].Controller.Port.Discarded);

    [Fact]
    public void Where_the_driver_has_one_name_for_all_that_is_missed_discards_are_in_it()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("5Mpps", "10Mpps", model: "ixgbe"), 10 * SimTime.Millisecond);
        Assert.True(machine.NetDevices[0].Controller.Port.Discarded > 0);
        long missed = machine.NetDevices[0].Controller.Port.Discarded + machine.NetDevices[0].RxDropped;
        Assert.Contains($"rx_missed_errors: {missed}\n", machine.Run("ethtool -S eth0").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_bus_carries_is_the_same_when_every_packet_is_an_event()
    {
        string yaml = Yaml("3Mpps", "4Mpps").Replace("xdp_drop.o", "xdp_tx.o", StringComparison.Ordinal);
        Assert.Equal(TwinRuns.Text(TwinRuns.Run(yaml)), TwinRuns.Text(TwinRuns.Run(yaml, new RunOptions { Exact = true })));
    }
}
