using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>Virtual machines whose host takes the processor away.</summary>
public class StealTests
{
    private static long[] Stat(TwinMachine machine) => [.. machine.Read("/proc/stat").Split('\n')[1].Split(' ')[1..].Select(long.Parse)];

    /// <summary>A hog loses the host's share; it is nobody else's time, whether interrupts' time is measured or not, and the ten classes are the clock.</summary>
    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public void A_busy_processor_loses_the_hosts_share(string irqTime)
    {
        TwinMachine machine = TwinRuns.Machine($$"""
            machine: {cores: 1, steal: 20%, kernel: {irq-time: {{irqTime}} } }
            workloads:
              - task: {name: hog, cpus: "0", busy: 100%}
            """, 10 * SimTime.Second);
        long[] stat = Stat(machine);
        Assert.InRange(stat[(int)CpuClass.Steal], 180, 220);
        Assert.InRange(stat[(int)CpuClass.User], 760, 820);
        Assert.InRange(stat.Sum(), 960, 1000);
        Assert.Equal(10 * SimTime.Second, machine.Kernel.Cpus[0].Time.TotalPs);
        Assert.Equal((0, 0), (stat[(int)CpuClass.Guest], stat[(int)CpuClass.GuestNice]));
        Assert.Equal(machine.Kernel.Cpus[0].Time[CpuClass.User], machine.TaskLoads[0].Tasks[0].RuntimePs - machine.TaskLoads[0].Tasks[0].SystemPs);
    }

    [Fact]
    public void A_processor_that_halts_has_nothing_to_be_taken_from()
    {
        TwinMachine machine = TwinRuns.Machine("machine: {cores: 1, steal: 50%}", 2 * SimTime.Second);
        Assert.InRange(Stat(machine)[(int)CpuClass.Steal], 0, 5);
    }

    /// <summary>Woken while the host has the core, a processor waits for it: the delay says why.</summary>
    [Fact]
    public void A_wake_up_waits_for_the_host_and_says_so()
    {
        RunReport report = TwinRuns.Run("""
            machine: {cores: 1, steal: 10%, steal-slice: 2ms}
            workloads:
              - task: {name: control, cpus: "0", compute: 10us, sleep: 990us, policy: "fifo:90"}
            run: 2s
            """);
        Assert.All(report.Delays.Where(delay => delay.Kind == "interrupt").Take(3), delay => Assert.Equal("taken by the host", delay.Parts[0].Cause));
    }
}
