using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;
using static Tophalf.Kernel.Scheduling.SchedulingPolicy;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>Who gets the processor, for how long, and what a wake-up may interrupt (kernel/sched).</summary>
public class ClassesTests
{
    private const long Ms = SimTime.Millisecond, Us = SimTime.Microsecond;

    private readonly SchedulingBench _bench = new();

    [Fact]
    public void A_woken_fair_task_waits_for_the_slice_of_the_one_that_runs()
    {
        _bench.Hog();
        _bench.Hog();
        SleeperTask task = _bench.Sleeper();
        // 5.1 ms: somebody was put on the processor at the tick of 4 ms, and keeps it until the next.
        _bench.WakeAt(5100 * Us, task);
        _bench.RunUntil(20 * Ms);
        Assert.InRange(Assert.Single(task.DonePs), 8 * Ms, 8 * Ms + 30 * Us);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(100, true)]
    public void A_task_that_asked_for_a_shorter_slice_does_not_wait_for_a_longer_one(int sliceUs, bool preempts)
    {
        _bench.Hog();
        SleeperTask task = _bench.Sleeper(slicePs: sliceUs * Us);
        // The hog has its first slice, of 350 us.
        _bench.WakeAt(200 * Us, task);
        _bench.RunUntil(20 * Ms);
        Assert.Equal(preempts, Assert.Single(task.DonePs) < 230 * Us);
    }

    [Theory]
    [InlineData(Batch)]
    [InlineData(Idle)]
    public void Batch_and_idle_tasks_preempt_nobody(SchedulingPolicy policy)
    {
        _bench.Hog();
        SleeperTask task = _bench.Sleeper(policy, slicePs: 100 * Us);
        _bench.WakeAt(50 * Ms + 100 * Us, task);
        _bench.RunUntil(51 * Ms);
        Assert.Empty(task.DonePs);
    }

    [Fact]
    public void An_idle_task_gives_way_to_any_other_at_once()
    {
        _bench.Hog(Idle);
        SleeperTask task = _bench.Sleeper();
        _bench.WakeAt(50 * Ms + 100 * Us, task);
        _bench.RunUntil(51 * Ms);
        Assert.Single(task.DonePs);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(0, 10)]
    [InlineData(-5, 0)]
    public void Ten_percent_a_step_of_nice(int first, int second)
    {
        PeriodicTask one = _bench.Hog(nice: first), other = _bench.Hog(nice: second);
        _bench.RunUntil(4 * SimTime.Second);
        double expected = one.Weight / (double)(one.Weight + other.Weight);
        Assert.InRange(one.RuntimePs / (double)(one.RuntimePs + other.RuntimePs), expected - 0.01, expected + 0.01);
        // Time of a nice task has a column of its own.
        CpuTime time = _bench.Bench.Kernel.Cpus[0].Time;
        Assert.Equal(second > 0, time[CpuClass.Nice] > 0);
    }

    [Fact]
    public void Round_robin_tasks_take_turns_of_a_hundred_milliseconds_and_fifo_tasks_none()
    {
        PeriodicTask first = _bench.Hog(RoundRobin, 10), second = _bench.Hog(RoundRobin, 10);
        _bench.RunUntil(150 * Ms);
        Assert.InRange(first.RuntimePs, 95 * Ms, 105 * Ms);
        _bench.RunUntil(900 * Ms);
        Assert.InRange(second.RuntimePs, 395 * Ms, 505 * Ms);

        var fifo = new SchedulingBench();
        fifo.Hog(Fifo, 10);
        PeriodicTask waits = fifo.Hog(Fifo, 10);
        fifo.RunUntil(900 * Ms);
        Assert.Equal(0, waits.RuntimePs);
    }

    [Fact]
    public void Starved_fair_tasks_get_fifty_milliseconds_of_a_second()
    {
        PeriodicTask fair = _bench.Hog();
        _bench.Hog(Fifo, 99);
        _bench.RunUntil(900 * Ms);
        Assert.InRange(fair.RuntimePs, 0, Ms);
        _bench.RunUntil(5 * SimTime.Second);
        Assert.InRange(fair.RuntimePs, 250 * Ms, 300 * Ms);
    }

    [Fact]
    public void A_deadline_task_gets_its_runtime_every_period_and_no_more()
    {
        PeriodicTask task = _bench.Hog(Deadline, promised: new DeadlineParameters(20 * Ms, 100 * Ms, 100 * Ms));
        PeriodicTask fifo = _bench.Hog(Fifo, 99);
        _bench.RunUntil(2 * SimTime.Second);
        Assert.InRange(task.RuntimePs, 400 * Ms, 425 * Ms);
        Assert.InRange(fifo.RuntimePs, 1570 * Ms, 1600 * Ms);
    }

    [Fact]
    public void The_earlier_deadline_goes_first()
    {
        PeriodicTask late = _bench.Hog(Deadline, promised: new DeadlineParameters(40 * Ms, 200 * Ms, 200 * Ms));
        _bench.RunUntil(10 * Ms);
        PeriodicTask soon = _bench.Hog(Deadline, promised: new DeadlineParameters(20 * Ms, 50 * Ms, 50 * Ms));
        _bench.RunUntil(25 * Ms);
        Assert.InRange(late.RuntimePs, 9 * Ms, 10 * Ms);
        Assert.InRange(soon.RuntimePs, 14 * Ms, 15 * Ms);
    }

    [Theory]
    [InlineData("preempt=none", CpuClass.User, 0)]
    [InlineData("preempt=none", CpuClass.System, 300)]
    [InlineData("preempt=voluntary", CpuClass.System, 300)]
    [InlineData("preempt=full", CpuClass.System, 0)]
    [InlineData("preempt=lazy", CpuClass.System, 0)]
    public void A_real_time_task_waits_for_kernel_code_only_where_the_model_does_not_preempt_it(string cmdline, CpuClass cls, int waitsUs)
    {
        // A kernel thread that computes 400 us at a time and offers to give way in between: at 10.1 ms it has 300 us to go.
        var bench = new SchedulingBench(cmdline: cmdline);
        bench.Hog(cls: cls, computePs: 400 * Us);
        SleeperTask task = bench.Sleeper(Fifo, 50);
        bench.WakeAt(10_100 * Us, task);
        bench.RunUntil(12 * Ms);
        long latencyPs = Assert.Single(task.DonePs) - 10_100 * Us;
        Assert.InRange(latencyPs, Math.Max(10, waitsUs - 100) * Us, (waitsUs + 20) * Us);
    }

    [Theory]
    [InlineData("preempt=full", false)]
    [InlineData("preempt=lazy", true)]
    public void The_lazy_model_leaves_fair_kernel_code_alone_until_the_tick(string cmdline, bool waits)
    {
        var bench = new SchedulingBench(cmdline: cmdline);
        bench.Hog(cls: CpuClass.System, computePs: SimTime.Second);
        SleeperTask task = bench.Sleeper(slicePs: 100 * Us);
        bench.WakeAt(49 * Ms, task);
        bench.RunUntil(60 * Ms);
        long donePs = Assert.Single(task.DonePs);
        if (waits) Assert.InRange(donePs, 52 * Ms, 52 * Ms + 30 * Us);
        else Assert.InRange(donePs, 49 * Ms, 49 * Ms + 30 * Us);
    }
}
