using FsCheck;
using FsCheck.Fluent;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Simulation;

public class HistogramTests
{
    private static readonly double[] Quantiles = [0, 0.001, 0.07, 0.5, 0.9, 0.99, 0.999, 1];

    [Fact]
    public void Every_quantile_is_within_one_percent_of_the_sorted_values() => Prop.ForAll(
        Distributions().ToArbitrary(),
        values =>
        {
            Histogram histogram = Of(values);
            Array.Sort(values);
            return Quantiles.All(q =>
            {
                long exact = values[Math.Max(1, (int)Math.Ceiling((decimal)q * values.Length)) - 1];
                return Math.Abs(histogram.Quantile(q) - exact) <= exact * 0.01;
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Min_max_mean_and_count_are_exact() => Prop.ForAll(
        Distributions().ToArbitrary(),
        values =>
        {
            Histogram histogram = Of(values);
            Int128 sum = values.Aggregate((Int128)0, (total, value) => total + value);
            return histogram.Count == values.Length && histogram.Min == values.Min() && histogram.Max == values.Max()
                && histogram.Mean == (double)sum / values.Length;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Adding_two_histograms_is_recording_all_values_in_one() => Prop.ForAll(
        Distributions().ToArbitrary(),
        Distributions().ToArbitrary(),
        (some, others) =>
        {
            Histogram added = Of(some);
            added.Add(Of(others));
            return Text(added) == Text(Of([.. some, .. others]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Each_value_lies_in_a_bucket_no_wider_than_a_128th_of_it() => Prop.ForAll(
        AnyMagnitude().ToArbitrary(),
        value =>
        {
            (long from, long to, long count) = Assert.Single(Of([value]).Buckets);
            return from <= value && (value < to || to == long.MaxValue) && to - from <= Math.Max(1, value / 128) && count == 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Small_values_are_exact()
    {
        Histogram histogram = new();
        for (int value = 0; value < 256; value++)
        {
            histogram.Record(value, 1 + value % 3);
        }

        Assert.Equal(Enumerable.Range(0, 256).Select(v => ((long)v, v + 1L, 1L + v % 3)), histogram.Buckets);
    }

    [Fact]
    public void A_quantile_is_the_nearest_rank_also_where_binary_fractions_are_not()
    {
        Histogram histogram = new();
        for (int value = 1; value <= 100; value++)
        {
            histogram.Record(value);
        }

        Assert.Equal([7, 50, 99, 100, 100], new[] { 0.07, 0.5, 0.99, 0.995, 1 }.Select(histogram.Quantile));
    }

    [Fact]
    public void The_longest_time_and_huge_counts_fit()
    {
        Histogram histogram = new();
        histogram.Record(long.MaxValue, 1_000_000_000_000);
        Assert.Equal(long.MaxValue, histogram.Quantile(0.5));
        Assert.Equal(long.MaxValue, histogram.Mean);
    }

    [Fact]
    public void A_cleared_histogram_is_as_new()
    {
        Histogram histogram = Of([5, 1_000_000]);
        histogram.Clear();
        Assert.Equal("0 values, 0..0, mean 0: ", Text(histogram));
        Assert.Equal(0, histogram.Quantile(0.99));
        histogram.Record(3);
        Assert.Equal("1 values, 3..3, mean 3: 3-4:1", Text(histogram));
    }

    [Fact]
    public void Nothing_recorded_zero_times_leaves_no_trace()
    {
        Histogram histogram = new();
        histogram.Record(77, 0);
        Assert.Equal("0 values, 0..0, mean 0: ", Text(histogram));
    }

    [Fact]
    public void Negative_times_counts_and_impossible_quantiles_are_refused()
    {
        Histogram histogram = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Record(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Record(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Quantile(1.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Quantile(double.NaN));
        Assert.Equal(0, histogram.Count);
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        Histogram histogram = Of([1]);
        Allocation.IsNone(() =>
        {
            for (long value = 1; value < 1L << 50; value += value / 2000 + 1)
            {
                histogram.Record(value);
            }

            return histogram.Count;
        });
    }

    private static Histogram Of(IEnumerable<long> values)
    {
        Histogram histogram = new();
        foreach (long value in values)
        {
            histogram.Record(value);
        }

        return histogram;
    }

    private static string Text(Histogram histogram) =>
        $"{histogram.Count} values, {histogram.Min}..{histogram.Max}, mean {histogram.Mean}: "
        + string.Join(' ', histogram.Buckets.Select(b => $"{b.fromInclusive}-{b.toExclusive}:{b.count}"));

    private static Gen<long> AnyMagnitude() =>
        from bits in Gen.Choose(0, 62)
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        select ((long)high << 32 | (uint)low) & (2L << bits) - 1;

    /// <summary>Latencies of several shapes: any magnitude, narrow, exponential, two modes far apart.</summary>
    private static Gen<long[]> Distributions() =>
        from shape in Gen.Choose(0, 3)
        from seed in Gen.Choose(0, int.MaxValue)
        from any in AnyMagnitude().NonEmptyListOf()
        from count in Gen.Choose(1, 3000)
        select shape == 0 ? [.. any] : Sample(shape, count, new RandomStream((ulong)seed, "latencies"));

    private static long[] Sample(int shape, int count, RandomStream random)
    {
        long[] values = new long[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = shape switch
            {
                1 => 305_000 + random.NextInt(5_000),
                2 => (long)(random.NextExponential() * 41_670_000),
                _ => random.NextInt(10) == 0 ? 170_000_000 + random.NextInt(1_000_000) : 1_000_000 + random.NextInt(1_000),
            };
        }

        return values;
    }
}
