using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Watchdog;

/// <summary>What the lockup detectors notice, when, and in which words (kernel/watchdog.c, watchdog_perf.c).</summary>
public class LockupTests
{
    private static KernelBench Bench(int cpus = 1, string cmdline = "", CostSet? costs = null) => new(cpus, costs, cmdline: cmdline, configure: options => options);

    private static IEnumerable<string> Watchdog(KernelBench bench) => bench.Log.Where(line => line.StartsWith("watchdog:", StringComparison.Ordinal));

    /// <summary>A device whose handler never comes back, raised at the first microsecond.</summary>
    private static void HangInHandler(KernelBench bench)
    {
        var (device, line) = bench.Message();
        bench.Claim(line, device, _ => bench.Kernel.SpinForever());
        device.Raise(SimTime.Microsecond);
    }

    [Fact]
    public void A_processor_that_hangs_with_interrupts_off_is_a_hard_lockup_and_is_told_of_once()
    {
        KernelBench bench = Bench();
        HangInHandler(bench);
        bench.RunFor(100 * SimTime.Second);
        Assert.Equal(["watchdog: Watchdog detected hard LOCKUP on cpu 0"], Watchdog(bench));
        Assert.Equal(1, bench.Kernel.Lockups[bench.Kernel.Cpus[0]].HardLockups);
        // The first NMI finds that the timer never came; every ten seconds another one follows.
        Assert.Contains("NMI:          9   Non-maskable interrupts", bench.Read("/proc/interrupts"));
        Assert.Contains("PMI:          9   Performance monitoring interrupts", bench.Read("/proc/interrupts"));
    }

    [Fact]
    public void Its_call_trace_shows_the_handler_it_hangs_in()
    {
        KernelBench bench = Bench();
        HangInHandler(bench);
        bench.RunFor(21 * SimTime.Second);
        string trace = string.Join('\n', bench.Log.SkipWhile(line => !line.StartsWith("watchdog: Watchdog", StringComparison.Ordinal)));
        Assert.Equal("""
            watchdog: Watchdog detected hard LOCKUP on cpu 0
            Modules linked in:
            CPU: 0 UID: 0 PID: 0 Comm: swapper/0 Not tainted 6.18.0 #1
            Call Trace:
             <NMI>
             nmi_handle
             default_do_nmi
             exc_nmi
             end_repeat_nmi
             </NMI>
             <IRQ>
             Claim
             __handle_irq_event_percpu
             handle_irq_event
             handle_edge_irq
             __common_interrupt
             common_interrupt
             </IRQ>
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
            """, trace);
    }

    [Fact]
    public void With_nmi_watchdog_panic_it_is_the_end()
    {
        KernelBench bench = Bench(cpus: 2, cmdline: "nmi_watchdog=panic");
        HangInHandler(bench);
        bench.RunFor(60 * SimTime.Second);
        Assert.Equal("Hard LOCKUP", bench.Kernel.PanicReason);
    }

    [Theory]
    [InlineData("nmi_watchdog=0")]
    [InlineData("nowatchdog")]
    public void Without_the_nmi_nobody_notices(string cmdline)
    {
        KernelBench bench = Bench(cmdline: cmdline);
        HangInHandler(bench);
        bench.RunFor(100 * SimTime.Second);
        Assert.Empty(Watchdog(bench));
    }

    [Fact]
    public void A_thread_that_spins_with_preemption_off_is_a_soft_lockup_every_twenty_odd_seconds()
    {
        KernelBench bench = Bench();
        var (device, line) = bench.Message();
        Assert.Equal(0, bench.Irqs.RequestThreadedIrq(line.Irq, (_, _) =>
        {
            device.Acknowledge(bench.Kernel.CurrentCpu!.LocalPs);
            return IrqReturn.WakeThread;
        }, (_, _) =>
        {
            bench.Kernel.PreemptDisable();
            bench.Kernel.SpinForever();
            return IrqReturn.Handled;
        }, IrqFlags.None, "spinner", this));
        device.Raise(SimTime.Microsecond);
        bench.RunFor(80 * SimTime.Second);
        int pid = bench.Kernel.Tasks.Single(task => task.Comm == $"irq/{line.Irq}-spinner").Pid;
        Assert.Equal(
            [.. new[] { 22, 44, 67 }.Select(s => $"watchdog: BUG: soft lockup - CPU#0 stuck for {s}s! [irq/{line.Irq}-spinner:{pid}]")], Watchdog(bench));
        // The timer still comes: for the NMI all is well.
        Assert.Equal(0, bench.Kernel.Lockups[bench.Kernel.Cpus[0]].HardLockups);
        Assert.True(bench.Kernel.Cpus[0].Counts[ArchInterrupt.NMI] >= 7);
    }

