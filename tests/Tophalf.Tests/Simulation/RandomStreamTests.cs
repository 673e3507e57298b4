using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Simulation;

public class RandomStreamTests
{
    private const int Draws = 1_000_000;

    /// <summary>Values of an independent implementation of xoshiro256**, SplitMix64 and FNV-1a.</summary>
    [Fact]
    public void A_seed_and_a_name_give_the_same_numbers_on_every_machine()
    {
        RandomStream eth0 = new(1, "eth0");
        Assert.Equal([0x2280E5BE1D305791, 0x9680FA4D1BA28F29, 0x41FCF9B46777EAF7, 0xE3101BA442BC082C], Take(eth0, 4));
        RandomStream accented = new(ulong.MaxValue, "µ");
        Assert.Equal([0xBE1610D01C05A7EF, 0x8112E9BFD6617405], Take(accented, 2));
    }

    [Fact]
    public void Derived_numbers_are_the_same_on_every_machine()
    {
        RandomStream random = new(7, "golden");
        double[] drawn = [random.NextUnit(), random.NextExponential(), random.NextNormal(), random.NextNormal(), random.NextInt(1000)];
        ulong[] golden =
        [
            0x3FE845CD651146EF,
            0x4004551D5421586A,
            0xBFC1182785603D41,
            0x3FD4C3924870779D,
            0x4065200000000000,
        ];
        Assert.Equal(golden, drawn.Select(BitConverter.DoubleToUInt64Bits));
    }

    [Theory]
    [InlineData(1, "eth0", 1, "eth1")]
    [InlineData(1, "eth0", 2, "eth0")]
    [InlineData(0, "", 0, "a")]
    public void Streams_of_another_name_or_seed_are_independent(ulong seedA, string nameA, ulong seedB, string nameB)
    {
        RandomStream a = new(seedA, nameA);
        RandomStream b = new(seedB, nameB);
        double sum = 0;
        int equalBits = 0;
        const int pairs = 100_000;
        for (int i = 0; i < pairs; i++)
        {
            equalBits += 64 - System.Numerics.BitOperations.PopCount(a.NextUInt64() ^ b.NextUInt64());
            sum += (a.NextUnit() - 0.5) * (b.NextUnit() - 0.5) * 12;
        }

        // Correlation and share of equal bits, both within five standard deviations.
        Assert.InRange(sum / pairs, -5 / Math.Sqrt(pairs), 5 / Math.Sqrt(pairs));
        Assert.InRange(equalBits / (64.0 * pairs), 0.5 - 2.5 / Math.Sqrt(64 * pairs), 0.5 + 2.5 / Math.Sqrt(64 * pairs));
    }

    [Fact]
    public void Uniform_numbers_have_the_moments_of_the_uniform_distribution()
    {
        RandomStream random = new(1, "uniform");
        (double mean, double variance) = Moments(random.NextUnit);
        Assert.InRange(mean, 0.499, 0.501);
        Assert.InRange(variance, 0.999 / 12, 1.001 / 12 + 1e-4);
    }

    [Fact]
    public void Exponential_numbers_have_mean_and_variance_one_and_the_right_tail()
    {
        RandomStream random = new(1, "exponential");
        int beyondFive = 0;
        (double mean, double variance) = Moments(() =>
        {
            double x = random.NextExponential();
            beyondFive += x > 5 ? 1 : 0;
            Assert.InRange(x, 0, 37);
            return x;
        });
        Assert.InRange(mean, 0.995, 1.005);
        Assert.InRange(variance, 0.985, 1.015);
        Assert.InRange(beyondFive / (double)Draws, 0.95 * Math.Exp(-5), 1.05 * Math.Exp(-5));
    }

    [Fact]
    public void Normal_numbers_have_mean_zero_variance_one_and_the_right_tail()
    {
        RandomStream random = new(1, "normal");
        int beyondTwo = 0;
        (double mean, double variance) = Moments(() =>
        {
            double x = random.NextNormal();
            beyondTwo += Math.Abs(x) > 2 ? 1 : 0;
            return x;
        });
        Assert.InRange(mean, -0.005, 0.005);
        Assert.InRange(variance, 0.993, 1.007);
        Assert.InRange(beyondTwo / (double)Draws, 0.045500 * 0.97, 0.045500 * 1.03);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(128)]
    public void Every_integer_below_the_bound_is_equally_likely(int bound)
    {
        RandomStream random = new(1, "integers");
        int[] seen = new int[bound];
        for (int i = 0; i < Draws; i++)
        {
            seen[random.NextInt(bound)]++;
        }

        // Chi-squared with bound - 1 degrees of freedom: mean bound - 1, variance twice that.
        double expected = (double)Draws / bound;
        double chiSquared = seen.Sum(n => (n - expected) * (n - expected) / expected);
        Assert.InRange(chiSquared, 0, bound - 1 + 5 * Math.Sqrt(2.0 * (bound - 1)));
    }

    [Fact]
    public void A_huge_bound_is_unbiased_too()
    {
        // Without rejection, 2^32 products over 3 * 2^29 integers would give one integer in three two chances and the others three.
        const int bound = 3 << 29;
        RandomStream random = new(1, "huge");
        int[] residues = new int[3];
        for (int i = 0; i < Draws; i++)
        {
            residues[random.NextInt(bound) % 3]++;
        }

        Assert.All(residues, n => Assert.InRange(n / (double)Draws, 1 / 3.0 - 0.003, 1 / 3.0 + 0.003));
    }

    [Fact]
    public void An_empty_range_is_refused()
    {
        RandomStream random = new(1, "bounds");
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(-5));
    }

    private static ulong[] Take(RandomStream random, int count)
    {
        ulong[] values = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = random.NextUInt64();
        }

        return values;
    }

    private static (double Mean, double Variance) Moments(Func<double> draw)
    {
        double sum = 0, squares = 0;
        for (int i = 0; i < Draws; i++)
        {
            double x = draw();
            sum += x;
            squares += x * x;
        }

        double mean = sum / Draws;
        return (mean, squares / Draws - mean * mean);
    }
}
