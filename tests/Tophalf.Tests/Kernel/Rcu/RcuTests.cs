using Tophalf.Hardware.Processors;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Rcu;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Rcu;

/// <summary>Grace periods, and where callbacks are called (kernel/rcu/tree.c).</summary>
public class RcuTests
{
    /// <summary>A callback asked for by code that runs on a processor, which notes when and where it was called.</summary>
    private static List<string> CallOn(KernelBench bench, int cpu, long atPs, string name = "callback")
    {
        List<string> story = [];
        var head = new RcuHead(() =>
        {
            Cpu on = bench.Kernel.CurrentCpu!;
            story.Add($"{name} on CPU {on.Id} {(on.InServingSoftirq ? "softirq" : "task")} {on.CurrentComm}");
        });
        bench.At(atPs, () =>
        {
            bench.Kernel.Cpus[cpu].RunInTask(bench.NowPs, () => bench.Kernel.Rcu.Call(head));
            bench.Kernel.Cpus[cpu].Tick.IdleAgain(bench.NowPs); // as when the code had been an interrupt's
        });
        return story;
    }

    private static void Run(KernelBench bench, int cpu, string comm, long computePs, TaskSection section = TaskSection.Nothing, CpuClass cls = CpuClass.User)
    {
        var task = new PeriodicTask(bench.Kernel, comm, cpu, computePs, 10 * SimTime.Second, cls) { Section = section };
        bench.Kernel.AddTask(task, bench.Kernel.Cpus[cpu]);
        bench.Kernel.Wake(task, bench.Kernel.Cpus[cpu], bench.NowPs);
    }

    private static uint Ticks(KernelBench bench, int cpu) => bench.Kernel.Cpus[cpu].Counts[ArchInterrupt.LOC];

    [Fact]
    public void An_idle_processor_keeps_its_tick_until_its_callback_is_called_in_its_softirq()
    {
        var bench = new KernelBench(cpus: 2);
        Cpu cpu = bench.Kernel.Cpus[1];
        List<string> story = [];
        (var device, var line) = bench.Message();
        Assert.Equal(Errno.None, bench.Irqs.SetAffinity(line, CpuMask.Of(1)));
        bench.Claim(line, device, _ => bench.Kernel.Rcu.Call(new RcuHead(() => story.Add($"{bench.Kernel.CurrentCpu!.Id} {bench.Kernel.CurrentCpu.InServingSoftirq}"))));
        device.Raise(5 * SimTime.Millisecond);
        bench.RunFor(SimTime.Second);
        Assert.Equal(["1 True"], story);
        Assert.Equal(1, bench.Kernel.Rcu.GracePeriods);
        Assert.InRange(cpu.Softirqs[SoftirqVector.RCU], 2u, 4u); // asked for the grace period, perhaps said that it was quiet, and called
        Assert.InRange(Ticks(bench, 1), 3u, 7u);
    }

    [Fact]
    public void Nothing_happens_without_callbacks()
    {
        var bench = new KernelBench(cpus: 2, hz: 1000);
        Run(bench, 0, "hog", 10 * SimTime.Second);
        bench.RunFor(SimTime.Second);
        Assert.Equal((0, 0u), (bench.Kernel.Rcu.GracePeriods, bench.Kernel.Cpus[0].Softirqs[SoftirqVector.RCU]));
    }

    [Theory]
    [InlineData(TaskSection.Nothing, 3, 40)]
    [InlineData(TaskSection.Preemption, 190, 230)]
    public void A_processor_that_computes_is_waited_for_only_if_its_preemption_is_off(TaskSection section, int atLeastMs, int atMostMs)
    {
        var bench = new KernelBench(cpus: 2);
        Run(bench, 1, "busy", 200 * SimTime.Millisecond, section, CpuClass.System);
        long calledPs = 0;
        bench.At(SimTime.Millisecond, () => bench.Kernel.Rcu.Call(new RcuHead(() => calledPs = bench.NowPs)));
        bench.RunFor(SimTime.Second);
        Assert.InRange(calledPs, atLeastMs * SimTime.Millisecond, atMostMs * SimTime.Millisecond);
    }

