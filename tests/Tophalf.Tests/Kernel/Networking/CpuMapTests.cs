using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>XDP_REDIRECT by a CPUMAP: the driver's core hands frames on before they are skbs, and threads of other cores make skbs of them.</summary>
public class CpuMapTests
{
    private static string Yaml(string rate, string app = "none", string costs = "server-3ghz", string more = "") => $$"""
        machine: {cores: 4, costs: {{costs}}}
        devices:
          eth0: {model: ixgbe, queues: 1, ring: 512}
        workloads:
          - packets: {to: eth0, rate: {{rate}}, size: 64, flows: 64, arrivals: constant, app: {{app}}}
        {{more}}
        tuning: |
          ip link set dev eth0 xdp obj xdp_redirect_cpu.o sec xdp_cpu_map0
          bpftool map update name cpus_available key 0 0 0 0 value 2 0 0 0
          bpftool map update name cpu_map key 2 0 0 0 value 0 1 0 0 0 0 0 0
        run: 10ms
        """;

    private static TwinMachine Run(string yaml, long forPs = 10 * SimTime.Millisecond)
    {
        TwinMachine machine = TwinRuns.Machine(yaml, forPs);
        Audit.Check(machine);
        return machine;
    }

    [Fact]
    public void Frames_reach_the_stack_on_the_other_processor_in_system_time()
    {
        TwinMachine machine = Run(Yaml("500kpps"));
        NetDevice device = machine.NetDevices[0];
        Assert.InRange(device.Delivered, 4_900, 5_000);
        Assert.Equal(0, device.RedirectLost);
        int cpu = device.LineOf(0).Cpu;
        Assert.Equal((0u, (uint)device.Delivered), (machine.Kernel.Cpus[cpu].Softnet.Processed, machine.Kernel.Cpus[2].Softnet.Processed));
        KernelTask thread = Assert.Single(machine.Kernel.Tasks, task => task.Comm == "cpumap/2/map:1");
        Assert.Equal(thread.RuntimePs, thread.SystemPs);
        // 30 to take a frame, 60 for the skb, 35 for GRO, 65 of the stack.
        Assert.InRange(thread.RuntimePs / SimTime.Nanosecond, 190 * device.Delivered, 190 * device.Delivered + 3_000 * thread.Wakeups);
    }

    [Fact]
    public void Two_cores_are_a_pipeline_as_fast_as_the_slower_half()
    {
        // The second half takes 190 ns a frame: 5.26 million a second. The first takes 66 and the poll's share, and drops what the queue has no room for.
        TwinMachine machine = Run(Yaml("8Mpps"), 20 * SimTime.Millisecond);
        NetDevice device = machine.NetDevices[0];
        double rate = TwinRuns.PerSecond(device.Delivered, 20 * SimTime.Millisecond);
        Assert.InRange(rate, 1e9 / 190 * 0.97, 1e9 / 190 * 1.0);
        Assert.InRange(device.RedirectLost, 1, device.XdpRedirected);
        Assert.Equal(0, device.RxDropped);
    }