    [Fact]
    public void Softlockup_panic_stops_the_machine_at_the_first()
    {
        KernelBench bench = Bench(cmdline: "softlockup_panic=1 noirqdebug", costs: SlowReturn);
        StormAlone(bench);
        bench.RunFor(60 * SimTime.Second);
        Assert.Equal("softlockup: hung tasks", bench.Kernel.PanicReason);
    }

    /// <summary>A level line nobody quiets, on a machine where the next interrupt is there before the last has returned.</summary>
    private static IrqDesc StormAlone(KernelBench bench)
    {
        var (device, line) = bench.Pin(5, isLevel: true);
        Assert.Equal(0, bench.Irqs.RequestIrq(5, (_, _) =>
        {
            bench.Kernel.CurrentCpu!.Spend(100 * SimTime.Microsecond);
            return IrqReturn.None;
        }, IrqFlags.None, "stuck", bench));
        device.Raise(SimTime.Microsecond);
        return line;
    }

    private static CostSet SlowReturn => FreeCosts.But(("irq_return", 500), ("bus_message", 100), ("eoi", 25));

    [Fact]
    public void A_level_storm_nobody_cuts_is_a_soft_lockup()
    {
        KernelBench bench = Bench(cmdline: "noirqdebug", costs: SlowReturn);
        IrqDesc line = StormAlone(bench);
        bench.RunFor(30 * SimTime.Second);
        Assert.Equal("watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [migration/0:3]", Assert.Single(Watchdog(bench)));
        Assert.True(line.Total > 200_000);
    }

    [Fact]
    public void The_spurious_detector_cuts_it_long_before()
    {
        KernelBench bench = Bench(costs: SlowReturn);
        IrqDesc line = StormAlone(bench);
        bench.RunFor(60 * SimTime.Second);
        Assert.Empty(Watchdog(bench));
        Assert.Equal((100_000ul, 1), (line.Total, line.Depth));
    }

    [Fact]
    public void The_sysctls_read_as_they_are_and_refuse_what_the_kernel_refuses()
    {
        KernelBench bench = Bench();
        Assert.Equal("1\n1\n1\n10\n0\n0\n", string.Concat(
            new[] { "watchdog", "soft_watchdog", "nmi_watchdog", "watchdog_thresh", "softlockup_panic", "hardlockup_panic" }.Select(name => bench.Read($"/proc/sys/kernel/{name}"))));
        Assert.Equal(Errno.EINVAL, bench.Write("/proc/sys/kernel/watchdog_thresh", "61"));
        Assert.Equal(Errno.EINVAL, bench.Write("/proc/sys/kernel/watchdog", "2"));
        Assert.Equal(Errno.None, bench.Write("/proc/sys/kernel/watchdog", "0\n"));
        Assert.Equal("0\n0\n", bench.Read("/proc/sys/kernel/soft_watchdog") + bench.Read("/proc/sys/kernel/nmi_watchdog"));
    }

    [Fact]
    public void A_lower_threshold_counts_from_the_write()
    {
        KernelBench bench = Bench();
        Assert.Equal(Errno.None, bench.Write("/proc/sys/kernel/watchdog_thresh", "1"));
        HangInHandler(bench);
        bench.RunFor(3 * SimTime.Second);
        Assert.Single(Watchdog(bench));
    }

    [Fact]
    public void Without_a_counter_there_is_no_hard_detector_to_switch_on()
    {
        var bench = new KernelBench(configure: options => options with { HasPmu = false });
        Assert.Contains("NMI watchdog: Perf NMI watchdog permanently disabled", bench.Log);
        Assert.Equal("0\n", bench.Read("/proc/sys/kernel/nmi_watchdog"));
        Assert.Equal(Errno.ENOTSUPP, bench.Write("/proc/sys/kernel/nmi_watchdog", "1"));
    }

    [Fact]
    public void An_idle_machine_has_no_nmis_only_a_timer_every_four_seconds()
    {
        KernelBench bench = Bench();
        bench.RunFor(100 * SimTime.Second);
        Cpu cpu = bench.Kernel.Cpus[0];
        Assert.Equal(0u, cpu.Counts[ArchInterrupt.NMI]);
        Assert.InRange(cpu.Counts[ArchInterrupt.LOC], 25u, 26u);
    }
}