    [Fact]
    public void What_is_queued_while_a_grace_period_lasts_waits_for_the_next()
    {
        var bench = new KernelBench(cpus: 2);
        Run(bench, 1, "busy", 50 * SimTime.Millisecond, TaskSection.Preemption, CpuClass.System);
        List<long> ended = [];
        bench.At(SimTime.Millisecond, () => bench.Kernel.Rcu.Call(new RcuHead(() => ended.Add(bench.Kernel.Rcu.GracePeriods))));
        bench.At(30 * SimTime.Millisecond, () => bench.Kernel.Rcu.Call(new RcuHead(() => ended.Add(bench.Kernel.Rcu.GracePeriods))));
        bench.RunFor(SimTime.Second);
        Assert.Equal([1, 2], ended);
    }

    [Fact]
    public void Synchronize_rcu_sleeps_through_a_grace_period_and_a_barrier_through_all_callbacks()
    {
        var bench = new KernelBench(cpus: 2);
        int called = 0;
        List<string> story = [];
        IEnumerable<Sleep> Steps()
        {
            yield return bench.Kernel.Rcu.Synchronize();
            story.Add($"{bench.Kernel.Rcu.GracePeriods} over");
            for (int i = 0; i < 3; i++) bench.Kernel.Rcu.Call(new RcuHead(() => called++));
            yield return bench.Kernel.Rcu.Barrier();
            story.Add($"{called} called");
            yield return bench.Kernel.Rcu.Barrier();
        }
        Assert.Equal(Errno.None, bench.Kernel.RunProcess("sh", Steps()));
        Assert.Equal(["1 over", "3 called"], story);
    }

    [Fact]
    public void A_batch_ends_at_ten_callbacks_where_a_task_waits_and_goes_on_where_nobody_does()
    {
        uint Softirqs(bool isBusy)
        {
            var bench = new KernelBench();
            if (isBusy) Run(bench, 0, "busy", 10 * SimTime.Second);
            bench.At(SimTime.Millisecond, () =>
            {
                for (int i = 0; i < 100; i++) bench.Kernel.Rcu.Call(new RcuHead(() => { }));
            });
            bench.RunFor(SimTime.Second);
            Assert.Equal(100, bench.Kernel.Rcu.Invoked);
            return bench.Kernel.Cpus[0].Softirqs[SoftirqVector.RCU];
        }
        Assert.InRange(Softirqs(isBusy: false), 2u, 4u);
        Assert.InRange(Softirqs(isBusy: true), 11u, 14u);
    }

