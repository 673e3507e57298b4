using System.Globalization;
using System.Text;
using Tophalf.Hardware.Timers;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Hardware.Timers;

public sealed class Pit8254Tests
{
    private readonly EventQueue _events = new();
    private readonly StringBuilder _line = new();
    private readonly Pit8254 _pit;

    public Pit8254Tests() =>
        _pit = new Pit8254((high, atPs) => _line.Append(CultureInfo.InvariantCulture, $"{(high ? '+' : '-')}{PitClock.TickAt(atPs)} "), _events);

    /// <summary>Half a pulse after pulse <paramref name="tick"/>.</summary>
    private long GoTo(long tick)
    {
        _events.RunUntil(PitClock.TimeOf(tick) + SimTime.Second / PitClock.Hz / 2);
        return _events.NowPs;
    }

    private void Program(int counter, int mode, int count, bool isDecimal = false)
    {
        _pit.Write(0x43, (byte)(counter << 6 | 0x30 | mode << 1 | (isDecimal ? 1 : 0)), _events.NowPs);
        _pit.Write((ushort)(0x40 + counter), (byte)count, _events.NowPs);
        _pit.Write((ushort)(0x40 + counter), (byte)(count >> 8), _events.NowPs);
    }

    /// <summary>OUT of counter 2 at each pulse from <paramref name="from"/> on, H or L.</summary>
    private string Out2(long from, int pulses)
    {
        StringBuilder text = new();
        for (int i = 0; i < pulses; i++) text.Append(_pit.IsHigh(2, GoTo(from + i)) ? 'H' : 'L');
        return text.ToString();
    }

    private string Counts(long from, int pulses)
    {
        StringBuilder text = new();
        for (int i = 0; i < pulses; i++) text.Append(CultureInfo.InvariantCulture, $"{_pit.Count(2, GoTo(from + i)):x} ");
        return text.ToString().TrimEnd();
    }

