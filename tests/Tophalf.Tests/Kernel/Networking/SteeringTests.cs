using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Networking;

/// <summary>Receive and transmit steering, deferred interrupts and threads, set by their files (Documentation/networking/scaling.rst, napi.rst).</summary>
public class SteeringTests
{
    private const string OneQueue = """
        machine: {cores: 4}
        devices:
          eth0: {model: ixgbe, queues: 1, rx-usecs: 20}
        workloads:
          - packets: {to: eth0, rate: 100kpps, size: 64, flows: 64, arrivals: poisson, app: {threads: 4, spread: flow}}
        tuning: |
        """;

    [Fact]
    public void Without_steering_the_processor_of_the_interrupt_handles_every_packet()
    {
        TwinMachine machine = Run("");
        Assert.Equal([false, true, false, false], Busy(machine));
        Assert.All(machine.Kernel.Cpus, cpu => Assert.Equal(0u, cpu.Softnet.ReceivedRps));
    }

    [Fact]
    public void Rps_cpus_spreads_flows_by_hash_and_sends_an_interrupt_for_each_batch()
    {
        TwinMachine machine = Run("  echo d > /sys/class/net/eth0/queues/rx-0/rps_cpus");
        // The processor of the interrupt hands everything on; the other three share the flows.
        Assert.Equal([true, false, true, true], Busy(machine));
        Cpu[] cpus = [.. machine.Kernel.Cpus.Where(cpu => cpu.Id != 1)];
        Assert.All(cpus, cpu => Assert.InRange((double)cpu.Softnet.ReceivedRps, 1000, cpu.Softnet.Processed));
        // The rest of the calls wake tasks; a batch that finds one of these on its way needs no interrupt of its own.
        Assert.All(cpus, cpu => Assert.InRange(cpu.Counts[ArchInterrupt.CAL], cpu.Softnet.ReceivedRps, 2 * cpu.Softnet.ReceivedRps));
        string[] columns = machine.Read("/proc/net/softnet_stat").Split('\n')[2].Split(' ');
        Assert.Equal((15, cpus[1].Softnet.Processed.ToString("x8"), cpus[1].Softnet.ReceivedRps.ToString("x8")), (columns.Length, columns[0], columns[9]));
    }

    [Fact]
    public void A_flow_follows_the_processor_of_its_task()
    {
        TwinMachine machine = Run("""
              echo 32768 > /proc/sys/net/core/rps_sock_flow_entries
              echo 2048 > /sys/class/net/eth0/queues/rx-0/rps_flow_cnt
              echo f > /sys/class/net/eth0/queues/rx-0/rps_cpus
            """);
        // Each of the four tasks is on its own processor and has a quarter of the flows.
        Assert.Equal([true, true, true, true], Busy(machine));
        double[] shares = [.. machine.Kernel.Cpus.Select(cpu => (double)cpu.Softnet.Processed / machine.NetDevices[0].RxTaken)];
        Assert.All(shares, share => Assert.InRange(share, 0.22, 0.28));
    }

    [Fact]
    public void A_backlog_above_its_limit_drops_and_says_so()
    {
        TwinMachine machine = Run("""
              echo 10 > /proc/sys/net/core/netdev_max_backlog
              echo 2 > /sys/class/net/eth0/queues/rx-0/rps_cpus
              ethtool -C eth0 rx-usecs 1000
            """);
        NetDevice eth0 = machine.NetDevices[0];
        Assert.InRange(eth0.BacklogDropped, 1000, eth0.RxTaken);
        Assert.Equal((uint)eth0.BacklogDropped, machine.Kernel.Cpus[1].Softnet.Dropped);
        Assert.StartsWith($"{machine.Kernel.Cpus[1].Softnet.Processed:x8} {eth0.BacklogDropped:x8} ", machine.Read("/proc/net/softnet_stat").Split('\n')[1]);
    }

    [Theory]
    [InlineData("queues/rx-0/rps_cpus", "0", "3", "3")]
    [InlineData("queues/rx-0/rps_flow_cnt", "0", "1000", "1024")]
    [InlineData("gro_flush_timeout", "0", "20000", "20000")]
    [InlineData("napi_defer_hard_irqs", "0", "0x10", "16")]
    [InlineData("threaded", "0", "1", "1")]
    [InlineData("queues/tx-1/xps_cpus", "2", "c", "c")]
    public void Files_hold_what_was_written_or_what_it_was_rounded_to(string file, string before, string written, string after)
    {
        TwinMachine machine = TwinRuns.Machine("machine: {cores: 4}\ndevices:\n  eth0: {model: ixgbe}\n");
        string path = "/sys/class/net/eth0/" + file;
        Assert.Equal(before + "\n", machine.Read(path));
        machine.Write(path, written + "\n");
        Assert.Equal(after + "\n", machine.Read(path));
    }

