using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Processors;
using Tophalf.Kernel.Nmi;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Nmi;

/// <summary>Non-maskable interrupts of a whole kernel (arch/x86/kernel/nmi.c): who is asked, what is said when nobody knows, and what is swallowed.</summary>
public class NmiHandlerTests
{
    private readonly KernelBench _bench = new();

    private Cpu Cpu => _bench.Kernel.Cpus[0];

    private void NmiAt(long atPs) => _bench.At(atPs, () => Cpu.Processor.SignalNmi(_bench.NowPs));

    private void Handler(NmiType type, string name, Func<Cpu, int> handler, NmiFlags flags = NmiFlags.None) =>
        Assert.Equal(0, _bench.Kernel.Nmi.Register(type, (NmiType _, in InterruptFrame _) => handler(_bench.Kernel.CurrentCpu!), flags, name));

    [Fact]
    public void One_that_nobody_knows_dazes_the_kernel_and_is_counted()
    {
        NmiAt(SimTime.Millisecond);
        _bench.RunFor(SimTime.Second);
        Assert.Equal(["Uhhuh. NMI received for unknown reason 00 on CPU 0.", "Dazed and confused, but trying to continue"], _bench.Log);
        Assert.Contains("NMI:          1   Non-maskable interrupts", _bench.Read("/proc/interrupts"));
    }

    [Fact]
    public void With_unknown_nmi_panic_the_machine_stops()
    {
        var bench = new KernelBench(cpus: 2, cmdline: "unknown_nmi_panic");
        bench.At(SimTime.Millisecond, () => bench.Kernel.Cpus[1].Processor.SignalNmi(bench.NowPs));
        bench.RunFor(SimTime.Second);
        Assert.Equal("NMI: Not continuing", bench.Kernel.PanicReason);
        Assert.Equal("---[ end Kernel panic - not syncing: NMI: Not continuing ]---", bench.Log.Last());
        Assert.All(bench.Kernel.Cpus, cpu => Assert.True(cpu.IsStopped));
    }

