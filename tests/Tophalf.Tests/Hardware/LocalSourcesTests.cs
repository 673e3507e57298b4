using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Hardware;

public class LocalSourcesTests
{
    [Fact]
    public void A_level_line_at_lint0_is_requested_again_after_eoi_while_it_is_active()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtLint0Offset, 0x8041, 0);
        board.Apic.SetLint(0, active: true, 0);
        Assert.Equal(0xC041u, board.Apic.Read(LocalApic.LvtLint0Offset, 0)); // remote IRR
        board.Run(200);
        board.Apic.SetLint(0, active: false, board.Queue.NowPs);
        board.Run(1000);
        Assert.Equal([0x41, 0x41], board.VectorsOf(0));
        Assert.Equal(0x8041u, board.Apic.Read(LocalApic.LvtLint0Offset, 0));
    }

    [Fact]
    public void Lint1_is_an_edge_even_if_asked_for_level()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtLint1Offset, 0x8041, 0);
        board.Apic.SetLint(1, active: true, 0);
        board.Run(1000);
        Assert.Equal([0x41], board.VectorsOf(0));
    }

    [Fact]
    public void Lint1_as_nmi_ignores_task_priority_and_if()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtLint1Offset, 0x400, 0);
        board.Apic.TryWriteCr8(15, 0);
        board.Cpu.DisableInterrupts();
        board.Apic.SetLint(1, active: true, 0);
        Assert.Equal([2], board.VectorsOf(0));
    }

    /// <summary>Virtual wire: the 8259's INTR through LINT0, its vector from the INTA cycle, nothing in ISR.</summary>
    [Fact]
    public void Extint_takes_its_vector_from_the_8259_and_needs_no_eoi()
    {
        var board = new Board();
        board.Fabric.ExternalAcknowledge = nowPs =>
        {
            board.Apic.SetLint(0, active: false, nowPs);
            return 0x30;
        };
        board.Apic.Write(LocalApic.LvtLint0Offset, 0x700, 0);
        board.Cpu.DisableInterrupts();
        board.Apic.SetLint(0, active: true, 0);
        Assert.Empty(board.Handled);
        board.Cpu.EnableInterrupts(0);
        Assert.Equal([0x30], board.VectorsOf(0));
        Assert.Equal((false, 0), (board.Apic.IsInService(0x30), board.Apic.Acknowledged));
        board.Run(1000);
        Assert.Equal(0, board.Apic.EoiWithoutService);
    }

    [Fact]
    public void An_intr_that_falls_before_the_processor_looks_is_gone()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtLint0Offset, 0x700, 0);
        board.Cpu.DisableInterrupts();
        board.Apic.SetLint(0, active: true, 0);
        board.Apic.SetLint(0, active: false, 0);
        board.Cpu.EnableInterrupts(0);
        Assert.Empty(board.Handled);
    }

    [Fact]
    public void Extint_with_no_8259_is_logged_and_does_not_hang()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtLint0Offset, 0x700, 0);
        board.Apic.SetLint(0, active: true, 0);
        Assert.Empty(board.Handled);
        Assert.Equal(["INTA cycle for ExtINT: no controller answered"], board.Logged);
    }

    [Fact]
    public void Disabled_globally_the_pins_are_intr_and_nmi()
    {
        var board = new Board();
        board.Fabric.ExternalAcknowledge = nowPs =>
        {
            board.Apic.SetLint(0, active: false, nowPs);
            return 0x08;
        };
        board.Apic.TryWriteMsr(ApicBase.Msr, 0xFEE0_0000, 0);
        board.Apic.SetLint(1, active: true, 0);
        board.Run(1000);
        board.Apic.SetLint(0, active: true, board.Queue.NowPs);
        Assert.Equal([2, 8], board.VectorsOf(0));
    }

    [Fact]
    public void A_counter_overflow_masks_its_own_entry()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtPerformanceOffset, 0x400, 0); // NMI, as Linux has it
        board.Apic.RaiseLocal(LvtSource.Performance, 0);
        Assert.Equal(0x1_0400u, board.Apic.Read(LocalApic.LvtPerformanceOffset, 0));
        board.Run(1000);
        board.Apic.RaiseLocal(LvtSource.Performance, board.Queue.NowPs);
        Assert.Equal([2], board.VectorsOf(0));
    }

    [Theory]
    [InlineData(LvtSource.Thermal, LocalApic.LvtThermalOffset)]
    [InlineData(LvtSource.Cmci, LocalApic.LvtCmciOffset)]
    public void Sensors_raise_their_vector_each_time(LvtSource source, uint offset)
    {
        var board = new Board();
        board.Apic.RaiseLocal(source, 0); // still masked
        board.Apic.Write(offset, 0xFA, 0);
        board.Apic.RaiseLocal(source, 0);
        board.Run(1000);
        board.Apic.RaiseLocal(source, board.Queue.NowPs);
        Assert.Equal([0xFA, 0xFA], board.VectorsOf(0));
    }

    [Fact]
    public void A_received_vector_below_16_is_an_error_not_an_interrupt()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtThermalOffset, 0x0F, 0);
        board.Apic.RaiseLocal(LvtSource.Thermal, 0);
        board.Apic.Write(LocalApic.EsrOffset, 0, 0);
        Assert.Empty(board.Handled);
        Assert.Equal(0x40u, board.Apic.Read(LocalApic.EsrOffset, 0));
    }

    // ---- timer -----------------------------------------------------------------------------------------------------------------

    /// <summary>Without ARAT, 3 us of a C-state deeper than C1: the count of 4 us is through 3 us later.</summary>
    [Fact]
    public void A_count_goes_on_where_it_stood_when_the_processor_leaves_a_deep_idle_state()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtTimerOffset, 0xEC, 0);
        board.Apic.Write(LocalApic.TimerDivideOffset, 0xB, 0);
        board.Apic.Write(LocalApic.TimerInitialOffset, 100, 0); // 4 us
        board.Apic.Timer.StandStill(SimTime.Microsecond);
        board.Run(4000);
        Assert.Empty(board.Handled);
        board.Apic.Timer.GoOn(4 * SimTime.Microsecond);
        board.Run(6999);
        Assert.Empty(board.Handled);
        board.Run(7100);
        Assert.Equal([0xEC], board.VectorsOf(0));
    }

    [Fact]
    public void A_deadline_that_goes_by_in_a_deep_idle_state_fires_when_the_processor_is_back()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0004_00EC, 0);
        board.Apic.WriteDeadline(2 * SimTime.Microsecond, 0);
        board.Apic.Timer.StandStill(SimTime.Microsecond);
        board.Run(5000);
        Assert.Empty(board.Handled);
        board.Apic.Timer.GoOn(5 * SimTime.Microsecond);
        board.Run(5100);
        Assert.Equal([0xEC], board.VectorsOf(0));
    }

    [Theory]
    [InlineData(0x0, 2)]
    [InlineData(0x1, 4)]
    [InlineData(0x2, 8)]
    [InlineData(0x3, 16)]
    [InlineData(0x8, 32)]
    [InlineData(0x9, 64)]
    [InlineData(0xA, 128)]
    [InlineData(0xB, 1)]
    public void The_divide_register_counts_bits_3_1_and_0(uint divide, int divisor) => Assert.Equal(divisor, ApicTimer.Divisor(divide));

    [Fact]
    public void A_million_counts_at_100_mhz_divided_by_16_take_160_ms()
    {
        var board = new Board();
        board.Apic.Timer.ClockPs = 10 * SimTime.Nanosecond;
        board.Apic.Write(LocalApic.LvtTimerOffset, 0xEC, 0);
        board.Apic.Write(LocalApic.TimerDivideOffset, 0x3, 0);
        board.Apic.Write(LocalApic.TimerInitialOffset, 1_000_000, 0);
        board.Run(159_999_999);
        Assert.Empty(board.Handled);
        board.Run(160_000_000);
        Assert.Equal([0xEC], board.VectorsOf(0));
        Assert.Equal(0u, board.Apic.Read(LocalApic.TimerCurrentOffset, board.Queue.NowPs));
    }

    [Fact]
    public void The_current_count_is_the_initial_one_less_the_whole_ticks_gone()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.TimerDivideOffset, 0xB, 0); // 40 ns a tick
        board.Apic.Write(LocalApic.TimerInitialOffset, 10, 0);
        uint[] counts = [.. new[] { 0, 39, 40, 41, 399, 400 }.Select(ns => board.Apic.Read(LocalApic.TimerCurrentOffset, ns * SimTime.Nanosecond))];
        Assert.Equal([10u, 10u, 9u, 9u, 1u, 0u], counts);
    }

    [Fact]
    public void Periodic_goes_on_masked_or_not_and_zero_stops_it()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0002_00EC, 0);
        board.Apic.Write(LocalApic.TimerDivideOffset, 0xB, 0);
        board.Apic.Write(LocalApic.TimerInitialOffset, 100, 0); // 4 us
        board.Run(9_000);
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0003_00EC, board.Queue.NowPs);
        board.Run(17_000);
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0002_00EC, board.Queue.NowPs);
        board.Run(21_000);
        board.Apic.Write(LocalApic.TimerInitialOffset, 0, board.Queue.NowPs);
        board.Run(100_000);
        Assert.Equal(3, board.Handled.Count); // at 4, 8 and 20 us
        Assert.False(board.Apic.Timer.IsRunning);
    }

    [Fact]
    public void The_tsc_deadline_fires_at_its_value_and_reads_zero_after()
    {
        var board = new Board();
        board.Apic.TryWriteMsr(LocalApic.TscDeadlineMsr, 3000, 0); // not in this mode: ignored
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0004_00EC, 0);
        board.Apic.TryWriteMsr(LocalApic.TscDeadlineMsr, 3_000, 0); // 1 us at 3 GHz
        Assert.True(board.Apic.TryReadMsr(LocalApic.TscDeadlineMsr, 0, out ulong armed));
        board.Run(999);
        Assert.Empty(board.Handled);
        board.Run(1000);
        board.Apic.TryReadMsr(LocalApic.TscDeadlineMsr, board.Queue.NowPs, out ulong fired);
        Assert.Equal((3000ul, 0ul, 1), (armed, fired, board.Handled.Count));
        board.Apic.TryWriteMsr(LocalApic.TscDeadlineMsr, 1, board.Queue.NowPs); // long gone
        board.Run(2000);
        Assert.Equal(2, board.Handled.Count);
        board.Apic.TryWriteMsr(LocalApic.TscDeadlineMsr, ulong.MaxValue, board.Queue.NowPs);
        board.Apic.TryWriteMsr(LocalApic.TscDeadlineMsr, 0, board.Queue.NowPs);
        Assert.False(board.Apic.Timer.IsRunning);
    }

    [Fact]
    public void Leaving_the_deadline_mode_disarms_and_one_shot_to_periodic_does_not()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0004_00EC, 0);
        board.Apic.WriteDeadline(SimTime.Microsecond, 0);
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0000_00EC, 0);
        Assert.False(board.Apic.Timer.IsRunning);
        board.Apic.Write(LocalApic.TimerInitialOffset, 100, 0);
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0002_00EC, 0);
        Assert.True(board.Apic.Timer.IsRunning);
    }
}
