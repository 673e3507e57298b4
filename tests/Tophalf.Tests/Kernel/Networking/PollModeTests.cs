using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Cards the kernel has given to an application that polls them (DPDK): no interface, no interrupt, a core that is always busy, and latency that load hardly changes.</summary>
public class PollModeTests
{
    private const string Forwarding = """
        machine: {cores: 2}
        devices:
          eth0: {model: ixgbe, ring: 128, driver: vfio-pci}
          eth1: {model: ixgbe, ring: 128, driver: vfio-pci}
          eth2: {model: ixgbe}
        workloads:
          - packets: {to: eth0, rate: 3Mpps, size: 64, flows: 4, arrivals: poisson}
          - packets: {to: eth1, rate: 200kpps, size: 256, flows: 4, arrivals: poisson}
          - packets: {to: eth2, rate: 50kpps, size: 64, app: {threads: 1, cpus: "1"}}
          - poll-mode: {ports: [eth0, eth1], cpus: "1"}
        run: 3ms
        """;

    [Fact]
    public void The_kernel_knows_neither_interface_nor_interrupt_of_a_card_it_gave_away()
    {
        TwinMachine machine = TwinRuns.Machine(Forwarding, SimTime.Millisecond);
        Assert.Equal("eth2\n", machine.Run("ls /sys/class/net").Output);
        Assert.DoesNotContain("eth0", machine.Read("/proc/interrupts"), StringComparison.Ordinal);
        Assert.Contains("eth2-TxRx-0", machine.Read("/proc/interrupts"), StringComparison.Ordinal);
        Assert.NotEqual(0, machine.Run("ethtool -S eth0").Status);
    }

    [Fact]
    public void What_comes_in_by_one_port_goes_out_by_the_other()
    {
        TwinMachine machine = TwinRuns.Machine(Forwarding.Replace("3Mpps", "1Mpps", StringComparison.Ordinal), 3 * SimTime.Millisecond);
        Tophalf.Twin.Checkers.Audit.Check(machine);
        Assert.InRange(machine.PollModePorts[0].Forwarded, 2_700, 3_300);
        Assert.Equal(machine.PollModePorts[0].Forwarded, machine.PollModePorts[1].TxSent);
        Assert.Equal(machine.PollModePorts[1].Forwarded, machine.PollModePorts[0].TxSent);
    }

    [Fact]
    public void A_polling_core_is_busy_in_user_mode_without_a_single_packet()
    {
        const string idle = """
            machine: {cores: 2}
            devices: {eth0: {model: mlx5, driver: vfio-pci}}
            workloads: [poll-mode: {ports: [eth0], cpus: "1"}]
            run: 100ms
            """;
        RunReport report = TwinRuns.Run(idle);
        Assert.InRange(report.Cpus[1].UserPct, 99, 100);
        Assert.InRange(report.Cpus[0].IdlePct, 99, 100);
    }

    [Fact]
    public void One_core_receives_as_many_as_a_poll_mode_driver_was_measured_to()
    {
        const string receive = """
            machine: {cores: 2}
            devices: {eth0: {model: mlx5, ring: 1024, driver: vfio-pci}}
            workloads:
              - packets: {to: eth0, rate: line, size: 64, flows: 16}
              - poll-mode: {ports: [eth0], cpus: "1", forward: drop}
            run: 5ms
            """;
        RunReport report = TwinRuns.Run(receive);
        Assert.InRange(report.Devices[0].RxPackets / report.SimulatedS, 43_503_636 * 0.97, 43_503_636 * 1.03);
    }

    [Fact]
    public void Each_processor_polls_a_queue_of_its_own()
    {
        const string two = """
            machine: {cores: 3}
            devices: {eth0: {model: ixgbe, queues: 2, driver: vfio-pci}}
            workloads:
              - packets: {to: eth0, rate: 1Mpps, size: 64, flows: 64}
              - poll-mode: {ports: [eth0], cpus: "1-2", forward: drop}
            run: 5ms
            """;
        TwinMachine machine = TwinRuns.Machine(two, 5 * SimTime.Millisecond);
        Assert.All(machine.PollModePorts[0].Controller.Vectors.Take(2), vector => Assert.InRange(vector.Rx.Taken, 1_500, 3_500));
    }

