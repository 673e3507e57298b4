using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>The classes of the scheduler, wake-ups, the tick and timers (kernel/sched, kernel/time).</summary>
public class SchedulerTests
{
    private readonly KernelBench _bench = new(cpus: 2);

    private PeriodicTask Hog(int cpu, int weight = Policies.NiceZeroWeight, int fifo = 0)
    {
        var hog = new PeriodicTask(_bench.Kernel, "hog", cpu, SimTime.Second, 0, CpuClass.User)
        {
            Weight = weight,
            Policy = fifo > 0 ? SchedulingPolicy.Fifo : SchedulingPolicy.Fair,
            RtPriority = fifo,
        };
        Start(hog, cpu);
        return hog;
    }

    private SleeperTask Sleeper(int cpu, int fifo = 0)
    {
        var task = new SleeperTask("sleeper", CpuMask.Of(cpu), 10 * SimTime.Microsecond)
        {
            Policy = fifo > 0 ? SchedulingPolicy.Fifo : SchedulingPolicy.Fair,
            RtPriority = fifo,
        };
        _bench.Kernel.AddTask(task, _bench.Kernel.Cpus[cpu]);
        return task;
    }

    private void Start(KernelTask task, int cpu)
    {
        _bench.Kernel.AddTask(task, _bench.Kernel.Cpus[cpu]);
        _bench.Kernel.Wake(task, _bench.Kernel.Cpus[cpu], _bench.NowPs);
    }

    /// <summary>A timer of a processor wakes the task at this moment.</summary>
    private void WakeAt(long atPs, KernelTask task, int from) => _bench.Kernel.Cpus[from].Tick.Start(
        new HrTimer(cpu => _bench.Kernel.Wake(task, cpu, cpu.LocalPs)), atPs, _bench.NowPs);

    [Theory]
    [InlineData(1024, 1024, 0.5)]
    [InlineData(2048, 1024, 2 / 3.0)]
    [InlineData(3072, 1024, 0.75)]
    public void Fair_tasks_share_the_processor_by_their_weights(int first, int second, double share)
    {
        PeriodicTask heavy = Hog(0, first);
        PeriodicTask light = Hog(0, second);
        _bench.RunUntil(2 * SimTime.Second);
        Assert.InRange(heavy.RuntimePs / (double)(heavy.RuntimePs + light.RuntimePs), share - 0.01, share + 0.01);
    }

