using System.Globalization;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>What the kernel says of where time went.</summary>
public class AccountingTests
{
    private const string Interrupted = """
        devices:
          dev: {model: line, irq: 16, chip: ioapic, trigger: level}
        workloads:
          - interrupts: {to: dev, rate: 100k/s, arrivals: poisson}
          - task: {name: hog, cpus: "0", busy: 100%}
        """;

    /// <summary>A tick cannot come while a hard interrupt runs, so a kernel that counts ticks never finds one: its time is the hog's.</summary>
    [Theory]
    [InlineData("on", true)]
    [InlineData("off", false)]
    public void Without_irq_time_accounting_interrupts_take_no_time(string irqTime, bool isSeen)
    {
        TwinMachine machine = TwinRuns.Machine($"machine: {{cores: 1, kernel: {{irq-time: {irqTime}}}}}\n{Interrupted}", 2 * SimTime.Second);
        long[] cpu0 = [.. machine.Read("/proc/stat").Split('\n')[1].Split(' ')[1..].Select(long.Parse)];
        Assert.InRange(cpu0.Sum(), 195, 201);
        if (isSeen) Assert.InRange(cpu0[(int)CpuClass.Irq], 20, 100);
        else Assert.Equal(0, cpu0[(int)CpuClass.Irq]);
        Assert.Equal(isSeen, cpu0[(int)CpuClass.User] < 185);
        // The truth is the same.
        Assert.InRange(machine.Kernel.Cpus[0].Time[CpuClass.Irq], 200 * SimTime.Millisecond, SimTime.Second);
    }

    [Fact]
    public void The_load_average_goes_towards_the_number_of_runnable_tasks()
    {
        var bench = new SchedulingBench();
        bench.Hog();
        bench.Hog();
        bench.RunUntil(61 * SimTime.Second);
        string[] words = bench.Bench.Read("/proc/loadavg").Split(' ');
        // 2 (1 - e^-1) after a minute, 2 (1 - e^-1/5), 2 (1 - e^-1/15).
        double[] averages = [.. words[..3].Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        Assert.InRange(averages[0], 1.25, 1.28);
        Assert.InRange(averages[1], 0.35, 0.38);
        Assert.InRange(averages[2], 0.12, 0.14);
        Assert.StartsWith("2/", words[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_tells_its_times_and_its_place()
    {
        var bench = new SchedulingBench();
        PeriodicTask hog = bench.Hog(), other = bench.Hog(SchedulingPolicy.RoundRobin, 7);
        bench.RunUntil(400 * SimTime.Millisecond);
        string[] stat = bench.Bench.Read($"/proc/{other.Pid}/stat").Trim().Split(' ');
        Assert.Equal(52, stat.Length);
        Assert.Equal(("(hog)", "R", "-8", "0", "7", "2"), (stat[1], stat[2], stat[17], stat[38], stat[39], stat[40]));
        Assert.InRange(int.Parse(stat[13]), 39, 40);
        Assert.Equal("hog\n", bench.Bench.Read($"/proc/{hog.Pid}/comm"));
        string[] sched = bench.Bench.Read($"/proc/{other.Pid}/schedstat").Trim().Split(' ');
        Assert.InRange(long.Parse(sched[0]), 399_000_000, 400_000_000);
    }

    [Fact]
    public void Schedstat_counts_what_the_processor_scheduled()
    {
        var bench = new SchedulingBench(cpus: 2);
        bench.Hog();
        bench.Hog();
        bench.RunUntil(100 * SimTime.Millisecond);
        string[] lines = bench.Bench.Read("/proc/schedstat").Split('\n');
        Assert.Equal("version 17", lines[0]);
        Assert.StartsWith("domain0 MC 3 ", lines[3]);
        string[] cpu0 = lines[2].Split(' ');
        Assert.Equal(("cpu0", 10), (cpu0[0], cpu0.Length));
        Assert.InRange(long.Parse(cpu0[7]), 95_000_000, 100_000_000);
        // One of the two waits at any moment.
        Assert.InRange(long.Parse(cpu0[8]), 85_000_000, 100_000_000);
    }
}
