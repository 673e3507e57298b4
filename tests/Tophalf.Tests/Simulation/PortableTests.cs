using FsCheck;
using FsCheck.Fluent;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Simulation;

public class PortableTests
{
    private const double Tolerance = 1e-14;

    [Fact]
    public void Logarithm_of_any_positive_number_agrees_with_the_library() => Prop.ForAll(
        AnyPositive().ToArbitrary(), x => Close(Portable.Log(x), Math.Log(x))).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Logarithm_stays_accurate_around_one_where_it_vanishes()
    {
        for (int bits = 1; bits <= 52; bits++)
        {
            double small = 1.0 / (1L << bits);
            Assert.True(Close(Portable.Log(1 + small), Math.Log(1 + small)), $"1 + 2^-{bits}");
            Assert.True(Close(Portable.Log(1 - small / 2), Math.Log(1 - small / 2)), $"1 - 2^-{bits + 1}");
        }

        Assert.Equal(0, Portable.Log(1));
    }

    [Fact]
    public void Exponential_agrees_with_the_library() => Prop.ForAll(
        Gen.Choose(-708_000_000, 709_000_000).Select(x => x / 1e6).ToArbitrary(),
        x => Close(Portable.Exp(x), Math.Exp(x))).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Exponential_undoes_the_logarithm() => Prop.ForAll(
        Gen.Choose(1, int.MaxValue).Select(x => x / 1e6).ToArbitrary(),
        x => Math.Abs(Portable.Exp(Portable.Log(x)) / x - 1) < Tolerance).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, double.NegativeInfinity)]
    [InlineData(-0.0, double.NegativeInfinity)]
    [InlineData(-1, double.NaN)]
    [InlineData(double.NegativeInfinity, double.NaN)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    public void Logarithm_at_the_edges(double x, double expected) => Assert.Equal(expected, Portable.Log(x));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(710, double.PositiveInfinity)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData(-746, 0)]
    [InlineData(double.NegativeInfinity, 0)]
    [InlineData(double.NaN, double.NaN)]
    public void Exponential_at_the_edges(double x, double expected) => Assert.Equal(expected, Portable.Exp(x));

    [Fact]
    public void Exponential_fades_through_the_subnormal_numbers()
    {
        for (double x = -708.5; x > -745; x -= 0.5)
        {
            Assert.InRange(Portable.Exp(x) - Math.Exp(x), -2 * double.Epsilon, 2 * double.Epsilon);
        }
    }

    /// <summary>The bits themselves, so that a platform on which they differ is found out.</summary>
    [Fact]
    public void The_last_bit_is_the_same_everywhere() => Assert.Equal(
        GoldenBits,
        string.Join('\n', new[] { 0.1, 0.5, 0.9, 1.1, 3, 1e9 }.Select(x =>
            $"{BitConverter.DoubleToUInt64Bits(Portable.Log(x)):x16} {BitConverter.DoubleToUInt64Bits(Portable.Exp(-x)):x16}")));

    private const string GoldenBits = """
        c0026bb1bbb55515 3fecf46d99d52b3b
        bfe62e42fefa39ef 3fe368b2fc6f960b
        bfbaf8e8210a415c 3fda053cc0086e1e
        3fb8663f793c46cc 3fd54dc284911bf0
        3ff193ea7aad030b 3fa97db0ccceb0af
        4034b927f32bffb8 0000000000000000
        """;

    private static bool Close(double ours, double library) => Math.Abs(ours - library) <= Tolerance * Math.Abs(library);

    private static Gen<double> AnyPositive() =>
        from exponent in Gen.Choose(0, 2046)
        from high in Gen.Choose(0, (1 << 26) - 1)
        from low in Gen.Choose(1, (1 << 26) - 1)
        select BitConverter.UInt64BitsToDouble((ulong)exponent << 52 | (ulong)high << 26 | (uint)low);
}
