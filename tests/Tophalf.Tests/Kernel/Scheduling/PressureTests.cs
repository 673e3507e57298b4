using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>/proc/pressure: how long work stood still (Documentation/accounting/psi.rst, kernel/sched/psi.c).</summary>
public class PressureTests
{
    private const string Nothing = "avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

    private static ProcPressure Of(SchedulingBench bench, string resource) => ProcPressure.Parse(bench.Bench.Read($"/proc/pressure/{resource}"));

    [Fact]
    public void Two_tasks_on_one_processor_leave_one_waiting_all_the_time()
    {
        var bench = new SchedulingBench();
        bench.Hog();
        bench.Hog();
        bench.RunUntil(61 * SimTime.Second);
        PressureLine some = Of(bench, "cpu").Some!.Value;
        // Thirty samples, one every two seconds and a tick: 1 - e^-6, 1 - e^-1, 1 - e^-1/5, rounded up at each.
        Assert.InRange(some.Avg10, 98.5, 100);
        Assert.InRange(some.Avg60, 62, 64);
        Assert.InRange(some.Avg300, 18.1, 18.7);
        Assert.InRange(some.TotalUs, 60_900_000, 61_000_000);
    }

    [Fact]
    public void A_task_that_has_its_processor_alone_waits_for_nothing()
    {
        var bench = new SchedulingBench(cpus: 2);
        bench.Hog(cpu: 0);
        bench.Hog(cpu: 1);
        bench.RunUntil(5 * SimTime.Second);
        foreach (string resource in (string[])["io", "memory"]) Assert.Equal($"some {Nothing}full {Nothing}", bench.Bench.Read($"/proc/pressure/{resource}"));
        Assert.InRange(Of(bench, "cpu").Some!.Value.TotalUs, 0, 1000);
        Assert.EndsWith($"full {Nothing}", bench.Bench.Read("/proc/pressure/cpu"), StringComparison.Ordinal);
    }

    /// <summary>An idle processor does not make those better off that wait for another; a busy one halves the share.</summary>
    [Theory]
    [InlineData(false, 10.0)]
    [InlineData(true, 5.0)]
    public void Processors_count_by_how_long_they_had_anything_to_do(bool isOtherBusy, double seconds)
    {
        var bench = new SchedulingBench(cpus: 2);
        bench.Hog(cpu: 0);
        bench.Hog(cpu: 0);
        if (isOtherBusy) bench.Hog(cpu: 1);
        bench.RunUntil(10 * SimTime.Second);
        Assert.InRange(Of(bench, "cpu").Some!.Value.TotalUs / 1e6, seconds * 0.99, seconds * 1.01);
    }

    /// <summary>What it has promised others keeps it from running: it stands still though its processor idles.</summary>
    [Fact]
    public void A_throttled_deadline_task_stands_still()
    {
        var bench = new SchedulingBench();
        bench.Hog(Tophalf.Kernel.Scheduling.SchedulingPolicy.Deadline, promised: new(20 * SimTime.Millisecond, 100 * SimTime.Millisecond, 100 * SimTime.Millisecond));
        bench.RunUntil(10 * SimTime.Second);
        Assert.InRange(Of(bench, "cpu").Some!.Value.TotalUs / 1e6, 7.5, 8.1);
    }

    private const string Interrupted = """
        devices:
          dev: {model: line, irq: 16, chip: ioapic, trigger: level}
        workloads:
          - interrupts: {to: dev, rate: 100k/s, arrivals: poisson}
          - task: {name: hog, cpus: "0", busy: 100%}
        """;

    [Fact]
    public void Interrupts_stop_the_task_they_interrupt()
    {
        TwinMachine machine = TwinRuns.Machine($"machine: {{cores: 1}}\n{Interrupted}", 3 * SimTime.Second);
        string text = machine.Read("/proc/pressure/irq");
        Assert.StartsWith("full avg10=", text, StringComparison.Ordinal);
        var cpu = machine.Kernel.Cpus[0].Time;
        double interruptsUs = (cpu[Tophalf.Kernel.Scheduling.CpuClass.Irq] + cpu[Tophalf.Kernel.Scheduling.CpuClass.Softirq]) / 1e6;
        Assert.InRange(ProcPressure.Parse(text).Full!.Value.TotalUs, interruptsUs * 0.99, interruptsUs * 1.001);
    }

    [Fact]
    public void Only_a_kernel_that_measures_interrupts_knows_their_pressure()
    {
        TwinMachine machine = TwinRuns.Machine($"machine: {{cores: 1, kernel: {{irq-time: off}}}}\n{Interrupted}", SimTime.Millisecond);
        Assert.Equal(["cpu", "io", "memory"], machine.List("/proc/pressure"));
    }

    [Fact]
    public void Psi_0_on_the_command_line_leaves_the_directory_out()
    {
        var bench = new SchedulingBench(cmdline: "psi=0");
        Assert.Equal(Errno.ENOENT, bench.Bench.Files.Read("/proc/pressure/cpu", out _));
    }
}
