using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.BottomHalves;

/// <summary>PREEMPT_RT: softirqs in threads that may be preempted, one at a time under the processor's lock, with priority inheritance (kernel/softirq.c).</summary>
public class SoftirqLockTests
{
    private const long Ms = SimTime.Millisecond;

    private readonly KernelBench _bench = RtBench();
    private readonly List<string> _story = [];

    private static KernelBench RtBench(PreemptionModel model = PreemptionModel.Rt, int cpus = 1) =>
        new(cpus, configure: options => options with { HasLockupDetector = false, Preemption = model, Cmdline = "threadirqs" });

    private static KsoftirqdTask KsoftirqdOf(KernelBench bench, int cpu = 0) => bench.Kernel.Cpus[cpu].Softirqs.Ksoftirqd;

    /// <summary>From a hard interrupt at that moment, a tasklet that computes for so long.</summary>
    private void TaskletAt(KernelBench bench, long atPs, long lengthPs, int cpu = 0) => bench.Kernel.Cpus[cpu].Tick.Start(
        new HrTimer(_ => bench.Kernel.Tasklets.Schedule(new Tasklet(_ =>
        {
            Cpu on = bench.Kernel.CurrentCpu!;
            _story.Add($"tasklet in {on.Runqueue.Current?.Comm}, preempt_count {on.PreemptCount}, softirq {on.InServingSoftirq}");
            on.Spend(lengthPs);
        })), HrTimerMode.Hard), atPs, bench.NowPs);

    private static SleeperTask Fifo(KernelBench bench, int priority, long atPs, long computePs)
    {
        var task = new SleeperTask($"fifo{priority}", CpuMask.Of(0), computePs) { Policy = SchedulingPolicy.Fifo, RtPriority = priority };
        bench.Kernel.AddTask(task, bench.Kernel.Cpus[0]);
        bench.Kernel.Cpus[0].Tick.Start(new HrTimer(cpu => bench.Kernel.Wake(task, cpu, cpu.LocalPs), HrTimerMode.Hard), atPs, bench.NowPs);
        return task;
    }

    [Theory]
    [InlineData(PreemptionModel.Rt, 3_000, 3_100)]
    [InlineData(PreemptionModel.Full, 6_000, 6_100)]
    public void A_task_of_any_priority_preempts_ksoftirqd_in_a_softirq_and_without_PREEMPT_RT_waits_for_its_end(PreemptionModel model, long fromUs, long toUs)
    {
        KernelBench bench = RtBench(model);
        TaskletAt(bench, 1 * Ms, 5 * Ms);
        SleeperTask task = Fifo(bench, priority: 1, atPs: 3 * Ms, computePs: 10 * SimTime.Microsecond);
        bench.RunFor(20 * Ms);
        Assert.InRange(Assert.Single(task.DonePs), fromUs * SimTime.Microsecond, toUs * SimTime.Microsecond);
    }

    [Fact]
    public void A_handler_that_waits_for_the_lock_lends_ksoftirqd_its_priority_so_that_nothing_in_between_delays_both()
    {
        var (device, line) = _bench.Message("dev");
        long handledPs = 0;
        _bench.Claim(line, device, cpu => handledPs = cpu.LocalPs);
        TaskletAt(_bench, 1 * Ms, 5 * Ms);
        device.Raise(2 * Ms);
        SleeperTask between = Fifo(_bench, priority: 10, atPs: 3 * Ms, computePs: 20 * Ms);
        KsoftirqdTask ksoftirqd = KsoftirqdOf(_bench);
        _bench.RunUntil(4 * Ms);
        Assert.Equal((50, 0), (ksoftirqd.LentPriority, ksoftirqd.RtPriority));
        Assert.Equal(0, _bench.Kernel.WrongPriorities);
        string[] stat = _bench.Read($"/proc/{ksoftirqd.Pid}/stat").Split(' ');
        Assert.Equal(("-51", "0", "0"), (stat[17], stat[39], stat[40])); // the priority is lent, rt_priority and policy are its own
        _bench.RunUntil(40 * Ms);
        Assert.InRange(handledPs, 6 * Ms, 7 * Ms);
        Assert.True(Assert.Single(between.DonePs) > 26 * Ms);
        Assert.Equal((0, 0), (ksoftirqd.LentPriority, _bench.Kernel.WrongPriorities));
    }

