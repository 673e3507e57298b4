using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>The fair class of releases before 6.6 on one processor: a period of 6 ms, slices of at least 0.75 ms, a wake-up granularity of 1 ms, and ticks every 4 ms.</summary>
public class CfsTests
{
    private const long Ms = SimTime.Millisecond, Us = SimTime.Microsecond;

    private readonly SchedulingBench _bench = new(release: "6.1.0");

    [Fact]
    public void A_task_that_has_slept_takes_the_processor_at_once()
    {
        _bench.Hog();
        _bench.Hog();
        SleeperTask task = _bench.Sleeper();
        _bench.WakeAt(0, task); // a task's first wake-up is no sleep
        _bench.WakeAt(48_300 * Us, task);
        _bench.RunUntil(70 * Ms);
        Assert.InRange(task.DonePs[1], 48_310 * Us, 48_330 * Us);
    }

    [Fact]
    public void A_sleeper_is_owed_half_a_period_however_long_it_slept()
    {
        SleeperTask task = _bench.Sleeper(computePs: 100 * Ms);
        PeriodicTask hog = _bench.Hog();
        _bench.WakeAt(2 * Ms, task);
        _bench.RunUntil(500 * Ms);
        Assert.Single(task.DonePs);
        _bench.WakeAt(600 * Ms + 100 * Us, task);
        _bench.RunUntil(600 * Ms);
        long leastPs = hog.VruntimePs;
        _bench.RunUntil(600 * Ms + 101 * Us);
        Assert.InRange(leastPs + 100 * Us - task.VruntimePs, 3 * Ms - 20 * Us, 3 * Ms + 20 * Us);
    }

    [Fact]
    public void Tasks_that_woke_one_after_the_other_do_not_preempt_each_other_within_the_granularity()
    {
        SleeperTask first = _bench.Sleeper(computePs: 500 * Us), second = _bench.Sleeper(computePs: 500 * Us);
        _bench.Hog();
        _bench.WakeAt(0, first);
        _bench.WakeAt(0, second);
        _bench.WakeAt(100 * Ms, first);
        _bench.WakeAt(100 * Ms + 200 * Us, second);
        _bench.RunUntil(110 * Ms);
        Assert.InRange(first.DonePs[1], 100 * Ms + 500 * Us, 100 * Ms + 530 * Us);
        Assert.InRange(second.DonePs[1], 101 * Ms, 101 * Ms + 30 * Us);
    }

    [Theory]
    [InlineData(2, 4)] // 3 ms: the tick after them
    [InlineData(8, 4)] // 0.75 ms: still a tick
    public void Hogs_take_turns_at_ticks(int hogs, int turnMs)
    {
        for (int i = 0; i < hogs; i++) _bench.Hog();
        _bench.RunUntil(100 * Ms);
        long before = _bench.Bench.Kernel.Cpus[0].Runqueue.Switches;
        _bench.RunUntil(500 * Ms);
        Assert.InRange(_bench.Bench.Kernel.Cpus[0].Runqueue.Switches - before, 400 / turnMs - 1, 400 / turnMs + 1);
    }

    [Fact]
    public void Among_eight_the_one_that_was_preempted_goes_on_where_that_is_fair_enough()
    {
        var hogs = Enumerable.Range(0, 8).Select(_ => _bench.Hog()).ToList();
        SleeperTask task = _bench.Sleeper();
        _bench.WakeAt(0, task);
        _bench.RunUntil(401 * Ms);
        KernelTask running = _bench.Bench.Kernel.Cpus[0].Runqueue.Current!;
        _bench.WakeAt(401 * Ms + 100 * Us, task);
        _bench.RunUntil(402 * Ms);
        Assert.Equal(2, task.DonePs.Count);
        // It is not the one that has had least.
        Assert.Contains(hogs, hog => hog.VruntimePs < running.VruntimePs);
        Assert.Same(running, _bench.Bench.Kernel.Cpus[0].Runqueue.Current);
    }

    [Fact]
    public void A_task_takes_its_place_in_the_order_along_to_another_processor()
    {
        var bench = new SchedulingBench(cpus: 2, release: "6.1.0");
        bench.Hog(cpu: 0);
        bench.RunUntil(400 * Ms);
        PeriodicTask late = bench.Hog(cpu: 1), other = bench.Hog(cpu: 1);
        bench.RunUntil(800 * Ms);
        bench.Bench.Kernel.Sync();
        // Whose processor has been at it for half the time is not behind by that.
        Assert.InRange(late.RuntimePs + other.RuntimePs, 399 * Ms, 401 * Ms);
        Assert.InRange(Math.Abs(late.RuntimePs - other.RuntimePs), 0, 8 * Ms);
    }
}
