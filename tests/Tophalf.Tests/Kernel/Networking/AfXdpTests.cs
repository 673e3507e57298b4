using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>AF_XDP: frames go between the card and a process through rings in shared memory, with and without copies. The queue's interrupt is CPU 0's, the process CPU 1's.</summary>
public class AfXdpTests
{
    private const string Hog = "- task: {name: hog, cpus: \"1\", busy: 100%, policy: \"fifo:50\"}";

    private static string Yaml(string socket, string rate = "1Mpps", string model = "i40e", string more = "", string tuning = "true") => $$"""
        machine: {cores: 2}
        devices:
          eth0: {model: {{model}}, link: 40Gb/s, queues: 1, ring: 512, rx-usecs: 20}
        workloads:
          - packets: {to: eth0, rate: {{rate}}, size: 64, flows: 16, arrivals: constant, start: 1ms, app: none}
          - xdpsock: {to: eth0, cpu: 1{{socket}}}
          {{more}}
        tuning: |
          {{tuning}}
        run: 10ms
        """;

    private static TwinMachine Run(string yaml, long forPs = 11 * SimTime.Millisecond)
    {
        TwinMachine machine = TwinRuns.Machine(yaml, forPs);
        Audit.Check(machine);
        return machine;
    }

    private static XskSocket Socket(TwinMachine machine) => machine.NetDevices[0].Sockets[0];

    [Theory]
    [InlineData("zero-copy", 57.3)]
    [InlineData("copy", 61.8)]
    public void Two_cores_receive_as_fast_as_the_poll_hands_frames_over(string bind, double ns)
    {
        // 40 in the driver, 15 into the ring, a poll's 150 among 64, and 4.5 for a copy of 64 bytes.
        TwinMachine machine = Run(Yaml($", bind: {bind}", "line"));
        double rate = TwinRuns.PerSecond(machine.NetDevices[0].Delivered, 10 * SimTime.Millisecond);
        Assert.InRange(rate, 1e9 / ns * 0.97, 1e9 / ns * 1.02);
        Assert.InRange(machine.Kernel.Cpus[1].Time[CpuClass.User], 10 * SimTime.Millisecond, 11 * SimTime.Millisecond);
        Assert.Equal((0L, 0L), (Socket(machine).RxRingFull, Socket(machine).Task.ReceiveCalls));
    }

    [Fact]
    public void What_it_turns_round_goes_out_and_its_frames_come_back()
    {
        TwinMachine machine = Run(Yaml(", forward: l2fwd"));
        XskSocket socket = Socket(machine);
        Assert.InRange(socket.TxPackets, 9_900, 10_000);
        Assert.Equal(machine.NetDevices[0].TxSent, socket.TxPackets);
        Assert.InRange(socket.Fill, 3_000, 4_096);
        Assert.True(socket.Task.SendCalls > 0);
    }

    [Theory]
    [InlineData("zero-copy", "spin")]
    [InlineData("zero-copy", "busy")]
    [InlineData("copy", "spin")]
    public void A_process_that_only_sends_takes_no_packets_and_fills_frames_of_its_own(string bind, string wait)
    {
        string yaml = Yaml($", forward: txonly, size: 1000, bind: {bind}, wait: {wait}", "100kpps");
        TwinMachine machine = Run(yaml);
        NetDevice device = machine.NetDevices[0];
        Assert.True(device.TxSent > 5_000, $"{device.TxSent}");
        Assert.Equal(1000 * device.TxSent, device.TxBytes);
        // Without copies the queue has the process's frames, of which the card got none to receive into.
        Assert.InRange(bind == "copy" ? device.EndedInStack : device.RxDropped, 990, 1000);
        Assert.Equal(TwinRuns.Text(TwinRuns.Run(yaml)), TwinRuns.Text(TwinRuns.Run(yaml, new RunOptions { Exact = true })));
    }

    [Fact]
    public void A_process_that_does_not_run_leaves_the_card_without_frames()
    {
        TwinMachine machine = Run(Yaml(", frames: 1024, bind: zero-copy", more: Hog));
        XskSocket socket = Socket(machine);
        NetDevice device = machine.NetDevices[0];
        Assert.Equal((1024L, 0), (device.RxTaken, socket.Fill));
        Assert.InRange(device.RxDropped, 8_900, 9_000);
        Assert.Equal(0, socket.RxDropped);
        Assert.InRange(socket.FillRingEmpty, 1, 1000);
    }

    [Fact]
    public void With_copies_the_card_goes_on_and_the_socket_drops()
    {
        TwinMachine machine = Run(Yaml(", frames: 1024, bind: copy", more: Hog));
        XskSocket socket = Socket(machine);
        NetDevice device = machine.NetDevices[0];
        Assert.Equal((0L, device.RxTaken - 1024), (device.RxDropped, socket.RxDropped));
        Assert.Equal(socket.RxDropped, device.XdpDropped);
    }

