using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>How a task gets into the queue of another processor, and which interrupts that takes (kernel/sched/core.c ttwu_queue, kernel/smp.c).</summary>
public class RemoteWakeTests
{
    private static (uint Reschedule, uint Call) Interrupts(SchedulingBench bench, int cpu) =>
        (bench.Bench.Kernel.Cpus[cpu].Counts[ArchInterrupt.RES], bench.Bench.Kernel.Cpus[cpu].Counts[ArchInterrupt.CAL]);

    /// <summary>Nothing costs anything but the write to the interrupt command register: 2 us of code take 60 ns more.</summary>
    [Fact]
    public void A_task_that_wakes_another_on_an_idle_processor_pays_for_the_interrupt()
    {
        var bench = new KernelBench(cpus: 2, costs: FreeCosts.But(("ipi_send", 60)));
        var sleeper = new SleeperTask("sleeper", CpuMask.Of(1), 10 * SimTime.Microsecond);
        bench.Kernel.AddTask(sleeper, bench.Kernel.Cpus[1]);
        IEnumerable<Sleep> Steps()
        {
            Cpu cpu = bench.Kernel.CurrentCpu!;
            cpu.Spend(SimTime.Microsecond);
            bench.Kernel.Wake(sleeper, cpu, cpu.LocalPs);
            cpu.Spend(SimTime.Microsecond);
            yield return Sleep.CondResched;
        }
        var waker = new ProcessTask(bench.Kernel, "waker", Steps()) { Allowed = CpuMask.Of(0) };
        bench.Kernel.AddTask(waker, bench.Kernel.Cpus[0]);
        bench.At(SimTime.Millisecond, () => bench.Kernel.Wake(waker, bench.Kernel.Cpus[0], bench.NowPs));
        bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal(2 * SimTime.Microsecond + 60 * SimTime.Nanosecond, waker.RuntimePs);
        Assert.Equal([1], sleeper.DoneOn);
    }

    /// <summary>The waker takes the other's queue; whether it interrupts is what the woken task is worth against the one that runs.</summary>
    [Theory]
    [InlineData(SchedulingPolicy.Fair, 0, 0u)]
    [InlineData(SchedulingPolicy.Fifo, 50, 1u)]
    public void A_busy_processor_is_interrupted_only_for_a_task_that_preempts(SchedulingPolicy policy, int priority, uint reschedules)
    {
        var bench = new SchedulingBench(cpus: 2);
        bench.Hog(cpu: 1);
        SleeperTask task = bench.Sleeper(policy, priority, cpu: 1);
        bench.WakeAt(300 * SimTime.Microsecond, task, from: 0);
        bench.RunUntil(20 * SimTime.Millisecond);
        Assert.Equal([1], task.DoneOn);
        Assert.Equal((reschedules, 0u), Interrupts(bench, 1));
        Assert.Equal(reschedules == 1, task.DonePs[0] < 2 * SimTime.Millisecond);
    }

    /// <summary>Without a common cache the waker leaves the other's queue alone, busy or not: it calls.</summary>
    [Fact]
    public void A_busy_processor_of_another_socket_is_called()
    {
        var bench = new SchedulingBench(cpus: 2, sockets: 2);
        bench.Hog(cpu: 1);
        SleeperTask task = bench.Sleeper(SchedulingPolicy.Fifo, 50, cpu: 1);
        bench.WakeAt(SimTime.Millisecond, task, from: 0);
        bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal([1], task.DoneOn);
        Assert.Equal((0u, 1u), Interrupts(bench, 1));
    }

    /// <summary>A call and a wake-up that are under way at once share the list, and so the interrupt.</summary>
    [Fact]
    public void A_wake_up_behind_a_call_needs_no_interrupt_of_its_own()
    {
        var bench = new SchedulingBench(cpus: 2);
        SleeperTask task = bench.Sleeper(cpu: 1);
        var called = new List<int>();
        bench.Bench.Kernel.Cpus[0].Tick.Start(new HrTimer(cpu =>
        {
            _ = bench.Bench.Kernel.SmpCalls.Single(bench.Bench.Kernel.Cpus[1], on => called.Add(on.Id));
            bench.Bench.Kernel.Wake(task, cpu, cpu.LocalPs);
        }), SimTime.Millisecond, 0);
        bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal([1], called);
        Assert.Equal([1], task.DoneOn);
        Assert.Equal((0u, 1u), Interrupts(bench, 1));
    }

    /// <summary>TIF_POLLING_NRFLAG: the idle loop calls the functions itself, and runs the softirqs they raise.</summary>
    [Fact]
    public void A_processor_that_polls_its_flags_is_called_without_an_interrupt()
    {
        var bench = new SchedulingBench(cpus: 2, cmdline: "idle=poll");
        var called = new List<string>();
        Cpu polling = bench.Bench.Kernel.Cpus[1];
        var tasklet = new Tophalf.Kernel.BottomHalves.Tasklet(_ => called.Add($"tasklet in softirq {bench.Bench.Kernel.CurrentCpu!.InServingSoftirq}"));
        bench.Bench.Kernel.Cpus[0].Tick.Start(new HrTimer(_ => bench.Bench.Kernel.SmpCalls.Single(polling, on =>
        {
            called.Add($"call on {on.Id}");
            bench.Bench.Kernel.Tasklets.Schedule(tasklet);
        })), SimTime.Millisecond, 0);
        bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal(["call on 1", "tasklet in softirq True"], called);
        Assert.Equal((0u, 0u), Interrupts(bench, 1));
        // The whole way was idle time but for the softirq.
        Assert.Equal(0, polling.Time[CpuClass.Irq] + polling.Time[CpuClass.System]);
        Assert.True(polling.IsIdle);
    }

    /// <summary>smp_call_function_many does not look at flags when it has more than one to interrupt.</summary>
    [Fact]
    public void Processors_called_together_are_interrupted_even_when_they_poll()
    {
        var bench = new SchedulingBench(cpus: 3, cmdline: "idle=poll");
        bench.Bench.Kernel.Cpus[0].Tick.Start(new HrTimer(_ => bench.Bench.Kernel.SmpCalls.Many(CpuMask.FirstCpus(3), _ => { })), SimTime.Millisecond, 0);
        bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal(((0u, 1u), (0u, 1u)), (Interrupts(bench, 1), Interrupts(bench, 2)));
    }

    /// <summary>tick_nohz_full_kick_cpu: the second task of a tickless processor brings its tick back by a call.</summary>
    [Fact]
    public void A_second_task_kicks_a_tickless_processor()
    {
        var bench = new SchedulingBench(cpus: 2, cmdline: "nohz_full=1");
        bench.Hog(cpu: 1);
        SleeperTask task = bench.Sleeper(cpu: 1, computePs: 50 * SimTime.Millisecond);
        bench.WakeAt(100 * SimTime.Millisecond, task, from: 0);
        bench.RunUntil(100 * SimTime.Millisecond);
        Assert.True(bench.Bench.Kernel.Cpus[1].Tick.IsStopped);
        bench.RunUntil(101 * SimTime.Millisecond);
        Assert.False(bench.Bench.Kernel.Cpus[1].Tick.IsStopped);
        // The first has had its slice long ago, which without a tick nobody saw: so it is to give way, too.
        Assert.Equal((1u, 1u), Interrupts(bench, 1));
        bench.RunUntil(400 * SimTime.Millisecond);
        Assert.Equal([1], task.DoneOn);
    }
}