    [Fact]
    public void All_handlers_of_a_type_run_the_first_flag_before_the_others()
    {
        List<string> ran = [];
        Handler(NmiType.Local, "a", _ => Ran("a", 1));
        Handler(NmiType.Local, "b", _ => Ran("b", 0));
        Handler(NmiType.Local, "c", _ => Ran("c", 0), NmiFlags.First);
        NmiAt(0);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(["c", "a", "b"], ran);
        _bench.Kernel.Nmi.Unregister(NmiType.Local, "a");
        NmiAt(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(["c", "a", "b", "c", "b"], ran);
        Assert.Equal((1L, 1L), (Cpu.Nmi.Normal, Cpu.Nmi.Unknown));

        int Ran(string name, int handled)
        {
            ran.Add(name);
            return handled;
        }
    }

    [Fact]
    public void In_a_handler_the_context_is_nmi_and_hardirq_at_once()
    {
        (bool, bool, bool, bool, uint) seen = default;
        Handler(NmiType.Local, "look", cpu =>
        {
            seen = (cpu.InNmi, cpu.InHardirq, cpu.InInterrupt, cpu.InTask, cpu.PreemptCount);
            return 1;
        });
        NmiAt(0);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal((true, true, true, false, 0x11_0000u), seen);
        Assert.False(Cpu.InNmi || Cpu.InInterrupt);
    }

    [Fact]
    public void The_nmi_latched_behind_two_events_handled_at_once_is_swallowed_and_a_later_one_is_not()
    {
        int events = 0;
        Handler(NmiType.Local, "counters", cpu =>
        {
            cpu.Spend(10 * SimTime.Microsecond);
            return events-- > 0 ? 2 : 0;
        });
        events = 1;
        NmiAt(SimTime.Microsecond);
        NmiAt(5 * SimTime.Microsecond); // latched; its event is handled with the first
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal((1L, 0L), (Cpu.Nmi.Swallowed, Cpu.Nmi.Unknown));
        NmiAt(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal((1L, 1L), (Cpu.Nmi.Swallowed, Cpu.Nmi.Unknown));
    }

    [Fact]
    public void A_handler_that_takes_longer_than_a_millisecond_is_told_of_once_it_beats_its_record()
    {
        long takes = 1_500;
        Handler(NmiType.Local, "slow", cpu =>
        {
            cpu.Spend(takes * SimTime.Microsecond);
            return 1;
        });
        foreach (long us in (long[])[1_500, 1_200, 2_345, 900])
        {
            takes = us;
            NmiAt(_bench.NowPs);
            _bench.RunFor(10 * SimTime.Millisecond);
        }
        Assert.Equal(
            ["took too long to run: 1.500 msecs", "took too long to run: 2.345 msecs"],
            _bench.Log.Select(line => line[line.IndexOf("took", StringComparison.Ordinal)..]));
    }

    [Fact]
    public void Serr_is_reported_with_its_reason_and_switched_off_at_the_port()
    {
        var port = new SystemControlPort((active, atPs) => Cpu.Apic.SetLint(1, active, atPs));
        _bench.Kernel.Nmi.ReasonPort = port;
        _bench.At(0, () => port.RaiseSerr(0));
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(["NMI: PCI system error (SERR) for reason 80 on CPU 0.", "Dazed and confused, but trying to continue"], _bench.Log);
        Assert.Equal(SystemControlPort.DisableSerr, port.Read());
        port.RaiseSerr(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(1, Cpu.Nmi.Rounds);
    }

    [Fact]
    public void An_io_check_is_answered_by_two_seconds_with_the_line_shut()
    {
        var port = new SystemControlPort((active, atPs) => Cpu.Apic.SetLint(1, active, atPs));
        _bench.Kernel.Nmi.ReasonPort = port;
        _bench.At(0, () => port.RaiseIoCheck(0));
        _bench.RunFor(3 * SimTime.Second);
        Assert.Contains("NMI: IOCK error (debug interrupt?) for reason 40 on CPU 0.", _bench.Log);
        Assert.Equal(0, port.Read());
        Assert.InRange(Cpu.Time.TotalPs, 3 * SimTime.Second, 3 * SimTime.Second);
    }

    [Fact]
    public void An_nmi_in_a_hard_interrupt_makes_it_longer_and_nothing_is_lost()
    {
        var (device, line) = _bench.Message();
        long leftPs = 0;
        _bench.Claim(line, device, cpu => cpu.Spend(100 * SimTime.Microsecond));
        Handler(NmiType.Local, "short", cpu =>
        {
            cpu.Spend(30 * SimTime.Microsecond);
            leftPs = cpu.LocalPs;
            return 1;
        });
        device.Raise(0);
        NmiAt(50 * SimTime.Microsecond);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal((1ul, 1L), (line.Total, Cpu.Nmi.Rounds));
        Assert.True(leftPs < 100 * SimTime.Microsecond);
        Assert.True(Cpu.Time[CpuClass.Irq] > 130 * SimTime.Microsecond);
        Assert.True(Cpu.IsIdle);
    }

    [Fact]
    public void Nested_behind_a_breakpoint_it_costs_no_second_handler_at_the_time_and_one_round_after()
    {
        List<long> beganPs = [];
        Handler(NmiType.Local, "probed", cpu =>
        {
            beganPs.Add(cpu.LocalPs);
            cpu.Spend(10 * SimTime.Microsecond);
            if (beganPs.Count == 1) cpu.Nmi.HitBreakpoint();
            cpu.Spend(10 * SimTime.Microsecond);
            return 1;
        });
        NmiAt(SimTime.Microsecond);
        NmiAt(15 * SimTime.Microsecond);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal((2L, 1L, false), (Cpu.Nmi.Rounds, Cpu.Nmi.Nested, Cpu.Nmi.IsLost));
        Assert.True(beganPs[1] > beganPs[0] + 20 * SimTime.Microsecond);
        Assert.True(Cpu.IsIdle);
    }

    [Fact]
    public void With_the_naive_entry_the_same_nmi_takes_the_processor_away_for_good()
    {
        var bench = new KernelBench(configure: options => options with { HasNaiveNmiEntry = true, HasLockupDetector = false });
        Cpu cpu = bench.Kernel.Cpus[0];
        bench.Kernel.Nmi.Register(NmiType.Local, (NmiType _, in InterruptFrame _) =>
        {
            cpu.Spend(10 * SimTime.Microsecond);
            cpu.Nmi.HitBreakpoint();
            cpu.Spend(10 * SimTime.Microsecond);
            return 1;
        }, NmiFlags.None, "probed");
        foreach (long us in (long[])[1, 15]) bench.At(us * SimTime.Microsecond, () => cpu.Processor.SignalNmi(bench.NowPs));
        bench.RunFor(SimTime.Millisecond);
        Assert.True(cpu.Nmi.IsLost);
        Assert.False(cpu.IsIdle);
        Assert.Equal(NmiEntryCode.Handler, cpu.Processor.Rip);
    }

    [Fact]
    public void A_backtrace_of_all_processors_reaches_the_one_that_hangs_too()
    {
        var bench = new KernelBench(cpus: 3);
        var (device, line) = bench.Message();
        bench.Irqs.SetAffinity(line, CpuMask.Of(2));
        bench.Claim(line, device, _ => bench.Kernel.SpinForever());
        device.Raise(0);
        bench.At(SimTime.Millisecond, bench.Kernel.Backtraces.TriggerAll);
        bench.RunFor(2 * SimTime.Millisecond);
        Assert.Equal(
        [
            "NMI backtrace for cpu 0", "Sending NMI from CPU 0 to CPUs 1-2:", "NMI backtrace for cpu 1 skipped: idling at pv_native_safe_halt", "NMI backtrace for cpu 2",
        ], bench.Log.Where(text => text.Contains("NMI", StringComparison.Ordinal) && !text.Contains('<')));
        Assert.Contains(" __handle_irq_event_percpu", bench.Log);
        Assert.Equal(["0", "1", "1"], bench.Kernel.Cpus.Select(cpu => $"{cpu.Counts[ArchInterrupt.NMI]}"));
    }
}