    [Theory]
    [InlineData("zero-copy")]
    [InlineData("copy")]
    public void A_receive_ring_that_is_full_says_so(string bind)
    {
        TwinMachine machine = TwinRuns.Machine(Yaml($", ring: 256, bind: {bind}", more: Hog));
        machine.Run("echo 1 > /sys/kernel/tracing/events/xdp/xdp_redirect_err/enable");
        machine.RunUntil(machine.Events.NowPs + 3 * SimTime.Millisecond);
        Audit.Check(machine);
        XskSocket socket = Socket(machine);
        Assert.Equal((256, machine.NetDevices[0].RxTaken - 256), (socket.Received, socket.RxRingFull));
        Assert.Contains("xdp_redirect_err: prog_id=1 action=REDIRECT ifindex=2 to_ifindex=0 err=-105 map_id=0 map_index=0", machine.Read("/sys/kernel/tracing/trace"), StringComparison.Ordinal);
    }

    [Fact]
    public void In_poll_it_sleeps_until_the_end_of_a_poll_of_the_queue()
    {
        TwinMachine machine = Run(Yaml(", wait: poll, bind: copy", "100kpps"));
        XskSocket socket = Socket(machine);
        Assert.InRange(machine.NetDevices[0].Delivered, 980, 1000);
        Assert.InRange(socket.Task.PollCalls, 300, 1001);
        Assert.True(machine.Kernel.Cpus[1].Time[CpuClass.Idle] > 9 * SimTime.Millisecond);
        Assert.InRange(socket.Task.Wakeups, socket.Task.PollCalls / 2, socket.Task.PollCalls + 1);
    }

    [Fact]
    public void Preferred_busy_polling_needs_no_interrupts_at_all()
    {
        TwinMachine machine = Run(Yaml(", wait: busy", tuning: "echo 100 > /sys/class/net/eth0/napi_defer_hard_irqs; echo 200000 > /sys/class/net/eth0/gro_flush_timeout"));
        NetDevice device = machine.NetDevices[0];
        Assert.InRange(device.Delivered, 9_990, 10_000);
        Assert.InRange(device.Raised, 0, 2);
        // All of it is one core's, in the process's own calls.
        Assert.Equal(0, machine.Kernel.Cpus[0].Time[CpuClass.Softirq]);
        Assert.InRange(device.Latency.Mean, 0.1 * SimTime.Microsecond, 1.5 * SimTime.Microsecond);
    }

    [Fact]
    public void Without_deferral_the_card_interrupts_a_busy_poller()
    {
        TwinMachine machine = Run(Yaml(", wait: busy"));
        Assert.InRange(machine.NetDevices[0].Raised, 100, 600);
    }

    [Theory]
    [InlineData(", queue: 1", "i40e", "Invalid argument; eth0 has queues 0 to 0; write one of them")]
    [InlineData(", bind: zero-copy", "bnxt", "Operation not supported; the driver of eth0, bnxt_en, has no zero-copy; write bind: copy")]
    [InlineData("}\n  - xdpsock: {to: eth0", "i40e", "Device or resource busy; queue 0 of eth0 has a socket, or eth0 another program; write another queue")]
    public void A_bind_fails_as_the_kernel_has_it_fail(string socket, string model, string said)
    {
        TuningException refused = Assert.Throws<TuningException>(() => TwinRuns.Machine(Yaml(socket, model: model)));
        Assert.Contains($"xdpsock: bind: {said}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Queues_and_rings_stay_as_long_as_a_process_has_them()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml(", queue: 1, bind: zero-copy").Replace("queues: 1", "queues: 2", StringComparison.Ordinal));
        Assert.Equal("netlink error: requested channel counts are too low for existing zerocopy AF_XDP sockets\nnetlink error: Invalid argument\n",
            machine.Run("ethtool -L eth0 combined 1").Error);
        Assert.Contains("Device or resource busy", machine.Run("ethtool -G eth0 rx 1024").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_goes_gives_the_card_its_own_memory_back()
    {
        TwinMachine machine = Run(Yaml(", bind: zero-copy"), 5 * SimTime.Millisecond);
        long before = machine.NetDevices[0].Delivered;
        Assert.Equal(0, machine.Run("ip link set dev eth0 xdp off").Status);
        machine.RunUntil(machine.Events.NowPs + 2 * SimTime.Millisecond);
        Audit.Check(machine);
        Assert.InRange(machine.NetDevices[0].Delivered - before, 1_900, 2_600);
        Assert.Equal((0, 0), (Socket(machine).InCard, Socket(machine).Received));
    }

    [Fact]
    public void A_queue_without_a_socket_is_the_stack_s()
    {
        TwinMachine machine = Run(Yaml(", queue: 0").Replace("queues: 1", "queues: 2", StringComparison.Ordinal).Replace("flows: 16", "flows: 64", StringComparison.Ordinal));
        NetDevice device = machine.NetDevices[0];
        long mine = device.Controller.Vectors[0].Rx.Taken, theirs = device.Controller.Vectors[1].Rx.Taken;
        Assert.True(mine > 1000 && theirs > 1000, $"{mine} and {theirs}");
        Assert.Equal(mine, device.XdpRedirected);
        Assert.Equal(theirs, machine.Kernel.Cpus.Sum(cpu => cpu.Softnet.Processed));
    }
}
