using Tophalf.Hardware.Timers;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Hardware.Timers;

public sealed class AcpiPmTimerTests
{
    [Fact]
    public void Twenty_four_bits_go_round_in_4_7_seconds_and_thirty_two_in_twenty_minutes()
    {
        EventQueue events = new();
        AcpiPmTimer narrow = new(is32Bit: false, (_, _) => { }, events), wide = new(is32Bit: true, (_, _) => { }, events);
        Assert.Equal(3_579_545u, narrow.Read(SimTime.Second));
        Assert.Equal(17_897_725u - (1 << 24), narrow.Read(5 * SimTime.Second));
        Assert.Equal(17_897_725u, wide.Read(5 * SimTime.Second));
    }

    [Fact]
    public void Each_change_of_the_highest_bit_is_an_interrupt_until_the_status_is_cleared()
    {
        EventQueue events = new();
        List<string> line = [];
        AcpiPmTimer timer = new(is32Bit: false, (active, atPs) => line.Add($"{(active ? '+' : '-')}{SimTime.Format(atPs)}"), events);
        timer.SetEnabled(true, 0);
        events.RunUntil(3 * SimTime.Second);
        Assert.True(timer.ReadStatus(events.NowPs));
        timer.ClearStatus(events.NowPs);
        Assert.False(timer.ReadStatus(events.NowPs));
        events.RunUntil(10 * SimTime.Second);
        Assert.Equal(["+2.343 s", "-3 s", "+4.687 s"], line);
    }

    [Fact]
    public void Without_the_enable_bit_only_the_status_tells()
    {
        EventQueue events = new();
        AcpiPmTimer timer = new(is32Bit: false, (_, _) => Assert.Fail("nobody asked"), events);
        Assert.False(timer.ReadStatus(SimTime.Second));
        Assert.True(timer.ReadStatus(3 * SimTime.Second));
        Assert.Equal(0, events.Fired);
    }
}
