using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>Which processor a task wakes on, and how load spreads over all of them.</summary>
public class ManyCpusTests
{
    private const long Ms = SimTime.Millisecond;

    private static PeriodicTask Roamer(SchedulingBench bench, int start, CpuMask cpus, SchedulingPolicy policy = SchedulingPolicy.Fair, int priority = 0) =>
        bench.Start(new PeriodicTask(bench.Bench.Kernel, "roamer", cpus, SimTime.Second, 0, CpuClass.User) { Policy = policy, RtPriority = priority }, start);

    [Fact]
    public void Hogs_that_began_on_one_processor_end_up_one_on_each()
    {
        var bench = new SchedulingBench(cpus: 4);
        PeriodicTask[] hogs = [.. Enumerable.Range(0, 4).Select(_ => Roamer(bench, 0, CpuMask.FirstCpus(4)))];
        bench.RunUntil(100 * Ms);
        Assert.Equal([0, 1, 2, 3], hogs.Select(hog => hog.Cpu.Id).Order());
        Assert.Contains(bench.Bench.Kernel.Cpus, cpu => cpu.Softirqs[SoftirqVector.SCHED] > 0);
        bench.RunUntil(1100 * Ms);
        Assert.All(hogs, hog => Assert.InRange(hog.RuntimePs, 990 * Ms, 1100 * Ms));
    }

    /// <summary>What interrupts take of a processor is not there for tasks, and counts as such.</summary>
    [Fact]
    public void A_processor_that_interrupts_keep_busy_gets_fewer_tasks()
    {
        var bench = new SchedulingBench(cpus: 2);
        HrTimer flood = null!;
        flood = new HrTimer(cpu =>
        {
            cpu.Spend(700 * SimTime.Microsecond);
            cpu.Tick.Start(flood, flood.ExpiresPs + Ms, cpu.LocalPs);
        }, HrTimerMode.Hard);
        bench.Bench.Kernel.Cpus[0].Tick.Start(flood, Ms, 0);
        PeriodicTask[] hogs = [.. Enumerable.Range(0, 3).Select(number => Roamer(bench, number % 2, CpuMask.FirstCpus(2)))];
        bench.RunUntil(400 * Ms);
        Assert.Equal([0, 1, 1], hogs.Select(hog => hog.Cpu.Id).Order());
        Assert.InRange(bench.Bench.Kernel.Cpus[0].Runqueue.Capacity.Value, 0.25 * CpuCapacity.Whole, 0.35 * CpuCapacity.Whole);
        Assert.InRange(bench.Bench.Kernel.Cpus[1].Runqueue.Capacity.Value, 0.99 * CpuCapacity.Whole, CpuCapacity.Whole);
    }

    /// <summary>Two hogs take turns at every tick, the last at 20 ms, beside a processor that a real-time task gives back.</summary>
    [Theory]
    [InlineData(20_300, false)]
    [InlineData(20_800, true)]
    public void A_task_that_ran_less_than_half_a_millisecond_ago_is_not_taken(int freeUs, bool isTaken)
    {
        var bench = new SchedulingBench(cpus: 2);
        bench.WakeAt(0, bench.Sleeper(SchedulingPolicy.Fifo, 50, cpu: 1, computePs: freeUs * SimTime.Microsecond), from: 1);
        bench.RunUntil(10 * SimTime.Microsecond);
        PeriodicTask[] hogs = [.. Enumerable.Range(0, 2).Select(_ => Roamer(bench, 0, CpuMask.FirstCpus(2)))];
        bench.RunUntil(22 * Ms);
        Assert.Equal(isTaken ? 1 : 0, hogs.Sum(hog => hog.Migrations));
        // Looks that failed twice are followed by one that does not mind.
        bench.RunUntil(100 * Ms);
        Assert.Equal([0, 1], hogs.Select(hog => hog.Cpu.Id).Order());
    }

    /// <summary>No processor idles: the softirq that wakes the task shares its own with ksoftirqd alone, or with a hog.</summary>
    [Theory]
    [InlineData(1, true, 0)]
    [InlineData(1, false, 1)]
    [InlineData(3, true, 1)]
    public void A_task_woken_by_a_socket_goes_where_its_waker_is_alone(int hogsBesideWaker, bool isSync, int goesTo)
    {
        var bench = new SchedulingBench(cpus: 2);
        for (int i = 0; i < hogsBesideWaker; i++) bench.Hog(cpu: 0);
        bench.Hog(cpu: 1);
        var woken = new SleeperTask("woken", CpuMask.Of(0, 1), 10 * SimTime.Microsecond);
        Tophalf.Kernel.Kernel kernel = bench.Bench.Kernel;
        kernel.AddTask(woken, kernel.Cpus[1]);
        kernel.Cpus[0].Tick.Start(new HrTimer(cpu => kernel.Wake(woken, cpu, cpu.LocalPs, isSync), HrTimerMode.Hard), Ms / 2, 0);
        bench.RunUntil(Ms);
        Assert.Equal(goesTo, woken.Cpu.Id);
    }