    [Fact]
    public void Linux_at_250_hz_gets_250_rises_a_second()
    {
        Program(0, mode: 2, count: 4773);
        _events.RunUntil(SimTime.Second);
        Assert.Equal(249, _line.ToString().Count(c => c == '+') - 1); // the first rise is that of the control word; 250 * 4773 pulses take 1.00006 s
        Assert.StartsWith("+0 -4773 +4774 -9546 +9547", _line.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Mode_0_rises_n_plus_1_pulses_after_the_write_and_stays()
    {
        GoTo(10);
        Program(0, mode: 0, count: 5);
        GoTo(1000);
        Assert.Equal("+16", _line.ToString().TrimEnd());
    }

    // The waveforms of the data sheet's figures "Mode 0" to "Mode 5", for a count of 4 (5 for the odd square wave) loaded at pulse 11.
    [Theory]
    [InlineData(0, 4, "LLLLLHHHHH")]
    [InlineData(2, 4, "HHHHLHHHLH")]
    [InlineData(3, 4, "HHHLLHHLLH")]
    [InlineData(3, 5, "HHHHLLHHHL")]
    [InlineData(4, 4, "HHHHHLHHHH")]
    public void Out_follows_the_figures_of_the_data_sheet(int mode, int count, string expected)
    {
        _pit.SetGate(2, true, GoTo(10));
        Program(2, mode, count);
        Assert.Equal(expected, Out2(10, expected.Length));
    }

    [Theory]
    [InlineData(1, 3, "HLLLHHHHHH")]
    [InlineData(5, 3, "HHHHLHHHHH")]
    public void A_hardware_triggered_counter_waits_for_its_gate(int mode, int count, string expected)
    {
        GoTo(10);
        Program(2, mode, count);
        Assert.Equal("HHHHH", Out2(11, 5));
        _pit.SetGate(2, true, GoTo(20));
        Assert.Equal(expected, Out2(20, expected.Length));
    }

    [Fact]
    public void A_retrigger_makes_the_one_shot_longer()
    {
        Program(2, mode: 1, count: 3);
        _pit.SetGate(2, true, GoTo(20));
        _pit.SetGate(2, false, GoTo(22));
        _pit.SetGate(2, true, GoTo(22));
        Assert.Equal("LLLLHH", Out2(22, 6));
    }

    [Fact]
    public void The_gate_stops_modes_0_and_4_and_restarts_modes_2_and_3()
    {
        _pit.SetGate(2, true, GoTo(10));
        Program(2, mode: 0, count: 10);
        Assert.Equal("a 9 8", Counts(11, 3));
        _pit.SetGate(2, false, GoTo(13));
        Assert.Equal("8 8 8", Counts(14, 3));
        _pit.SetGate(2, true, GoTo(16));
        Assert.Equal("7 6", Counts(17, 2));

        Program(2, mode: 2, count: 10);
        Assert.Equal("9 8", Counts(20, 2));
        _pit.SetGate(2, false, GoTo(21));
        Assert.True(_pit.IsHigh(2, GoTo(25)));
        _pit.SetGate(2, true, GoTo(30));
        Assert.Equal("a 9", Counts(31, 2));
    }

    [Fact]
    public void A_new_count_waits_for_the_end_of_the_period()
    {
        _pit.SetGate(2, true, GoTo(10));
        Program(2, mode: 2, count: 4);
        GoTo(12);
        _pit.Write(0x42, 3, _events.NowPs);
        _pit.Write(0x42, 0, _events.NowPs);
        Assert.Equal("3 2 1 3 2 1 3", Counts(12, 7));
    }

    [Fact]
    public void In_a_square_wave_the_new_count_takes_over_at_the_half()
    {
        _pit.SetGate(2, true, GoTo(10));
        Program(2, mode: 3, count: 8);
        GoTo(12);
        _pit.Write(0x42, 4, _events.NowPs);
        _pit.Write(0x42, 0, _events.NowPs);
        Assert.Equal("HHHLLHHLL", Out2(12, 9));
    }

    [Fact]
    public void A_decimal_counter_reads_in_decimal_and_goes_round_at_10000()
    {
        _pit.SetGate(2, true, GoTo(10));
        Program(2, mode: 0, count: 0x0100, isDecimal: true);
        Assert.Equal("100 99 98", Counts(11, 3));
        Assert.Equal("1 0 9999", Counts(110, 3));
    }

    [Fact]
    public void A_latch_holds_until_both_bytes_are_read()
    {
        Program(0, mode: 2, count: 0x1234);
        _pit.Write(0x43, 0x00, GoTo(1));
        _pit.Write(0x43, 0x00, GoTo(100));
        Assert.Equal(0x34, _pit.Read(0x40, GoTo(200)));
        Assert.Equal(0x12, _pit.Read(0x40, GoTo(300)));
        Assert.Equal((0x1234 - 399) & 0xFF, _pit.Read(0x40, GoTo(400)));
    }

    [Fact]
    public void Read_back_gives_status_before_count()
    {
        Program(0, mode: 3, count: 0x0200);
        _pit.Write(0x43, 0xC2, GoTo(0));
        Assert.Equal(0xF6, _pit.Read(0x40, _events.NowPs)); // OUT high, null count: not loaded before the next pulse
        _pit.Read(0x40, _events.NowPs);
        _pit.Read(0x40, _events.NowPs);
        _pit.Write(0x43, 0xC2, GoTo(0x101 + 1));
        Assert.Equal(0x36, _pit.Read(0x40, _events.NowPs)); // the low half, count loaded
    }

    [Fact]
    public void A_counter_nobody_programmed_costs_no_events()
    {
        Program(1, mode: 2, count: 18); // the memory refresh of the first PCs
        _events.RunUntil(SimTime.Second);
        Assert.Equal(0, _events.Fired);
    }

    [Fact]
    public void Under_legacy_replacement_the_counter_runs_unheard()
    {
        Program(0, mode: 2, count: 1000);
        _pit.Connect(false, GoTo(10));
        _events.RunUntil(SimTime.Second);
        Assert.Equal("+0 -10", _line.ToString().TrimEnd());
        Assert.NotEqual(_pit.Count(0, GoTo(2_000_000)), _pit.Count(0, GoTo(2_000_001)));
    }
}
