using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Simulation;

public class ArrivalTests
{
    private const int PreambleAndGapBytes = 20;

    private readonly RandomStream _random = new(1, "arrivals");

    [Theory]
    [InlineData(1, 64, 1_488_095)]
    [InlineData(10, 64, 14_880_952)]
    [InlineData(25, 64, 37_202_381)]
    [InlineData(40, 64, 59_523_810)]
    [InlineData(100, 64, 148_809_524)]
    [InlineData(1, 1518, 81_274)]
    [InlineData(10, 1518, 812_744)]
    [InlineData(25, 1518, 2_031_860)]
    [InlineData(40, 1518, 3_250_975)]
    [InlineData(100, 1518, 8_127_438)]
    public void Line_rate_is_exact_to_one_packet_after_a_second(int gigabits, int frameBytes, int packets)
    {
        ConstantArrivals line = new(gigabits * 1e9 / (8.0 * (frameBytes + PreambleAndGapBytes)));
        Assert.InRange(CountOneSecond(line), packets - 1, packets + 1);
    }

    [Fact]
    public void A_rate_that_does_not_divide_a_second_does_not_drift()
    {
        ConstantArrivals threePerSecond = new(3);
        long atPs = 0;
        for (int i = 0; i < 3_000; i++)
        {
            atPs += threePerSecond.NextGapPs(_random);
        }

        Assert.InRange(atPs, 1_000 * SimTime.Second - 1, 1_000 * SimTime.Second);
        Assert.InRange(CountOneSecond(new ConstantArrivals(14_880_952.38)), 14_880_951, 14_880_953);
    }

    [Fact]
    public void Constant_gaps_draw_no_chance()
    {
        RandomStream untouched = new(1, "arrivals");
        new ConstantArrivals(1e6).NextGapPs(_random);
        Assert.Equal(untouched.NextUInt64(), _random.NextUInt64());
    }

    [Fact]
    public void Poisson_gaps_have_the_mean_of_the_rate_and_a_variance_of_its_square()
    {
        (double mean, double variance) = Moments(new PoissonArrivals(1e6), 1_000_000);
        Assert.InRange(mean, 0.995e6, 1.005e6);
        Assert.InRange(variance, 0.985e12, 1.015e12);
    }

    [Fact]
    public void Poisson_counts_of_equal_intervals_vary_as_much_as_their_mean()
    {
        double[] counts = CountsPerInterval(new PoissonArrivals(1e6), 100 * SimTime.Microsecond, 20_000);
        Assert.InRange(counts.Average(), 99.5, 100.5);
        Assert.InRange(Dispersion(counts), 0.95, 1.05);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(1)]
    public void Log_normal_gaps_have_the_mean_of_the_rate_and_the_variation_of_their_sigma(double sigma)
    {
        LogNormalArrivals arrivals = new(1e6, sigma);
        (double mean, double variance) = Moments(arrivals, 1_000_000);
        Assert.Equal(1e6, arrivals.MeanGapPs);
        Assert.InRange(mean, 0.99e6, 1.01e6);
        double expected = (Math.Exp(sigma * sigma) - 1) * 1e12;
        Assert.InRange(variance, 0.93 * expected, 1.07 * expected);
    }

    [Theory]
    [InlineData(1e6, 10, 40)]
    [InlineData(1e5, 500, 1500)]
    [InlineData(2e6, 100, 1)]
    public void Bursts_have_the_mean_of_the_rate_in_the_long_run(double rate, int onUs, int offUs)
    {
        OnOffArrivals arrivals = new(rate, onUs * SimTime.Microsecond, offUs * SimTime.Microsecond);
        (double mean, _) = Moments(arrivals, 2_000_000);
        Assert.InRange(mean * rate / SimTime.Second, 0.98, 1.02);
        Assert.Equal(SimTime.Second / rate, arrivals.MeanGapPs);
    }

    /// <summary>The mixture of two exponentials is a theorem; here is the process acted out, period by period.</summary>
    [Theory]
    [InlineData(10, 40)]
    [InlineData(200, 100)]
    public void Bursts_are_those_of_on_and_off_periods_acted_out(int onUs, int offUs)
    {
        const int arrivals = 500_000;
        double[] drawn = Gaps(new OnOffArrivals(1e6, onUs * SimTime.Microsecond, offUs * SimTime.Microsecond), arrivals);
        double[] acted = ActOut(1e-6 * (onUs + offUs) / onUs, onUs * 1e6, offUs * 1e6, arrivals);
        Array.Sort(drawn);
        Array.Sort(acted);
        foreach (double q in new[] { 0.1, 0.5, 0.9, 0.99, 0.999 })
        {
            double ratio = drawn[(int)(q * arrivals)] / acted[(int)(q * arrivals)];
            Assert.True(ratio is > 0.94 and < 1.06, $"quantile {q}: {ratio}");
        }
    }

