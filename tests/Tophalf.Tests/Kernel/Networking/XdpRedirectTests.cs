using Tophalf.Kernel.Networking;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>XDP_REDIRECT by a DEVMAP: frames go out of another card sixteen at a time, without ever being an skb.</summary>
public class XdpRedirectTests
{
    private static string Yaml(string target = "ixgbe", string rate = "1Mpps", string link = "10Gb/s", int queues = 1) => $$"""
        machine: {cores: 2}
        devices:
          eth0: {model: ixgbe, queues: {{queues}}, rx-usecs: 50}
          eth1: {model: {{target}}, link: {{link}}, queues: 1}
        workloads:
          - packets: {to: eth0, rate: {{rate}}, size: 64, flows: 16, arrivals: constant, app: none}
        run: 5ms
        """;

    private const string Load = "ip link set dev eth0 xdp obj xdp_redirect_map.o sec xdp; ", Fill = "bpftool map update name tx_port key 0 0 0 0 value 3 0 0 0; ",
        Ready = "ip link set dev eth1 xdp obj xdp_pass.o; ";

    private static string OnCpu(int cpu) => $"for d in /proc/irq/[0-9]*; do echo {cpu} > $d/smp_affinity_list 2>/dev/null || true; done; ";

    private static TwinMachine Run(string yaml, string commands)
    {
        TwinMachine machine = TwinRuns.Machine(yaml);
        Assert.Equal(0, machine.Run(commands).Status);
        machine.RunUntil(machine.Events.NowPs + 5 * SimTime.Millisecond);
        Audit.Check(machine);
        return machine;
    }

    [Fact]
    public void What_comes_in_by_one_card_goes_out_by_the_other()
    {
        TwinMachine machine = Run(Yaml(), Ready + Load + Fill);
        NetDevice from = machine.NetDevices[0], to = machine.NetDevices[1];
        Assert.InRange(from.XdpRedirected, 4_900, 5_000);
        Assert.Equal(from.XdpRedirected, to.TxSent + from.InRedirect);
        Assert.Equal((0L, 0L), (from.Delivered, from.XdpDropped));
        Assert.Contains($"rx_xdp_redirect: {from.XdpRedirected}", machine.Run("ethtool -S eth0").Output, StringComparison.Ordinal);
        Assert.Contains($"tx_xdp_xmit: {to.XdpTransmitted}", machine.Run("ethtool -S eth1").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_without_a_program_of_its_own_takes_nothing_but_mlx5()
    {
        TwinMachine refused = Run(Yaml(), Load + Fill);
        Assert.Equal((0L, refused.NetDevices[0].RxTaken), (refused.NetDevices[1].TxSent, refused.NetDevices[0].XdpDropped));
        TwinMachine taken = Run(Yaml("mlx5"), OnCpu(0) + Load + Fill);
        Assert.InRange(taken.NetDevices[1].TxSent, 4_900, 5_000);
    }

    [Fact]
    public void A_driver_without_rings_for_xdp_is_reached_by_skbs_alone()
    {
        TwinMachine machine = Run(Yaml("e1000e", "500kpps", "1Gb/s"), Load + Fill);
        Assert.Equal(0, machine.NetDevices[1].TxSent);
        Assert.Equal(0, machine.Run("ip link set dev eth0 xdp off; ip link set dev eth0 xdpgeneric obj xdp_redirect_map.o; " + Fill).Status);
        machine.RunUntil(machine.Events.NowPs + 5 * SimTime.Millisecond);
        Assert.InRange(machine.NetDevices[1].TxSent, 2_400, 2_510);
        Audit.Check(machine);
    }

    [Fact]
    public void A_ring_that_is_full_loses_what_it_has_no_room_for()
    {
        // 1 Gb/s carries 1.49 M frames of 64 bytes a second.
        TwinMachine machine = Run(Yaml(rate: "4Mpps", link: "1Gb/s"), Ready + Load + Fill);
        NetDevice from = machine.NetDevices[0], to = machine.NetDevices[1];
        Assert.InRange(from.RedirectLost, 10_000, 14_000);
        Assert.Equal((from.RedirectLost, from.RedirectedOn), (to.XdpTransmitFull, to.XdpTransmitted));
    }

    [Fact]
    public void Sixteen_frames_collect_and_the_end_of_the_poll_sends_the_rest()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml());
        machine.Run(Ready + Load + Fill + "cd /sys/kernel/tracing/events; echo 1 > xdp/xdp_devmap_xmit/enable; echo 1 > napi/napi_poll/enable");
        machine.RunUntil(machine.Events.NowPs + 80 * SimTime.Microsecond);
        // The poll after 50 us of pause finds 51 frames: three times sixteen, and the rest.
        string[] lines = machine.Run("grep -v '#' /sys/kernel/tracing/trace | cut -c 46-").Output.Split('\n');
        int poll = Array.FindIndex(lines, line => line.Contains("device eth0 work 5", StringComparison.Ordinal));
        Assert.True(poll >= 4, string.Join('\n', lines));
        Assert.All(lines[(poll - 4)..(poll - 1)], line => Assert.Contains("ndo_xdp_xmit from_ifindex=2 to_ifindex=3 action=REDIRECT sent=16 drops=0 err=0", line, StringComparison.Ordinal));
        Assert.Matches("sent=[1-9] drops=0 err=0", lines[poll - 1]);
    }

    [Fact]
    public void A_map_without_the_entry_aborts_and_says_so()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml());
        machine.Run(Load + "echo 1 > /sys/kernel/tracing/events/xdp/enable");
        machine.RunUntil(machine.Events.NowPs + SimTime.Millisecond);
        NetDevice from = machine.NetDevices[0];
        Assert.Equal((from.RxTaken, 0L), (from.XdpDropped, from.XdpRedirected));
        Assert.Contains("xdp_exception: prog_id=1 action=ABORTED ifindex=2", machine.Read("/sys/kernel/tracing/trace"), StringComparison.Ordinal);
        machine.Run(Fill);
        machine.RunUntil(machine.Events.NowPs + SimTime.Millisecond);
        Assert.Contains("xdp_redirect_err: prog_id=1 action=REDIRECT ifindex=2 to_ifindex=3 err=-95 map_id=1 map_index=0", machine.Read("/sys/kernel/tracing/trace"), StringComparison.Ordinal);
    }

    [Fact]
    public void Mlx5_has_no_ring_for_a_processor_beyond_its_queues()
    {
        TwinMachine machine = Run(Yaml("mlx5"), OnCpu(1) + Load + Fill);
        Assert.Equal((0L, machine.NetDevices[0].XdpRedirected), (machine.NetDevices[1].TxSent, machine.NetDevices[0].RedirectLost));
    }
}