    [Fact]
    public void Callbacks_of_relieved_processors_are_called_by_threads()
    {
        var bench = new KernelBench(cpus: 4, cmdline: "rcu_nocbs=1,3 nohz_full=2");
        Assert.Contains("rcu: \tOffload RCU callbacks from CPUs: 1-3.", bench.Log);
        List<string> story = CallOn(bench, 1, SimTime.Millisecond), other = CallOn(bench, 0, SimTime.Millisecond);
        bench.RunFor(SimTime.Second);
        Assert.EndsWith(" task rcuop/1", Assert.Single(story), StringComparison.Ordinal);
        Assert.Contains(" CPU 0 softirq ", Assert.Single(other), StringComparison.Ordinal);
        Assert.Equal(["rcu_preempt", "rcuog/0", "rcuop/0", "rcuop/1", "rcuog/2", "rcuop/2", "rcuop/3"], bench.Kernel.Tasks.Select(task => task.Comm).Where(comm => comm.StartsWith("rcu", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_task_in_user_mode_without_a_tick_is_not_waited_for_and_one_in_the_kernel_is_interrupted()
    {
        long Called(CpuClass cls)
        {
            var bench = new KernelBench(cpus: 2, cmdline: "nohz_full=1");
            Run(bench, 1, "alone", SimTime.Second, cls: cls);
            long calledPs = 0;
            bench.At(100 * SimTime.Millisecond, () => bench.Kernel.Rcu.Call(new RcuHead(() => calledPs = bench.NowPs)));
            bench.RunFor(2 * SimTime.Second);
            return (calledPs - 100 * SimTime.Millisecond) / SimTime.Millisecond;
        }
        Assert.InRange(Called(CpuClass.User), 5, 40);
        Assert.InRange(Called(CpuClass.System), 100, 250);
    }

    [Fact]
    public void The_callbacks_of_a_processor_that_goes_are_called_on_another()
    {
        var bench = new KernelBench(cpus: 2);
        List<string> story = CallOn(bench, 1, SimTime.Millisecond);
        bench.At(2 * SimTime.Millisecond, () => Assert.Equal(Errno.None, bench.Kernel.Hotplug.Offline(1)));
        bench.RunFor(SimTime.Second);
        Assert.Contains(" on CPU 0 softirq ", Assert.Single(story), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_softirq_rcuc_does_its_work()
    {
        var bench = new KernelBench(cmdline: "rcutree.use_softirq=0 rcutree.kthread_prio=2");
        List<string> story = CallOn(bench, 0, SimTime.Millisecond);
        bench.RunFor(SimTime.Second);
        Assert.Equal(["callback on CPU 0 task rcuc/0"], story);
        Assert.Equal(0u, bench.Kernel.Cpus[0].Softirqs[SoftirqVector.RCU]);
        Assert.All(bench.Kernel.Tasks.Where(task => task.Comm is "rcuc/0" or "rcu_preempt"), task => Assert.Equal((SchedulingPolicy.Fifo, 2), (task.Policy, task.RtPriority)));
    }

    /// <summary>A tasklet that a real-time task preempts is a reader still, although the processor has switched tasks.</summary>
    [Fact]
    public void With_PREEMPT_RT_a_preempted_softirq_holds_up_the_grace_period()
    {
        var bench = new KernelBench(cpus: 2, configure: options => options with { Preemption = PreemptionModel.Rt, HasLockupDetector = false });
        var hog = new PeriodicTask(bench.Kernel, "hog", 1, 300 * SimTime.Millisecond, 10 * SimTime.Second, CpuClass.System) { Policy = SchedulingPolicy.Fifo, RtPriority = 60 };
        bench.Kernel.AddTask(hog, bench.Kernel.Cpus[1]);
        Cpu cpu = bench.Kernel.Cpus[1];
        bench.At(SimTime.Millisecond, () => cpu.RunInTask(bench.NowPs, () => bench.Kernel.Tasklets.Schedule(new Tasklet(_ => bench.Kernel.CurrentCpu!.Spend(5 * SimTime.Millisecond)))));
        bench.At(3 * SimTime.Millisecond, () => bench.Kernel.Wake(hog, cpu, bench.NowPs));
        long calledPs = 0;
        bench.At(2 * SimTime.Millisecond, () => bench.Kernel.Rcu.Call(new RcuHead(() => calledPs = bench.NowPs)));
        bench.RunFor(SimTime.Second);
        Assert.InRange(calledPs, 303 * SimTime.Millisecond, 350 * SimTime.Millisecond);
    }

    [Fact]
    public void After_21_seconds_a_processor_that_is_not_quiet_says_so()
    {
        var bench = new KernelBench(cpus: 2);
        Run(bench, 1, "stuck", 30 * SimTime.Second, TaskSection.Preemption, CpuClass.System);
        bench.At(SimTime.Second, () => bench.Kernel.Rcu.Call(new RcuHead(() => { })));
        bench.RunFor(25 * SimTime.Second);
        string[] report = [.. bench.Log.Where(line => line.StartsWith("rcu: ", StringComparison.Ordinal))];
        Assert.Equal("rcu: INFO: rcu_preempt self-detected stall on CPU", report[0]);
        Assert.Matches(@"^rcu: \t1-\.\.\.\.: \(52\d\d ticks this GP\) idle=[0-9a-f]{4}/1/0x4000000000000000 softirq=\d+/\d+ fqs=\d+$", report[1]);
        Assert.Matches(@"^rcu: \t\(t=52\d\d jiffies g=-1199 q=1 ncpus=2\)$", report[2]);
        Assert.Equal(3, report.Length);
    }

    [Fact]
    public void A_processor_that_hangs_with_interrupts_off_is_told_of_by_another()
    {
        var bench = new KernelBench(cpus: 2);
        Run(bench, 1, "stuck", 40 * SimTime.Second, TaskSection.Interrupts, CpuClass.System);
        bench.At(SimTime.Second, () => bench.Kernel.Rcu.Call(new RcuHead(() => { })));
        bench.RunFor(25 * SimTime.Second);
        string[] report = [.. bench.Log.SkipWhile(line => !line.StartsWith("rcu: INFO", StringComparison.Ordinal)).Take(5)];
        Assert.Equal("rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", report[0]);
        Assert.Matches(@"^rcu: \t1-\.\.\.!: \(0 GPs behind\) ", report[1]);
        Assert.Matches(@"^rcu: \t\(detected by 0, t=52\d\d jiffies, g=-1199, q=1 ncpus=2\)$", report[2]);
        Assert.Equal("Sending NMI from CPU 0 to CPUs 1:", report[3]);
    }
}