    /// <summary>The dispersion of counts, which is 1 for Poisson, follows from the autocovariance of the on-off signal.</summary>
    [Fact]
    public void Bursts_bunch_as_theory_says()
    {
        const double onRatePerUs = 4, endPerUs = 1 / 100.0, beginPerUs = 1 / 300.0, intervalUs = 1000;
        double[] counts = CountsPerInterval(
            new OnOffArrivals(1e6, 100 * SimTime.Microsecond, 300 * SimTime.Microsecond), 1000 * SimTime.Microsecond, 5_000);

        double decay = endPerUs + beginPerUs;
        double unfinished = (1 - Math.Exp(-decay * intervalUs)) / (decay * intervalUs);
        double dispersion = 1 + 2 * onRatePerUs * endPerUs / (decay * decay) * (1 - unfinished);
        Assert.InRange(Dispersion(counts), 0.9 * dispersion, 1.1 * dispersion);
    }

    [Fact]
    public void Rare_arrivals_in_short_bursts_cost_no_more_than_others()
    {
        OnOffArrivals rare = new(0.01, SimTime.Microsecond, SimTime.Microsecond);
        (double mean, _) = Moments(rare, 100_000);
        Assert.InRange(mean / (100 * SimTime.Second), 0.98, 1.02);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1e-6)]
    [InlineData(2e12)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_rate_beyond_the_clock_is_refused(double rate)
    {
        Assert.Contains("write one from", Assert.Throws<ArgumentOutOfRangeException>(() => new ConstantArrivals(rate)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoissonArrivals(rate));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogNormalArrivals(rate, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OnOffArrivals(rate, 1, 1));
    }

    [Fact]
    public void Impossible_shapes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogNormalArrivals(1, -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogNormalArrivals(1, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OnOffArrivals(1, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OnOffArrivals(1, 1, SimTime.Never));
    }

    [Fact]
    public void The_slowest_and_burstiest_process_keeps_its_gaps_on_the_clock()
    {
        foreach (ArrivalProcess slow in new ArrivalProcess[]
        {
            new PoissonArrivals(ArrivalProcess.MinRatePerSecond),
            new LogNormalArrivals(ArrivalProcess.MinRatePerSecond, LogNormalArrivals.MaxSigma),
            new OnOffArrivals(ArrivalProcess.MinRatePerSecond, 1, OnOffArrivals.MaxPeriodPs),
        })
        {
            for (int i = 0; i < 100_000; i++)
            {
                Assert.InRange(slow.NextGapPs(_random), 0, 1L << 62);
            }
        }
    }

    private int CountOneSecond(ArrivalProcess arrivals)
    {
        int count = 0;
        for (long atPs = arrivals.NextGapPs(_random); atPs <= SimTime.Second; atPs += arrivals.NextGapPs(_random))
        {
            count++;
        }

        return count;
    }

    private double[] Gaps(ArrivalProcess arrivals, int count)
    {
        double[] gaps = new double[count];
        for (int i = 0; i < count; i++)
        {
            gaps[i] = arrivals.NextGapPs(_random);
        }

        return gaps;
    }

    private (double Mean, double Variance) Moments(ArrivalProcess arrivals, int count)
    {
        double[] gaps = Gaps(arrivals, count);
        double mean = gaps.Average();
        return (mean, gaps.Average(gap => (gap - mean) * (gap - mean)));
    }

    private double[] CountsPerInterval(ArrivalProcess arrivals, long intervalPs, int intervals)
    {
        double[] counts = new double[intervals];
        for (long atPs = arrivals.NextGapPs(_random); atPs < intervalPs * intervals; atPs += arrivals.NextGapPs(_random))
        {
            counts[atPs / intervalPs]++;
        }

        return counts;
    }

    private static double Dispersion(double[] counts)
    {
        double mean = counts.Average();
        return counts.Average(n => (n - mean) * (n - mean)) / mean;
    }

    private double[] ActOut(double ratePerPs, double onPs, double offPs, int count)
    {
        double[] gaps = new double[count];
        double leftPs = 0;
        for (int i = 0; i < count; i++)
        {
            double nextPs = _random.NextExponential() / ratePerPs;
            while (nextPs > leftPs)
            {
                gaps[i] += leftPs + _random.NextExponential() * offPs;
                leftPs = _random.NextExponential() * onPs;
                nextPs = _random.NextExponential() / ratePerPs;
            }

            leftPs -= nextPs;
            gaps[i] += nextPs;
        }

        return gaps;
    }
}
