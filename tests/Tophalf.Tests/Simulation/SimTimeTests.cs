using FsCheck;
using FsCheck.Fluent;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Simulation;

public class SimTimeTests
{
    [Theory]
    [InlineData(0, "0 ns")]
    [InlineData(7, "7 ps")]
    [InlineData(5_000, "5 ns")]
    [InlineData(6_720, "6.72 ns")]
    [InlineData(305_000, "305 ns")]
    [InlineData(999_940, "999.9 ns")]
    [InlineData(999_950, "1 us")]
    [InlineData(41_666_667, "41.67 us")]
    [InlineData(1_500_000_000, "1.5 ms")]
    [InlineData(2_000_000_000_000, "2 s")]
    [InlineData(12_345_000_000_000_000, "12350 s")]
    [InlineData(-5_000, "-5 ns")]
    [InlineData(long.MaxValue, "never")]
    [InlineData(long.MinValue, "-9223000 s")]
    public void A_duration_reads_with_at_most_four_digits(long ps, string text) => Assert.Equal(text, SimTime.Format(ps));

    [Theory]
    [InlineData("50us", 50_000_000)]
    [InlineData("50 us", 50_000_000)]
    [InlineData("2s", 2_000_000_000_000)]
    [InlineData("1.5ms", 1_500_000_000)]
    [InlineData("100ns", 100_000)]
    [InlineData("7ps", 7)]
    [InlineData("67.2ns", 67_200)]
    [InlineData("1.000ps", 1)]
    [InlineData("0s", 0)]
    [InlineData("9223372036854775807ps", long.MaxValue)]
    [InlineData("9223372.036854775807s", long.MaxValue)]
    public void A_written_duration_is_read_to_the_picosecond(string text, long ps)
    {
        Assert.True(SimTime.TryParse(text, out long read));
        Assert.Equal(ps, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("50")]
    [InlineData("us")]
    [InlineData("-5us")]
    [InlineData("+5us")]
    [InlineData("5.us")]
    [InlineData(".5us")]
    [InlineData("1.2.3us")]
    [InlineData("1e3us")]
    [InlineData("5 us ")]
    [InlineData("5 min")]
    [InlineData("1,5ms")]
    [InlineData("0.5ps")]
    [InlineData("1.0001ns")]
    [InlineData("9223372036854775808ps")]
    [InlineData("9223373s")]
    [InlineData("99999999999999999999999999999999999999999999999s")]
    public void Anything_else_is_refused(string text) => Assert.False(SimTime.TryParse(text, out _));

    [Fact]
    public void What_is_printed_is_read_back_within_half_a_unit_of_the_fourth_digit() => Prop.ForAll(
        (from digits in Gen.Choose(0, int.MaxValue) from shift in Gen.Choose(0, 31) select (long)digits << shift).ToArbitrary(),
        ps => SimTime.TryParse(SimTime.Format(ps), out long read) && Math.Abs(read - ps) <= ps / 2000.0).QuickCheckThrowOnFailure();
}
