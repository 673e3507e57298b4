using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.BottomHalves;

/// <summary>When a processor's timer interrupts: ticks and high-resolution timers (kernel/time/tick-sched.c, hrtimer.c).</summary>
public class TickTests
{
    private static uint Ticks(KernelBench bench, int cpu) => bench.Kernel.Cpus[cpu].Counts[ArchInterrupt.LOC];

    private static void Hog(KernelBench bench, int cpu, string name)
    {
        var hog = new PeriodicTask(bench.Kernel, name, cpu, SimTime.Second, 0, CpuClass.User);
        bench.Kernel.AddTask(hog, bench.Kernel.Cpus[cpu]);
        bench.Kernel.Wake(hog, bench.Kernel.Cpus[cpu], bench.NowPs);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(250)]
    [InlineData(300)]
    [InlineData(1000)]
    public void A_busy_processor_ticks_hz_times_a_second_and_an_idle_one_not_at_all(int hz)
    {
        var bench = new KernelBench(cpus: 2, hz: hz);
        Hog(bench, 0, "hog");
        bench.RunFor(SimTime.Second);
        Assert.InRange(Ticks(bench, 0), (uint)hz - 1, (uint)hz);
        Assert.Equal(0u, Ticks(bench, 1));
    }

    [Fact]
    public void With_nohz_off_an_idle_processor_ticks_too()
    {
        var bench = new KernelBench(cpus: 2, cmdline: "nohz=off");
        bench.RunFor(SimTime.Second);
        Assert.InRange(Ticks(bench, 1), 249u, 250u);
    }

    /// <summary>sched_tick_remote: nobody looks at a tick that never stops, and none of this is done on the processor that is to be left alone.</summary>
    [Fact]
    public void A_kworker_of_the_others_looks_once_a_second_at_a_processor_without_a_tick()
    {
        var bench = new KernelBench(cpus: 2, cmdline: "nohz_full=1");
        Hog(bench, 1, "alone");
        bench.RunFor(10 * SimTime.Second + SimTime.Second / 2);
        Assert.Equal(10, bench.Kernel.Workqueues.Queued); // a second is 256 jiffies to the wheel
        Assert.InRange(Ticks(bench, 1), 0u, 3u);
        Assert.All(bench.Kernel.Tasks.Where(task => task.Comm.StartsWith("kworker/u", StringComparison.Ordinal)), worker => Assert.Equal(0, worker.Cpu.Id));
    }

    /// <summary>sched_can_stop_tick: its runtime is to be watched.</summary>
    [Fact]
    public void A_deadline_task_alone_on_a_processor_of_nohz_full_keeps_the_tick_and_gets_no_more_than_its_runtime()
    {
        var bench = new KernelBench(cpus: 2, cmdline: "nohz_full=1");
        var task = new PeriodicTask(bench.Kernel, "deadline", 1, SimTime.Second, 0, CpuClass.User)
        {
            Policy = SchedulingPolicy.Deadline,
            DeadlineParameters = new DeadlineParameters(10 * SimTime.Millisecond, 100 * SimTime.Millisecond, 100 * SimTime.Millisecond),
        };
        bench.Kernel.AddTask(task, bench.Kernel.Cpus[1]);
        bench.Kernel.Wake(task, bench.Kernel.Cpus[1], bench.NowPs);
        bench.RunFor(SimTime.Second);
        Assert.InRange(task.RuntimePs, 95 * SimTime.Millisecond, 125 * SimTime.Millisecond);
    }

    [Fact]
    public void A_processor_of_nohz_full_ticks_only_while_it_has_two_tasks()
    {
        var bench = new KernelBench(cpus: 3, cmdline: "nohz_full=0-1");
        Assert.Equal(["NO_HZ: Clearing 0 from nohz_full range for timekeeping", "NO_HZ: Full dynticks CPUs: 1."], bench.Log.Where(line => line.StartsWith("NO_HZ", StringComparison.Ordinal)));
        Hog(bench, 1, "alone");
        bench.RunFor(SimTime.Second);
        Assert.InRange(Ticks(bench, 1), 0u, 3u);
        Hog(bench, 1, "second");
        uint before = Ticks(bench, 1);
        bench.RunFor(SimTime.Second);
        Assert.InRange(Ticks(bench, 1) - before, 240u, 260u);
    }

    [Fact]
    public void A_soft_timer_expires_in_the_hrtimer_softirq_and_a_hard_one_in_the_interrupt()
    {
        var bench = new KernelBench();
        Cpu cpu = bench.Kernel.Cpus[0];
        List<string> story = [];
        HrTimer Timer(string name, bool soft) => new(on => story.Add($"{name} hardirq {on.InHardirq} softirq {on.InSoftirq}"), soft ? HrTimerMode.Soft : HrTimerMode.Hard);
        cpu.Tick.Start(Timer("soft", soft: true), SimTime.Millisecond, 0);
        cpu.Tick.Start(Timer("hard", soft: false), SimTime.Millisecond, 0);
        HrTimer cancelled = Timer("cancelled", soft: true);
        cpu.Tick.Start(cancelled, SimTime.Millisecond, 0);
        Assert.True(cpu.Tick.Cancel(cancelled, 0));
        Assert.False(cpu.Tick.Cancel(cancelled, 0));
        bench.RunFor(10 * SimTime.Millisecond);
        Assert.Equal(["hard hardirq True softirq False", "soft hardirq False softirq True"], story);
        Assert.Equal((1u, 1u), (cpu.Softirqs[SoftirqVector.HRTIMER], Ticks(bench, 0)));
    }
}
