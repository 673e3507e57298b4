using Tophalf.Kernel;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Context;

/// <summary>Code that sleeps where it must not: the kernel's words for it, and how it goes on (kernel/sched/core.c, __schedule_bug and __might_resched).</summary>
public class AtomicContextTests
{
    private const string IdleFrames = """
         <TASK>
         asm_common_interrupt
         pv_native_safe_halt
         default_idle
         default_idle_call
         do_idle
         cpu_startup_entry
         rest_init
         start_kernel
         </TASK>
        """;

    private static KernelBench Bench(bool debug = true) => new(configure: options => options with { HasLockupDetector = false, DebugAtomicSleep = debug });

    /// <summary>A handler that does this once.</summary>
    private static IrqDesc InHandler(KernelBench bench, Action misuse, long atPs = SimTime.Millisecond)
    {
        var (device, line) = bench.Message();
        bool done = false;
        bench.Kernel.Symbols.Add((IrqHandler)Own, "bad_handler");
        Assert.Equal(0, bench.Irqs.RequestIrq(line.Irq, Own, IrqFlags.None, "bad", device));
        device.Raise(atPs);
        return line;

        IrqReturn Own(int irq, object? devId)
        {
            device.Acknowledge(bench.Kernel.CurrentCpu!.LocalPs);
            if (!done) misuse();
            done = true;
            return IrqReturn.Handled;
        }
    }

    private static string Report(KernelBench bench, string begin) => string.Join('\n', bench.Log.SkipWhile(line => !line.StartsWith(begin, StringComparison.Ordinal)));

    [Fact]
    public void Msleep_in_a_handler_is_scheduling_while_atomic_and_from_the_idle_thread()
    {
        KernelBench bench = Bench();
        InHandler(bench, () => bench.Kernel.Msleep(10));
        bench.RunFor(5 * SimTime.Millisecond);
        Assert.Equal($"""
            BUG: scheduling while atomic: swapper/0/0/0x00010002
            Modules linked in:
            CPU: 0 UID: 0 PID: 0 Comm: swapper/0 Not tainted 6.18.0 #1
            Call Trace:
             <IRQ>
             dump_stack_lvl
             __schedule_bug
             __schedule
             schedule
             schedule_timeout
             msleep
             bad_handler
             __handle_irq_event_percpu
             handle_irq_event
             handle_edge_irq
             __common_interrupt
             common_interrupt
             </IRQ>
            {IdleFrames}
            bad: scheduling from the idle thread!
            CPU: 0 UID: 0 PID: 0 Comm: swapper/0 Tainted: G        W           6.18.0 #1
            Call Trace:
             <IRQ>
             dump_stack_lvl
             dequeue_task_idle
             __schedule
             schedule
             schedule_timeout
             msleep
             bad_handler
             __handle_irq_event_percpu
             handle_irq_event
             handle_edge_irq
             __common_interrupt
             common_interrupt
             </IRQ>
            {IdleFrames}
            """, Report(bench, "BUG:"));
    }

    [Fact]
    public void The_count_the_interrupt_gives_back_is_missing_until_the_next_schedule_which_says_so_and_mends_it()
    {
        KernelBench bench = Bench();
        InHandler(bench, () => bench.Kernel.Msleep(10));
        Cpu cpu = bench.Kernel.Cpus[0];
        bench.RunFor(20 * SimTime.Millisecond);
        Assert.Equal(0x7FFF_0000u, cpu.PreemptCount & 0x7FFF_FFFF);
        var sleeper = new SleeperTask("app", CpuMask.Of(0), SimTime.Microsecond);
        bench.Kernel.AddTask(sleeper, cpu);
        bench.Kernel.Wake(sleeper, cpu, bench.NowPs);
        bench.RunFor(SimTime.Millisecond);
        Assert.Equal("BUG: scheduling while atomic: swapper/0/0/0x7fff0000", bench.Log.Last(line => line.StartsWith("BUG", StringComparison.Ordinal)));
        Assert.Equal((1, 0u), (sleeper.DonePs.Count, cpu.PreemptCount));
        Assert.Equal("512\n", bench.Read("/proc/sys/kernel/tainted"));
    }

    [Fact]
    public void Msleep_takes_its_time_in_the_handler_up_to_a_whole_jiffy()
    {
        KernelBench bench = Bench();
        InHandler(bench, () => bench.Kernel.Msleep(10), atPs: 9 * SimTime.Millisecond);
        bench.RunFor(SimTime.Second);
        // Jiffies of 4 ms: 10 ms are three of them, from the one that began at 8 ms.
        Assert.InRange(bench.Kernel.Cpus[0].Time[CpuClass.Irq], 10_900 * SimTime.Microsecond, 11_100 * SimTime.Microsecond);
    }