    [Fact]
    public void A_fifo_task_leaves_nothing_to_fair_ones()
    {
        PeriodicTask fair = Hog(0);
        _bench.RunUntil(10 * SimTime.Millisecond);
        long beforePs = fair.RuntimePs;
        PeriodicTask fifo = Hog(0, fifo: 10);
        _bench.RunUntil(110 * SimTime.Millisecond);
        Assert.InRange(fifo.RuntimePs, 99 * SimTime.Millisecond, 100 * SimTime.Millisecond);
        Assert.InRange(fair.RuntimePs - beforePs, 0, SimTime.Microsecond);
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0, 50, true)]
    [InlineData(50, 51, true)]
    [InlineData(50, 50, false)]
    [InlineData(50, 49, false)]
    [InlineData(50, 0, false)]
    public void A_woken_task_preempts_whom_it_beats(int running, int woken, bool preempts)
    {
        Hog(0, fifo: running);
        SleeperTask task = Sleeper(0, woken);
        WakeAt(50 * SimTime.Millisecond, task, from: 0);
        _bench.RunUntil(100 * SimTime.Millisecond);
        if (!preempts) Assert.Empty(task.DonePs);
        else Assert.InRange(Assert.Single(task.DonePs), 50 * SimTime.Millisecond, 50 * SimTime.Millisecond + 15 * SimTime.Microsecond);
    }

    [Fact]
    public void The_tick_stops_on_an_idle_processor_and_runs_at_hz_on_a_busy_one()
    {
        Hog(1);
        _bench.RunUntil(SimTime.Second);
        Assert.Equal(0u, _bench.Kernel.Cpus[0].Counts[ArchInterrupt.LOC]);
        Assert.InRange(_bench.Kernel.Cpus[1].Counts[ArchInterrupt.LOC], 249u, 251u);
    }

    [Fact]
    public void A_task_woken_on_an_idle_processor_costs_one_function_call_interrupt()
    {
        SleeperTask task = Sleeper(1);
        WakeAt(SimTime.Millisecond, task, from: 0);
        _bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal([1], task.DoneOn);
        Assert.Equal((0u, 1u), (_bench.Kernel.Cpus[0].Counts[ArchInterrupt.CAL], _bench.Kernel.Cpus[1].Counts[ArchInterrupt.CAL]));
    }

    [Fact]
    public void Two_wake_ups_under_way_to_one_processor_share_an_interrupt()
    {
        SleeperTask first = Sleeper(1), second = Sleeper(1);
        _bench.Kernel.Cpus[0].Tick.Start(new HrTimer(cpu =>
        {
            _bench.Kernel.Wake(first, cpu, cpu.LocalPs);
            _bench.Kernel.Wake(second, cpu, cpu.LocalPs);
        }), SimTime.Millisecond, 0);
        _bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal((1, 1, 1u), (first.DonePs.Count, second.DonePs.Count, _bench.Kernel.Cpus[1].Counts[ArchInterrupt.CAL]));
    }

    [Fact]
    public void Waking_a_task_that_runs_or_is_being_woken_changes_nothing()
    {
        SleeperTask task = Sleeper(1);
        _bench.Kernel.Cpus[0].Tick.Start(new HrTimer(cpu =>
        {
            for (int i = 0; i < 3; i++) _bench.Kernel.Wake(task, cpu, cpu.LocalPs);
        }), SimTime.Millisecond, 0);
        _bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal((1, 1L), (task.DonePs.Count, task.Wakeups));
    }

    [Fact]
    public void A_high_resolution_timer_fires_at_its_moment_and_not_at_a_tick()
    {
        List<long> firedPs = [];
        const long expiresPs = 1_234_567 * SimTime.Nanosecond;
        _bench.Kernel.Cpus[0].Tick.Start(new HrTimer(cpu => firedPs.Add(cpu.LocalPs)), expiresPs, 0);
        _bench.Kernel.Cpus[0].Tick.Start(new HrTimer(cpu => firedPs.Add(cpu.LocalPs)), expiresPs / 2, 0);
        _bench.RunUntil(10 * SimTime.Millisecond);
        Assert.Equal(2, firedPs.Count);
        Assert.InRange(firedPs[0], expiresPs / 2, expiresPs / 2 + 3 * SimTime.Microsecond);
        Assert.InRange(firedPs[1], expiresPs, expiresPs + 3 * SimTime.Microsecond);
    }

    [Fact]
    public void A_periodic_task_does_not_drift()
    {
        var task = new PeriodicTask(_bench.Kernel, "control", 0, 300 * SimTime.Microsecond, 700 * SimTime.Microsecond, CpuClass.User);
        Start(task, 0);
        _bench.RunUntil(SimTime.Second);
        Assert.InRange(task.Wakeups, 999, 1001);
        Assert.InRange(_bench.Kernel.Cpus[0].Time[CpuClass.User], 299 * SimTime.Millisecond, 301 * SimTime.Millisecond);
    }

    [Fact]
    public void Every_class_of_time_gets_its_own_and_all_together_are_the_clock()
    {
        Hog(0);
        var (device, line) = _bench.Message();
        _bench.Claim(line, device, cpu => cpu.Spend(10 * SimTime.Microsecond));
        device.Start(new ConstantArrivals(10_000), new RandomStream(1, "dev"), 0);
        _bench.RunUntil(SimTime.Second);
        CpuTime time = _bench.Kernel.Cpus[line.Cpu].Time;
        Assert.InRange(time[CpuClass.Irq], 100 * SimTime.Millisecond, 120 * SimTime.Millisecond);
        Assert.Equal(SimTime.Second, Enum.GetValues<CpuClass>().Sum(cls => time[cls]));
        Assert.Equal(SimTime.Second, _bench.Kernel.Cpus[1 - line.Cpu].Time[CpuClass.Idle]);
    }
}
