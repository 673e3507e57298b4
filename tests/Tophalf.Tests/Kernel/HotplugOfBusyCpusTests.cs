using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>A processor goes while it works (kernel/cpu.c; select_fallback_rq, timers_dead_cpu, hrtimers_cpu_dying, takeover_tasklets): nothing it had to do is lost.</summary>
public class HotplugOfBusyCpusTests
{
    private readonly KernelBench _bench = new(cpus: 3);

    private Cpu this[int id] => _bench.Kernel.Cpus[id];

    private SleeperTask Started(string comm, CpuMask allowed, bool isUser = true)
    {
        var task = new SleeperTask(comm, allowed, 10 * SimTime.Millisecond) { IsUserTask = isUser };
        _bench.Kernel.AddTask(task, this[2]);
        _bench.Kernel.Wake(task, this[2], _bench.NowPs);
        return task;
    }

    private string Switch(int cpu, int online) => _bench.Write($"/sys/devices/system/cpu/cpu{cpu}/online", $"{online}\n").ToString();

    [Fact]
    public void Tasks_of_a_processor_that_goes_finish_elsewhere_and_one_bound_there_is_told_of()
    {
        SleeperTask bound = Started("bound", CpuMask.Of(2)), roams = Started("roams", CpuMask.Of(1, 2)), kthread = Started("kthread", CpuMask.Of(2), isUser: false);
        _bench.RunFor(SimTime.Millisecond);
        Assert.False(this[2].IsIdle);
        Assert.Equal("None", Switch(2, 0));
        Assert.Equal("0-1", _bench.Read("/sys/devices/system/cpu/online").Trim());
        Assert.True(this[2].IsIdle);
        _bench.RunFor(50 * SimTime.Millisecond);
        Assert.Equal([1], roams.DoneOn);
        Assert.DoesNotContain(2, bound.DoneOn.Concat(kthread.DoneOn));
        Assert.Equal((1, 1), (bound.DoneOn.Count, kthread.DoneOn.Count));
        Assert.Equal([$"process {bound.Pid} (bound) no longer affine to cpu2"], _bench.Log);
        Assert.Equal("0-2", bound.Allowed.ToList());
        Assert.Equal("None", Switch(2, 1));
        Assert.Equal("0-2", _bench.Read("/sys/devices/system/cpu/online").Trim());
    }

    [Fact]
    public void A_bound_task_that_sleeps_is_told_of_when_it_wakes()
    {
        SleeperTask bound = Started("bound", CpuMask.Of(2));
        _bench.RunFor(20 * SimTime.Millisecond);
        Assert.Equal("None", Switch(2, 0));
        Assert.Empty(_bench.Log);
        _bench.Kernel.Wake(bound, this[1], _bench.NowPs);
        _bench.RunFor(20 * SimTime.Millisecond);
        Assert.Equal([$"process {bound.Pid} (bound) no longer affine to cpu2"], _bench.Log);
        Assert.Equal(2, bound.DoneOn[0]);
        Assert.NotEqual(2, bound.DoneOn[1]);
    }

    [Fact]
    public void Timers_of_a_processor_that_goes_expire_elsewhere()
    {
        var ran = new List<int>();
        var hard = new HrTimer(on => ran.Add(on.Id));
        var soft = new HrTimer(on => ran.Add(on.Id), HrTimerMode.Soft);
        var wheel = new TimerList(_ => ran.Add(_bench.Kernel.CurrentCpu!.Id));
        this[2].Tick.Start(hard, _bench.NowPs + 30 * SimTime.Millisecond, _bench.NowPs);
        this[2].Tick.Start(soft, _bench.NowPs + 31 * SimTime.Millisecond, _bench.NowPs);
        _bench.Kernel.Timers.AddTimerOn(wheel, this[2], _bench.Kernel.JiffiesNow + 10);
        Started("busy", CpuMask.Of(2));
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal("None", Switch(2, 0));
        _bench.RunFor(100 * SimTime.Millisecond);
        Assert.Equal([0, 0, 0], ran);
        Assert.False(this[2].Tick.Cancel(hard, _bench.NowPs));
    }

    [Fact]
    public void A_timer_that_moved_is_still_cancelled_where_it_was_armed()
    {
        var timer = new HrTimer(_ => Assert.Fail("cancelled"));
        this[2].Tick.Start(timer, _bench.NowPs + 30 * SimTime.Millisecond, _bench.NowPs);
        Assert.Equal("None", Switch(2, 0));
        Assert.True(this[2].Tick.Cancel(timer, _bench.NowPs));
        _bench.RunFor(100 * SimTime.Millisecond);
    }

    [Fact]
    public void A_function_call_under_way_is_made_before_the_processor_is_gone()
    {
        var ranOn = new List<int>();
        _bench.Kernel.SmpCalls.Single(this[2], on => ranOn.Add(on.Id));
        Assert.Equal("None", Switch(2, 0));
        Assert.Equal([2], ranOn);
        Assert.Equal(Errno.ENXIO, _bench.Kernel.SmpCalls.Single(this[2], on => ranOn.Add(on.Id)));
    }

    [Fact]
    public void A_processor_that_holds_interrupts_off_is_waited_for()
    {
        var holder = new PeriodicTask(_bench.Kernel, "holder", CpuMask.Of(2), 7 * SimTime.Millisecond, SimTime.Millisecond, CpuClass.System) { Section = TaskSection.Interrupts };
        _bench.Kernel.AddTask(holder, this[2]);
        _bench.Kernel.Wake(holder, this[2], _bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        long fromPs = _bench.NowPs;
        Assert.Equal("None", Switch(2, 0));
        Assert.True(_bench.NowPs - fromPs >= 6 * SimTime.Millisecond);
        _bench.RunFor(20 * SimTime.Millisecond);
        Assert.True(this[2].IsIdle);
        Assert.NotEqual(2, holder.Cpu.Id);
    }
}
