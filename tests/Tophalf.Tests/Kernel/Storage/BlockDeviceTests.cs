using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;

namespace Tophalf.Tests.Kernel.Storage;

/// <summary>Tasks that wait for a disk: where their requests are finished, and what the time is called meanwhile.</summary>
public class BlockDeviceTests
{
    private static long[] Stat(TwinMachine machine, int line) => [.. machine.Read("/proc/stat").Split('\n')[line].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..].Select(long.Parse)];

    private static TwinMachine Read(string machine, string disk, string reads, string tuning = "", long untilPs = SimTime.Second) => TwinRuns.Machine($$"""
        machine: {{machine}}
        devices:
          disk: {{disk}}
        workloads:
          - reads: {{reads}}
        """ + (tuning == "" ? "" : $"\ntuning: |\n  {tuning}\n"), untilPs);

    /// <summary>A processor with nothing but a task that waits for its disk waits for I/O; one without is idle.</summary>
    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public void A_processor_whose_task_waits_for_a_disk_is_in_iowait(string irqTime)
    {
        TwinMachine machine = Read($"{{cores: 2, kernel: {{irq-time: {irqTime}}}}}", "{model: nvme}", "{to: disk, threads: 1, cpus: \"1\", latency: 900us, think: 100us}");
        long[] waiting = Stat(machine, 2), idle = Stat(machine, 1);
        Assert.InRange(waiting[(int)CpuClass.IoWait], 85, 92);
        Assert.InRange(waiting[(int)CpuClass.Idle], 0, 1);
        Assert.Equal(0, idle[(int)CpuClass.IoWait]);
        Assert.InRange(idle[(int)CpuClass.Idle], 99, 100);
        Assert.InRange(machine.Readers[0].Reads, 900, 1100);
    }

    [Fact]
    public void Who_waits_is_blocked_and_in_state_D_and_presses()
    {
        TwinMachine machine = Read("{cores: 1}", "{model: nvme}", "{to: disk, latency: 100ms, name: slow}", untilPs: 150 * SimTime.Millisecond);
        Assert.Contains("procs_blocked 1\n", machine.Read("/proc/stat"));
        Assert.Contains("(slow) D ", machine.Read($"/proc/{machine.Readers[0].Pid}/stat"));
        string[] io = machine.Read("/proc/pressure/io").Split('\n');
        Assert.All(io[..2], line => Assert.InRange(long.Parse(line[(line.IndexOf("total=", StringComparison.Ordinal) + 6)..]), 140_000, 150_000));
        machine.RunUntil(20 * SimTime.Second);
        Assert.StartsWith("0.2", machine.Read("/proc/loadavg"), StringComparison.Ordinal);
    }

    /// <summary>Many queues: finished in the interrupt. One for all: in the BLOCK softirq.</summary>
    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    public void A_disk_of_one_queue_finishes_in_the_softirq(int queues, int softirqsPerRead)
    {
        TwinMachine machine = Read("{cores: 2}", $"{{model: nvme, queues: {queues}}}", "{to: disk, cpus: \"0\"}");
        long block = machine.Kernel.Cpus.Sum(cpu => cpu.Softirqs[SoftirqVector.BLOCK]);
        Assert.Equal(machine.Kernel.BlockDevices[0].Completed * softirqsPerRead, block);
        Assert.InRange(machine.Kernel.BlockDevices[0].Completed, 10_000, 15_000);
    }

    /// <summary>rq_affinity 1 is content with a processor that shares the submitter's cache; 2 has the request finished on its own, which a call brings it to.</summary>
    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(1, 1, false)]
    [InlineData(2, 1, true)]
    [InlineData(1, 2, true)]
    public void Rq_affinity_steers_a_request_back_to_its_submitter(int affinity, int sockets, bool isSteered)
    {
        TwinMachine machine = Read($"{{sockets: {sockets}, cores: {2 / sockets}}}", "{model: nvme, queues: 1}", "{to: disk, threads: 2, cpus: \"0-1\"}",
            $"echo {affinity} > /sys/block/nvme0n1/queue/rq_affinity");
        int interrupted = machine.LineDevices["disk"][1].Line.Effective.First;
        Cpu other = machine.Kernel.Cpus[1 - interrupted];
        Assert.Equal(isSteered, other.Softirqs[SoftirqVector.BLOCK] > 1000);
        // Its tasks are woken by a call all the same, if they are not there already.
        Assert.InRange(other.Counts[ArchInterrupt.CAL], 10_000u, 15_000u);
    }

    [Theory]
    [InlineData("x", "Invalid argument")]
    [InlineData("-1", "Invalid argument")]
    [InlineData("2", "")]
    [InlineData("7", "")]
    public void Rq_affinity_takes_numbers(string text, string error)
    {
        TwinMachine machine = Read("{cores: 1}", "{model: virtio-blk}", "{to: disk}", untilPs: SimTime.Millisecond);
        Assert.Contains(error, machine.Run($"echo {text} > /sys/block/vda/queue/rq_affinity").Error);
    }
}
