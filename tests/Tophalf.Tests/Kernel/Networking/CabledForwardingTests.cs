using Tophalf.Kernel.Networking;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;
using static Tophalf.Tests.Shared.TwinRuns;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Frames that come in by one card and go out of another whose cable ends in this machine: they arrive at the other end as the flows they are.</summary>
public class CabledForwardingTests
{
    private static string Yaml(string load, string tuning = "true") => $$"""
        machine: {cores: 2}
        devices:
          eth0: {model: mlx5, link: 10Gb/s, queues: 2}
          eth1: {model: mlx5, link: 10Gb/s, queues: 2}
          eth2: {model: mlx5, link: 10Gb/s, queues: 2, cable: eth1}
        workloads:
          - {{load}}
        tuning: |
          {{tuning}}
        run: 5ms
        """;

    [Theory]
    [InlineData("packets: {to: eth0, rate: 200kpps, size: 200, flows: 8, app: none, forward: eth1}", "true")]
    [InlineData("packets: {to: eth0, rate: 200kpps, size: 200, flows: 8, app: {threads: 2}, forward: eth1}", "true")]
    [InlineData("packets: {to: eth0, rate: 200kpps, size: 200, flows: 8, app: none}", "ip link set dev eth0 xdp obj xdp_redirect_map.o; bpftool map update name tx_port key 0 0 0 0 value $(cat /sys/class/net/eth1/ifindex) 0 0 0")]
    [InlineData("packets: {to: eth0, rate: 200kpps, size: 200, flows: 8, app: none}", "ip link set dev eth0 xdpgeneric obj xdp_redirect_map.o; bpftool map update name tx_port key 0 0 0 0 value $(cat /sys/class/net/eth1/ifindex) 0 0 0")]
    public void What_goes_out_of_a_cabled_card_arrives_at_the_other_end(string load, string tuning)
    {
        TwinMachine machine = TwinRuns.Machine(Yaml(load, tuning), 5 * SimTime.Millisecond);
        NetDevice sender = machine.NetDevices[1], receiver = machine.NetDevices[2];
        Assert.InRange(receiver.Delivered, 900, 1000);
        Assert.InRange(sender.TxSent - receiver.RxTaken, 0, 32);
        Assert.Equal(sender.TxBytes / sender.TxSent, receiver.RxBytes / receiver.RxTaken);
        Audit.Check(machine);
        Assert.Equal(Text(TwinRuns.Run(Yaml(load, tuning))), Text(TwinRuns.Run(Yaml(load, tuning), new RunOptions { Exact = true })));
    }
}