    [Theory]
    [InlineData("threaded", "3", Errno.EOPNOTSUPP)]
    [InlineData("threaded", "yes", Errno.EINVAL)]
    [InlineData("napi_defer_hard_irqs", "2147483648", Errno.ERANGE)]
    [InlineData("gro_flush_timeout", "", Errno.EINVAL)]
    [InlineData("queues/rx-0/rps_cpus", "xyz", Errno.EINVAL)]
    [InlineData("queues/tx-0/xps_cpus", "1", Errno.ENOENT)]
    [InlineData("queues/rx-1/rps_cpus", "1", Errno.ENOENT)]
    public void Files_refuse_what_the_kernel_refuses(string file, string written, Errno error)
    {
        TwinMachine machine = TwinRuns.Machine("machine: {cores: 4}\ndevices:\n  eth0: {model: ixgbe, queues: 1}\n");
        Assert.Equal(error, machine.Files.Write("/sys/class/net/eth0/" + file, written + "\n"));
    }

    [Fact]
    public void Deferral_polls_by_timer_and_the_interrupt_stays_off()
    {
        TwinMachine plain = Run(""), deferred = Run("""
              echo 20000 > /sys/class/net/eth0/gro_flush_timeout
              echo 100 > /sys/class/net/eth0/napi_defer_hard_irqs
            """);
        Assert.InRange(deferred.NetDevices[0].Raised, 1, plain.NetDevices[0].Raised / 100);
        // A poll, its cost and 20 us until the next.
        Assert.InRange(deferred.NetDevices[0].Napis[0].Polls, 40_000 / 2, 50_000);
        Assert.InRange(deferred.NetDevices[0].Latency.Mean, 5 * SimTime.Microsecond, 25 * SimTime.Microsecond);
    }

    [Fact]
    public void So_many_empty_polls_are_tolerated_and_the_next_arms_the_interrupt()
    {
        var bench = new KernelBench();
        var napi = new NapiBench(bench, "ixgbe", queues: 1, rxUsecs: 10);
        napi.Device.SetGroFlushTimeout(50_000);
        napi.Device.SetDeferHardIrqs(3);
        napi.Burst(0, 10, 0);
        napi.Run();
        // One poll with packets grants three, of which the first is its own completion.
        Assert.Equal((1, 4), (napi.Interrupts, napi.Polls));
        napi.Burst(0, 10, bench.NowPs);
        napi.Run();
        Assert.Equal((2, 8), (napi.Interrupts, napi.Polls));
    }

    [Fact]
    public void Without_a_timeout_nothing_is_deferred()
    {
        var napi = new NapiBench(new KernelBench(), "ixgbe", queues: 1, rxUsecs: 10);
        napi.Device.SetDeferHardIrqs(3);
        napi.Burst(0, 10, 0);
        napi.Run();
        Assert.Equal((1, 1), (napi.Interrupts, napi.Polls));
    }

    [Fact]
    public void A_threaded_queue_is_polled_by_a_task_of_its_own()
    {
        TwinMachine machine = Run("  echo 1 > /sys/class/net/eth0/threaded");
        KernelTask thread = Assert.Single(machine.Kernel.Tasks, task => task.Comm == "napi/eth0-8193");
        Assert.InRange(thread.RuntimePs, SimTime.Millisecond, SimTime.Second);
        Assert.Equal(0u, machine.Kernel.Cpus[0].Softirqs[Tophalf.Kernel.BottomHalves.SoftirqVector.NET_RX]);
        Assert.InRange(machine.NetDevices[0].Delivered, 90_000, 110_000);
    }

    [Fact]
    public void Xps_sends_on_the_queue_of_the_sending_processor()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 4}
            devices:
              eth0: {model: ixgbe, rx-usecs: 20}
            workloads:
              - packets: {to: eth0, rate: 10kpps, size: 64, flows: 64, app: {threads: 4, reply: 64}}
            tuning: |
              for q in 0 1 2 3; do echo 0 > /sys/class/net/eth0/queues/tx-$q/xps_cpus; done
              echo f > /sys/class/net/eth0/queues/tx-2/xps_cpus
            """, 100 * SimTime.Millisecond);
        long[] sent = [.. machine.NetDevices[0].Controller.Vectors.Select(vector => vector.Tx.Sent)];
        Assert.Equal([0, 0, sent.Sum(), 0], sent);
        Assert.InRange(sent[2], 900, 1100);
    }

    /// <summary>A second of the scenario with these commands before it.</summary>
    private static TwinMachine Run(string tuning)
    {
        TwinMachine machine = TwinRuns.Machine(OneQueue + "\n" + (tuning.Length > 0 ? tuning : "  true") + "\n", SimTime.Second);
        Audit.Check(machine);
        return machine;
    }

    /// <summary>Which processors handled more than a tenth of the packets.</summary>
    private static IEnumerable<bool> Busy(TwinMachine machine) => machine.Kernel.Cpus.Select(cpu => cpu.Softnet.Processed > machine.NetDevices[0].RxTaken / 10);
}
