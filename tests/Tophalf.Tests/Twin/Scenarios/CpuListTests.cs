using FsCheck;
using FsCheck.Fluent;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Twin.Scenarios;

public sealed class CpuListTests
{
    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3", new[] { 0, 1, 2, 3 })]
    [InlineData("7,0-1, 1", new[] { 0, 1, 7 })]
    public void Ranges_are_joined_in_order(string text, int[] expected)
    {
        Assert.True(CpuList.TryParse(text, 8, out int[] list, out _));
        Assert.Equal(expected, list);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0-")]
    [InlineData("-3")]
    [InlineData("1,,2")]
    [InlineData("0-1-2")]
    [InlineData("0x1")]
    [InlineData("99999999999")]
    public void Other_texts_are_answered_with_an_example(string text)
    {
        Assert.False(CpuList.TryParse(text, 8, out _, out string? problem));
        Assert.Equal($"'{text}' is not a list of CPUs; write numbers and ranges, such as 0-3,8", problem);
    }

    [Fact]
    public void Any_set_of_cpus_comes_back_from_its_text()
    {
        Arbitrary<int[]> sets = Gen.Choose(0, 511).NonEmptyListOf().Select(cpus => cpus.Distinct().Order().ToArray()).ToArbitrary();

        Prop.ForAll(sets, cpus => CpuList.TryParse(string.Join(',', cpus.Reverse()), 512, out int[] back, out _) && back.SequenceEqual(cpus))
            .QuickCheckThrowOnFailure();
    }
}
