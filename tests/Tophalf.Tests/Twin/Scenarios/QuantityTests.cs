using FsCheck;
using FsCheck.Fluent;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Twin.Scenarios;

public sealed class QuantityTests
{
    public static TheoryData<string, Quantity, string, long> Readings => new()
    {
        { "duration", Quantity.DurationPs, "50us", 50_000_000 },
        { "duration", Quantity.DurationPs, "2.5 ms", 2_500_000_000 },
        { "duration", Quantity.DurationPs, "0", 0 },
        { "a tenth is exact", Quantity.DurationPs, "0.100s", 100_000_000_000 },
        { "longest", Quantity.DurationPs, "9223372.036854775807s", long.MaxValue },
        { "packet rate", Quantity.PacketRateMicroHz, "14.88Mpps", 14_880_000_000_000 },
        { "packet rate", Quantity.PacketRateMicroHz, "2.5pps", 2_500_000 },
        { "event rate", Quantity.EventRateMicroHz, "1.2k/s", 1_200_000_000 },
        { "characters", Quantity.CharacterRateMicroHz, "9600 B/s", 9_600_000_000 },
        { "link", Quantity.BitsPerSecond, "2.5Gb/s", 2_500_000_000 },
        { "size", Quantity.SizeBytes, "1518", 1518 },
        { "size", Quantity.SizeBytes, "1.5KiB", 1536 },
        { "share", Quantity.PercentPpm, "12.5%", 125_000 },
        { "factor", Quantity.FactorPpm, "007.250", 7_250_000 },
    };

    [Theory]
    [MemberData(nameof(Readings))]
    public void Decimal_text_is_read_exactly(string what, Quantity quantity, string text, long expected)
    {
        Assert.True(quantity.TryParse(text, out long value, out string? problem), $"{what}: {problem}");
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("us")]
    [InlineData("-1us")]
    [InlineData("1e3us")]
    [InlineData(".5us")]
    [InlineData("5.us")]
    [InlineData("1.2.3us")]
    [InlineData("1,5us")]
    [InlineData("٣us")]
    [InlineData("50US")]
    [InlineData("50us ")]
    public void Other_spellings_are_answered_with_the_units(string text)
    {
        Assert.False(Quantity.DurationPs.TryParse(text, out _, out string? problem));
        Assert.Equal($"'{text}' is not a duration; write a number with ps, ns, us, ms or s, such as 50us", problem);
    }

    [Theory]
    [InlineData("1.5ps", "'1.5ps' has too many decimals; write a multiple of 1ps")]
    [InlineData("9223372.036854775808s", "'9223372.036854775808s' is too large; write at most 9223372036854775807ps")]
    public void What_does_not_fit_is_told_apart(string text, string says)
    {
        Assert.False(Quantity.DurationPs.TryParse(text, out _, out string? problem));
        Assert.Equal(says, problem);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        Quantity[] all = [Quantity.DurationPs, Quantity.PacketRateMicroHz, Quantity.EventRateMicroHz, Quantity.CharacterRateMicroHz,
            Quantity.BitsPerSecond, Quantity.SizeBytes, Quantity.PercentPpm, Quantity.FactorPpm];
        Gen<long> values =
            from upper in Gen.Choose(0, int.MaxValue)
            from lower in Gen.Choose(0, int.MaxValue)
            from zeros in Gen.Choose(0, 18)
            let scale = (long)Math.Pow(10, zeros)
            select ((long)upper << 31 | (long)lower) / scale * scale;

        Prop.ForAll(Gen.Elements(all).ToArbitrary(), values.ToArbitrary(), (quantity, value) =>
            quantity.TryParse(quantity.Format(value), out long back, out _) && back == value).QuickCheckThrowOnFailure();
    }
}