    /// <summary>Two tasks of nice -20 leave ksoftirqd a hundred-and-seventieth of the processor, so that its 20 ms would take 3.5 s; rcub/0 would help after half a second.</summary>
    [Fact]
    public void A_preempted_softirq_that_holds_up_a_grace_period_is_lent_priority_by_rcuc_which_waits_for_its_lock()
    {
        for (int i = 0; i < 2; i++)
        {
            var hog = new PeriodicTask(_bench.Kernel, $"hog{i}", 0, SimTime.Second, 0, CpuClass.User) { Nice = -20 };
            _bench.Kernel.AddTask(hog, _bench.Kernel.Cpus[0]);
            _bench.Kernel.Wake(hog, _bench.Kernel.Cpus[0], 0);
        }
        TaskletAt(_bench, 1 * Ms, 20 * Ms);
        KsoftirqdTask ksoftirqd = KsoftirqdOf(_bench);
        _bench.At(200 * Ms, () => _bench.Kernel.Rcu.Call(new Tophalf.Kernel.Rcu.RcuHead(() => { })));
        _bench.RunUntil(190 * Ms);
        Assert.Equal(["tasklet in ksoftirqd/0, preempt_count 0, softirq True"], _story);
        Assert.Equal((0, 0L), (ksoftirqd.LentPriority, _bench.Kernel.Rcu.GracePeriods));
        _bench.RunUntil(210 * Ms);
        Assert.Equal((1, 0), (ksoftirqd.LentPriority, _bench.Kernel.WrongPriorities));
        _bench.RunUntil(260 * Ms);
        Assert.Equal((0, 1L), (ksoftirqd.LentPriority, _bench.Kernel.Rcu.GracePeriods));
    }

    [Fact]
    public void What_a_handler_raises_runs_in_its_threads_name()
    {
        var (device, line) = _bench.Message("dev");
        var tasklet = new Tasklet(_ => _story.Add($"tasklet in {_bench.Kernel.CurrentCpu!.Runqueue.Current?.Comm}"));
        _bench.Claim(line, device, _ => _bench.Kernel.Tasklets.Schedule(tasklet));
        device.Raise(Ms);
        _bench.RunFor(10 * Ms);
        Assert.Equal([$"tasklet in irq/{line.Irq}-dev"], _story);
        Assert.Equal(0, KsoftirqdOf(_bench).RuntimePs);
    }

    [Fact]
    public void What_an_interrupt_raises_while_a_task_has_bottom_halves_disabled_is_left_to_that_task()
    {
        var (device, line) = _bench.Message("dev");
        _bench.Claim(line, device, cpu => cpu.Spend(5 * Ms));
        device.Raise(Ms);
        TaskletAt(_bench, 3 * Ms, SimTime.Microsecond);
        _bench.RunFor(20 * Ms);
        Assert.Equal([$"tasklet in irq/{line.Irq}-dev, preempt_count 0, softirq True"], _story);
        Assert.Equal(0, KsoftirqdOf(_bench).RuntimePs);
    }

    [Fact]
    public void A_second_handler_waits_for_the_first_though_it_is_as_important()
    {
        var (first, firstLine) = _bench.Message("one");
        var (second, secondLine) = _bench.Message("two");
        void Tell(string what, Cpu cpu) => _story.Add($"{what} at {cpu.LocalPs / Ms} ms");
        _bench.Claim(firstLine, first, cpu =>
        {
            Tell("one begins", cpu);
            cpu.Spend(4 * Ms);
            Tell("one ends", cpu);
        });
        _bench.Claim(secondLine, second, cpu => Tell("two", cpu));
        first.Raise(1 * Ms);
        SleeperTask urgent = Fifo(_bench, priority: 90, atPs: 2 * Ms, computePs: Ms); // the first is preempted, so the second is not kept out by having no processor
        second.Raise(2 * Ms);
        _bench.RunFor(20 * Ms);
        Assert.Equal(["one begins at 1 ms", "one ends at 5 ms", "two at 6 ms"], _story);
        Assert.Single(urgent.DonePs);
    }

    [Fact]
    public void A_processor_goes_only_when_the_task_that_has_its_lock_has_given_it_back()
    {
        KernelBench bench = RtBench(cpus: 2);
        TaskletAt(bench, 1 * Ms, 10 * Ms, cpu: 1);
        bench.At(5 * Ms, () => Assert.Equal(Errno.None, bench.Kernel.Hotplug.Offline(1)));
        bench.RunUntil(10 * Ms);
        Assert.True(bench.Kernel.OnlineMask.Contains(1));
        bench.RunUntil(30 * Ms);
        Assert.False(bench.Kernel.OnlineMask.Contains(1));
        Assert.Single(_story);
    }

    [Fact]
    public void A_timer_softirq_waits_for_the_lock_too_and_ktimers_lends_no_more_than_its_own_priority()
    {
        TaskletAt(_bench, 1 * Ms, 30 * Ms);
        long firedPs = 0;
        _bench.At(0, () => _bench.Kernel.Timers.ModTimer(new TimerList(_ => firedPs = _bench.Kernel.CurrentCpu!.LocalPs), _bench.Kernel.JiffiesNow + 2));
        _bench.RunUntil(20 * Ms);
        Assert.Equal((1, 0L), (KsoftirqdOf(_bench).LentPriority, firedPs));
        _bench.RunUntil(60 * Ms);
        Assert.InRange(firedPs, 31 * Ms, 32 * Ms);
    }
}
