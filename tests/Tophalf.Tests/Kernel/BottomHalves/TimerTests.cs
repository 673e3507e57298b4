using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.BottomHalves;

/// <summary>Timers of the wheel as their users see them (kernel/time/timer.c).</summary>
public class TimerTests
{
    private readonly KernelBench _bench = new(cpus: 2);
    private readonly List<string> _story = [];

    private Timers Timers => _bench.Kernel.Timers;

    /// <summary>The jiffy since boot, so that tests can speak in small numbers.</summary>
    private long Jiffy => _bench.Kernel.Jiffies(_bench.NowPs) - _bench.Kernel.Jiffies(0);

    private TimerList Named(string name, TimerFlags flags = TimerFlags.None, long spendPs = 0) => new(_ =>
    {
        Cpu cpu = _bench.Kernel.CurrentCpu!;
        _story.Add($"{name} at {Jiffy} on CPU {cpu.Id} softirq {cpu.InSoftirq}");
        cpu.Spend(spendPs);
    }, flags);

    [Fact]
    public void It_fires_once_in_softirq_context_after_its_jiffy_on_an_idle_processor()
    {
        TimerList timer = Named("t");
        Assert.False(Timers.ModTimer(timer, _bench.Kernel.JiffiesNow + 2));
        Assert.True(timer.IsPending);
        _bench.RunFor(SimTime.Second);
        Assert.Equal(["t at 3 on CPU 0 softirq True"], _story);
        Assert.Equal((false, 1u), (timer.IsPending, _bench.Kernel.Cpus[0].Softirqs[SoftirqVector.TIMER]));
    }

    [Fact]
    public void Moved_before_it_fires_it_fires_at_its_new_time_only()
    {
        TimerList timer = Named("t");
        Timers.ModTimer(timer, _bench.Kernel.JiffiesNow + 2);
        Assert.True(Timers.ModTimer(timer, _bench.Kernel.JiffiesNow + 10));
        _bench.RunFor(SimTime.Second);
        Assert.Equal(["t at 11 on CPU 0 softirq True"], _story);
    }

    [Fact]
    public void Deleted_it_does_not_fire_and_the_processor_is_not_woken_for_it()
    {
        TimerList timer = Named("t");
        Timers.ModTimer(timer, _bench.Kernel.JiffiesNow + 5);
        Assert.True(Timers.DelTimer(timer));
        Assert.False(Timers.DelTimer(timer));
        _bench.RunFor(SimTime.Second);
        Assert.Empty(_story);
    }

    [Fact]
    public void A_deferrable_timer_does_not_wake_an_idle_processor()
    {
        Timers.ModTimer(Named("deferrable", TimerFlags.Deferrable), _bench.Kernel.JiffiesNow + 2);
        _bench.RunFor(40 * SimTime.Millisecond);
        Assert.Empty(_story);
        Timers.ModTimer(Named("other"), _bench.Kernel.JiffiesNow + 2);
        _bench.RunFor(40 * SimTime.Millisecond);
        Assert.Equal(["other at 13 on CPU 0 softirq True", "deferrable at 13 on CPU 0 softirq True"], _story);
    }

    [Fact]
    public void Deleting_synchronously_waits_for_the_function_that_runs()
    {
        TimerList timer = Named("slow", spendPs: 3 * SimTime.Millisecond);
        Timers.ModTimer(timer, _bench.Kernel.JiffiesNow + 2);
        long throughPs = 0;
        _bench.At(13 * SimTime.Millisecond, () => Assert.False(Timers.DelTimerSync(timer, () => throughPs = _bench.NowPs)));
        _bench.RunFor(SimTime.Second);
        Assert.InRange(throughPs, 15 * SimTime.Millisecond, 15 * SimTime.Millisecond + 20 * SimTime.Microsecond);
    }

    [Fact]
    public void A_timer_shut_down_cannot_be_armed_again()
    {
        TimerList timer = Named("t");
        Timers.ModTimer(timer, _bench.Kernel.JiffiesNow + 2);
        Assert.True(Timers.ShutdownTimer(timer));
        Assert.False(Timers.ModTimer(timer, _bench.Kernel.JiffiesNow + 2));
        _bench.RunFor(SimTime.Second);
        Assert.Empty(_story);
    }
}
