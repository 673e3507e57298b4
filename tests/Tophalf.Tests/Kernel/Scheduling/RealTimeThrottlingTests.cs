using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>Real-time tasks that never sleep, before and since 6.12 (kernel/sched/rt.c; Documentation/scheduler/sched-rt-group.rst).</summary>
public class RealTimeThrottlingTests
{
    private const string Message = "sched: RT throttling activated";
    private const long Ms = SimTime.Millisecond;

    [Fact]
    public void Until_6_11_a_fifo_task_stands_still_for_50_ms_of_every_second_and_the_kernel_says_so_once()
    {
        var bench = new SchedulingBench(release: "6.1.0");
        PeriodicTask fifo = bench.Hog(SchedulingPolicy.Fifo, priority: 10), fair = bench.Hog();
        bench.RunUntil(10 * SimTime.Second);
        bench.Bench.Kernel.Sync();
        Assert.InRange(fair.RuntimePs, 460 * Ms, 510 * Ms); // the tick notices, up to 4 ms late
        Assert.InRange(fifo.RuntimePs, 9490 * Ms, 9540 * Ms);
        Assert.Single(bench.Bench.Log, Message);
    }

    [Fact]
    public void The_processor_then_idles_if_nobody_else_wants_it()
    {
        var bench = new SchedulingBench(release: "6.1.0");
        bench.Hog(SchedulingPolicy.RoundRobin, priority: 1);
        bench.RunUntil(4 * SimTime.Second);
        bench.Bench.Kernel.Sync();
        Assert.InRange(bench.Bench.Kernel.Cpus[0].Time[CpuClass.Idle], 140 * Ms, 210 * Ms);
    }

    [Fact]
    public void A_processors_share_is_its_own()
    {
        var bench = new SchedulingBench(cpus: 2, release: "6.1.0");
        bench.Hog(SchedulingPolicy.Fifo, priority: 10, cpu: 0);
        PeriodicTask starved = bench.Hog(cpu: 0), free = bench.Hog(cpu: 1);
        bench.RunUntil(4 * SimTime.Second);
        bench.Bench.Kernel.Sync();
        Assert.InRange(starved.RuntimePs, 140 * Ms, 210 * Ms);
        Assert.InRange(free.RuntimePs, 3990 * Ms, 4000 * Ms);
    }

    [Fact]
    public void Without_a_limit_or_with_another_one_tasks_have_what_it_says()
    {
        var bench = new SchedulingBench(release: "6.1.0");
        PeriodicTask fair = bench.Hog();
        bench.Hog(SchedulingPolicy.Fifo, priority: 10);
        Assert.Equal(Errno.None, bench.Bench.Write("/proc/sys/kernel/sched_rt_runtime_us", "-1"));
        bench.RunUntil(3 * SimTime.Second);
        bench.Bench.Kernel.Sync();
        long beforePs = fair.RuntimePs;
        Assert.InRange(beforePs, 0, 60 * Ms);
        Assert.Equal("-1\n", bench.Bench.Read("/proc/sys/kernel/sched_rt_runtime_us"));
        Assert.Equal(Errno.EINVAL, bench.Bench.Write("/proc/sys/kernel/sched_rt_runtime_us", "1000001"));
        Assert.Equal(Errno.None, bench.Bench.Write("/proc/sys/kernel/sched_rt_runtime_us", "500000"));
        bench.RunUntil(9 * SimTime.Second);
        bench.Bench.Kernel.Sync();
        Assert.InRange(fair.RuntimePs - beforePs, 2000 * Ms, 3100 * Ms);
    }

    [Fact]
    public void Since_6_12_nothing_is_throttled_and_starved_fair_tasks_are_served()
    {
        var bench = new SchedulingBench();
        PeriodicTask fifo = bench.Hog(SchedulingPolicy.Fifo, priority: 10);
        bench.RunUntil(3 * SimTime.Second);
        bench.Bench.Kernel.Sync();
        Assert.InRange(fifo.RuntimePs, 2990 * Ms, 3000 * Ms);
        Assert.DoesNotContain(Message, bench.Bench.Log);
    }
}