    [Fact]
    public void The_queue_holds_as_many_as_it_was_given_and_the_tracepoint_tells_of_the_rest()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("8Mpps"));
        machine.Run("echo 1 > /sys/kernel/tracing/events/xdp/xdp_cpumap_enqueue/enable; echo 1 > /sys/kernel/tracing/events/xdp/xdp_cpumap_kthread/enable");
        machine.RunUntil(machine.Events.NowPs + 2 * SimTime.Millisecond);
        string trace = machine.Read("/sys/kernel/tracing/trace");
        Assert.Matches("xdp_cpumap_enqueue: enqueue cpu=[01] map_id=1 action=REDIRECT processed=8 drops=[1-8] to_cpu=2", trace);
        Assert.Contains("xdp_cpumap_kthread: kthread cpu=2 map_id=1 action=REDIRECT processed=8 drops=0 sched=0 xdp_pass=0 xdp_drop=0 xdp_redirect=0", trace, StringComparison.Ordinal);
        Assert.InRange(machine.NetDevices[0].InRedirect, 200, 256 + 64 + 8);
    }

    [Theory]
    [InlineData("xdp_cpu_map2_round_robin")]
    [InlineData("xdp_cpu_map5_lb_hash_ip_pairs")]
    public void A_program_spreads_its_packets_over_the_processors_it_was_given(string section)
    {
        string yaml = Yaml("500kpps").Replace("sec xdp_cpu_map0", "sec " + section, StringComparison.Ordinal).Replace("run:", """
              bpftool map update name cpus_available key 1 0 0 0 value 3 0 0 0
              bpftool map update name cpus_count key 0 0 0 0 value 2 0 0 0
              bpftool map update name cpu_map key 3 0 0 0 value 192 0 0 0 0 0 0 0
            run:
            """.Replace("\n", "\n  ", StringComparison.Ordinal).Replace("  run:", "run:", StringComparison.Ordinal), StringComparison.Ordinal);
        TwinMachine machine = Run(yaml);
        uint second = machine.Kernel.Cpus[2].Softnet.Processed, third = machine.Kernel.Cpus[3].Softnet.Processed;
        Assert.Equal(machine.NetDevices[0].Delivered, second + third);
        Assert.InRange(second, third * 0.6, third * 1.7);
    }

    [Fact]
    public void A_receiver_on_the_thread_s_processor_waits_for_it()
    {
        TwinMachine machine = Run(Yaml("200kpps", "{threads: 1, cpus: \"2\"}"));
        Assert.InRange(machine.NetDevices[0].Delivered, 1_950, 2_000);
        Assert.True(machine.Kernel.Cpus[2].Time[CpuClass.User] > 0);
    }

    [Fact]
    public void An_entry_that_goes_takes_its_thread_with_it_but_not_its_frames()
    {
        TwinMachine machine = Run(Yaml("500kpps"));
        Assert.Equal("", machine.Run("bpftool map delete name cpu_map key 2 0 0 0").Error);
        machine.RunUntil(machine.Events.NowPs + SimTime.Millisecond);
        Audit.Check(machine);
        Assert.DoesNotContain(machine.Kernel.Tasks, task => task.Comm.StartsWith("cpumap", StringComparison.Ordinal));
        Assert.Equal(0, machine.NetDevices[0].InRedirect);
        Assert.True(machine.NetDevices[0].XdpDropped > 0);
    }

    [Theory]
    [InlineData("key 9 0 0 0 value 8 0 0 0 0 0 0 0", "Error: update failed: Argument list too long\n")]
    [InlineData("key 1 0 0 0 value 1 64 0 0 0 0 0 0", "Error: update failed: Value too large for defined data type\n")]
    [InlineData("key 1 0 0 0 value 8 0 0 0 1 0 0 0", "Error: update failed: Cannot allocate memory\n")]
    [InlineData("key 1 0 0 0 value 8 0 0 0", "Error: value expected 8 bytes got 4\n")]
    [InlineData("key 1 0 value 8 0 0 0", "Error: key expected 4 bytes got 2\n")]
    [InlineData("key 1 0 0 300 value 8 0 0 0", "Error: error parsing byte: 300\n")]
    [InlineData("", "Error: expected 'key'\n")]
    public void Bpftool_says_what_the_kernel_refuses(string words, string said)
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("1kpps"));
        Tophalf.Linux.CommandResult result = machine.Run($"bpftool map update name cpu_map {words}");
        Assert.Equal((said, 255), (result.Error, result.Status));
    }

    [Fact]
    public void Bpftool_shows_what_is_in_a_map()
    {
        TwinMachine machine = TwinRuns.Machine(Yaml("1kpps"));
        Assert.Equal("""
            key: 00 00 00 00  value: <no entry>
            key: 01 00 00 00  value: <no entry>
            key: 02 00 00 00  value: 00 01 00 00 00 00 00 00
            key: 03 00 00 00  value: <no entry>
            Found 1 element

            """, machine.Run("bpftool map dump name cpu_map").Output);
        Assert.Equal("key: 00 00 00 00  value: 02 00 00 00\n", machine.Run("bpftool map lookup id 2 key 0 0 0 0").Output);
        Assert.Equal("Error: get map by id (7): No such file or directory\n", machine.Run("bpftool map dump id 7").Error);
        machine.Run("ip link set dev eth0 xdp off");
        Assert.Equal(255, machine.Run("bpftool map dump name cpu_map").Status);
    }
}