    [Fact]
    public void In_interrupt_mode_a_core_without_packets_sleeps_until_its_card_interrupts()
    {
        const string sleeping = """
            machine: {cores: 2}
            devices:
              eth0: {model: ixgbe, bus: "0000:01:00.0", driver: vfio-pci}
            workloads:
              - packets: {to: eth0, rate: 10kpps, size: 64, flows: 4, arrivals: poisson}
              - poll-mode: {ports: [eth0], cpus: "1", sleep-after: 100}
            run: 50ms
            """;
        RunReport report = TwinRuns.Run(sleeping);
        Assert.InRange(report.Cpus[1].UserPct, 2, 10);
        // A row of a hundred empty bursts takes 2.5 us, so nearly every packet finds it asleep.
        Assert.InRange(report.Devices[0].Interrupts, report.Devices[0].RxPackets * 0.9, report.Devices[0].RxPackets);
        Assert.Contains(report.Interrupts, line => line.Name == "vfio-msix[0](0000:01:00.0)" && line.Total == report.Devices[0].Interrupts);
        // What it spares in power it pays with a wake-up.
        Assert.True(report.Devices[0].Latency.P50 > 5 * TwinRuns.Run(sleeping.Replace(", sleep-after: 100", "", StringComparison.Ordinal)).Devices[0].Latency.P50);
        // Under load it never comes to sleep.
        Assert.InRange(TwinRuns.Run(sleeping.Replace("10kpps", "5Mpps", StringComparison.Ordinal)).Devices[0].Interrupts, 0, 10);
    }

    [Fact]
    public void Nobody_can_tell_whether_packets_and_bursts_were_events()
    {
        foreach (ulong seed in (ulong[])[1, 2, 3])
        {
            string hog = Forwarding.Replace("run: 3ms", "  - task: {name: hog, cpus: \"1\", compute: 50us, sleep: 70us, policy: \"fifo:10\"}\nrun: 3ms", StringComparison.Ordinal);
            foreach (string yaml in (string[])[Forwarding, hog, Forwarding.Replace("cpus: \"1\"}\nrun", "cpus: \"1\", forward: drop, burst: 4}\nrun", StringComparison.Ordinal),
                Forwarding.Replace("cpus: \"1\"}\nrun", "cpus: \"1\", sleep-after: 7}\nrun", StringComparison.Ordinal), hog.Replace("3Mpps", "30kpps", StringComparison.Ordinal).Replace("[eth0, eth1], cpus: \"1\"}", "[eth0, eth1], cpus: \"1\", sleep-after: 60}", StringComparison.Ordinal)])
                Assert.Equal(TwinRuns.Text(TwinRuns.Run(yaml, new RunOptions { Seed = seed })), TwinRuns.Text(TwinRuns.Run(yaml, new RunOptions { Seed = seed, Exact = true })));
        }
    }

    [Theory]
    [InlineData("{ports: [eth2], cpus: \"1\"}", "test.yaml:10:25: a port is the name of a network card with driver: vfio-pci, once; write ports: [eth0], and driver: vfio-pci in that device")]
    [InlineData("{ports: [eth0], cpus: \"0-1\"}", "test.yaml:10:38: cpus has 2 CPUs, but eth0 has 1 queues, one for each; write queues: 2 in that device")]
    [InlineData("{cpus: \"1\"}", "test.yaml:10:16: poll-mode has no ports; write ports: [eth0]")]
    public void Mistakes_are_told_with_their_place(string workload, string expected)
    {
        string yaml = Forwarding.Replace("{ports: [eth0, eth1], cpus: \"1\"}", workload, StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Throws<ScenarioException>(() => TwinRuns.Scenario(yaml)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernel_has_no_application_for_packets_of_a_card_it_gave_away()
    {
        string yaml = Forwarding.Replace("rate: 3Mpps,", "rate: 3Mpps, app: none,", StringComparison.Ordinal);
        Assert.Contains("app is of this kernel, which has given eth0 away (driver: vfio-pci)", Assert.Throws<ScenarioException>(() => TwinRuns.Scenario(yaml)).Message, StringComparison.Ordinal);
    }
}