    [Fact]
    public void Sleeping_allocation_in_a_handler_is_reported_where_the_kernel_is_built_to_look()
    {
        KernelBench bench = Bench();
        InHandler(bench, () => bench.Kernel.Kmalloc(GfpFlags.Kernel));
        bench.RunFor(5 * SimTime.Millisecond);
        Assert.Equal(
        [
            "BUG: sleeping function called from invalid context at include/linux/sched/mm.h:321",
            "in_atomic(): 1, irqs_disabled(): 1, non_block: 0, pid: 0, name: swapper/0",
            "preempt_count: 10001, expected: 0",
            "RCU nest depth: 0, expected: 0",
            "CPU: 0 UID: 0 PID: 0 Comm: swapper/0 Not tainted 6.18.0 #1",
        ], bench.Log.Take(5));
    }

    [Fact]
    public void Gfp_atomic_is_what_a_handler_may_ask_for()
    {
        KernelBench bench = Bench();
        InHandler(bench, () => bench.Kernel.Kmalloc(GfpFlags.Atomic));
        bench.RunFor(5 * SimTime.Millisecond);
        Assert.Empty(bench.Log);
    }

    [Fact]
    public void A_distribution_kernel_does_not_look_and_sees_only_the_scheduling()
    {
        KernelBench bench = Bench(debug: false);
        var mutex = new KernelMutex(bench.Kernel);
        InHandler(bench, () =>
        {
            mutex.Lock();
            mutex.Unlock();
            bench.Kernel.Kmalloc(GfpFlags.Kernel);
            bench.Kernel.MightSleep();
            bench.Kernel.Schedule();
        });
        bench.RunFor(5 * SimTime.Millisecond);
        Assert.Equal(["BUG: scheduling while atomic: swapper/0/0/0x00010002"], bench.Log.Where(line => line.StartsWith("BUG", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_mutex_in_a_handler_is_reported_once_a_second()
    {
        KernelBench bench = Bench();
        var mutex = new KernelMutex(bench.Kernel);
        var (device, line) = bench.Message();
        bench.Claim(line, device, _ =>
        {
            mutex.Lock();
            mutex.Unlock();
        });
        device.Start(new ConstantArrivals(10), new RandomStream(1, "dev"), 0);
        bench.RunFor(2900 * SimTime.Millisecond);
        Assert.Equal(3, bench.Log.Count(line => line == "BUG: sleeping function called from invalid context at kernel/locking/mutex.c:283"));
    }

    [Fact]
    public void A_thread_function_may_sleep_and_a_spinlock_in_its_hand_forbids_it()
    {
        KernelBench bench = Bench();
        var held = new RawSpinLock(bench.Kernel);
        var (device, line) = bench.Message();
        Assert.Equal(0, bench.Irqs.RequestThreadedIrq(line.Irq, (_, _) =>
        {
            device.Acknowledge(bench.Kernel.CurrentCpu!.LocalPs);
            return IrqReturn.WakeThread;
        }, Thread, IrqFlags.None, "t", device));
        bench.Kernel.Symbols.Add((IrqHandler)Thread, "thread");
        device.Raise(0);
        bench.RunFor(5 * SimTime.Millisecond);
        int pid = bench.Kernel.Tasks.Single(task => task.Comm == $"irq/{line.Irq}-t").Pid;
        Assert.Equal(
        [
            "BUG: sleeping function called from invalid context at AtomicContextTests.cs:",
            "in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: " + pid + $", name: irq/{line.Irq}-t",
            "preempt_count: 1, expected: 0",
            "RCU nest depth: 0, expected: 0",
            $"CPU: 0 UID: 0 PID: {pid} Comm: irq/{line.Irq}-t Not tainted 6.18.0 #1",
            "Call Trace:",
            " <TASK>",
            " dump_stack_lvl",
            " __might_resched",
            " thread",
            " irq_thread_fn",
            " irq_thread",
            " kthread",
            " ret_from_fork",
            " ret_from_fork_asm",
            " </TASK>",
        ], bench.Log.Select(text => text.Contains(".cs:", StringComparison.Ordinal) ? text[..(text.LastIndexOf(':') + 1)] : text));
        Assert.Equal(0u, bench.Kernel.Cpus[0].PreemptCount);

        IrqReturn Thread(int irq, object? devId)
        {
            bench.Kernel.MightSleep();
            held.Lock();
            bench.Kernel.MightSleep();
            held.Unlock();
            return IrqReturn.Handled;
        }
    }
}