    [Fact]
    public void A_pinned_hog_stays_and_the_others_go()
    {
        var bench = new SchedulingBench(cpus: 2);
        PeriodicTask pinned = bench.Hog();
        PeriodicTask free = Roamer(bench, 0, CpuMask.FirstCpus(2));
        bench.RunUntil(500 * Ms);
        Assert.Equal((0, 1), (pinned.Cpu.Id, free.Cpu.Id));
    }

    [Fact]
    public void Isolated_processors_are_left_to_those_who_are_bound_there()
    {
        var bench = new SchedulingBench(cpus: 4, cmdline: "isolcpus=2-3");
        PeriodicTask[] hogs = [.. Enumerable.Range(0, 4).Select(_ => Roamer(bench, 0, CpuMask.FirstCpus(4)))];
        PeriodicTask bound = bench.Hog(cpu: 3);
        bench.RunUntil(500 * Ms);
        Assert.Equal([0, 0, 1, 1], hogs.Select(hog => hog.Cpu.Id).Order());
        Assert.Equal(3, bound.Cpu.Id);
        Assert.Equal("2-3\n", bench.Bench.Read("/sys/devices/system/cpu/isolated"));
    }

    [Fact]
    public void On_a_nohz_full_processor_a_task_alone_has_no_tick_and_two_have_one()
    {
        var bench = new SchedulingBench(cpus: 2, cmdline: "nohz_full=1");
        bench.Hog(cpu: 1);
        bench.RunUntil(SimTime.Second);
        Assert.InRange(bench.Bench.Kernel.Cpus[1].Counts[ArchInterrupt.LOC], 0u, 3u);
        PeriodicTask second = bench.Hog(cpu: 1);
        bench.RunUntil(2 * SimTime.Second);
        Assert.InRange(bench.Bench.Kernel.Cpus[1].Counts[ArchInterrupt.LOC], 245u, 255u);
        Assert.InRange(second.RuntimePs, 480 * Ms, 520 * Ms);
    }

    [Fact]
    public void The_highest_real_time_tasks_run_wherever_there_is_a_processor_for_them()
    {
        var bench = new SchedulingBench(cpus: 2);
        PeriodicTask[] tasks = [.. new[] { 10, 20, 30 }.Select(priority => Roamer(bench, 0, CpuMask.FirstCpus(2), SchedulingPolicy.Fifo, priority))];
        bench.RunUntil(500 * Ms);
        Assert.InRange(tasks[0].RuntimePs, 0, Ms);
        Assert.All(tasks[1..], task => Assert.InRange(task.RuntimePs, 490 * Ms, 500 * Ms));
    }

    /// <summary>CPU 1 runs out of work while the handler on CPU 0 that will wake a task has not come to that yet: it finds the task when it is woken, not before.</summary>
    [Fact]
    public void A_real_time_task_is_not_pulled_before_the_interrupt_that_wakes_it_comes_to_that()
    {
        var bench = new SchedulingBench(cpus: 2);
        bench.Hog(SchedulingPolicy.Fifo, 80, cpu: 0);
        SleeperTask other = bench.Sleeper(SchedulingPolicy.Fifo, 80, cpu: 1, computePs: SimTime.Millisecond);
        var woken = new SleeperTask("woken", CpuMask.Of(0, 1), 10 * SimTime.Microsecond) { Policy = SchedulingPolicy.Fifo, RtPriority = 50 };
        bench.Bench.Kernel.AddTask(woken, bench.Bench.Kernel.Cpus[0]);
        bench.WakeAt(SimTime.Millisecond, other, from: 1);
        bench.Bench.Kernel.Cpus[0].Tick.Start(new HrTimer(cpu =>
        {
            cpu.Spend(200 * SimTime.Microsecond);
            bench.Bench.Kernel.Wake(woken, cpu, cpu.LocalPs);
        }), 1900 * SimTime.Microsecond, 0);
        bench.RunUntil(5 * SimTime.Millisecond);
        Assert.Equal([1], woken.DoneOn);
        Assert.InRange(Assert.Single(woken.DonePs), 2110 * SimTime.Microsecond, 2130 * SimTime.Microsecond);
    }
}
