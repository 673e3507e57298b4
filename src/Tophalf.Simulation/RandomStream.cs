using System.Numerics;
using System.Text;

namespace Tophalf.Simulation;

/// <summary>
/// A named stream of chance. The same seed and name give the same numbers on every machine, and streams of different names are
/// independent, so that one more device does not change what another one sees.
/// Generator: xoshiro256** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021), its state filled by
/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) from the seed and the FNV-1a hash of the name in UTF-8.
/// </summary>
public sealed class RandomStream
{
    private const double UnitStep = 1.0 / (1UL << 53);

    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    // The polar method makes normal numbers in pairs; the second waits here.
    private double _spareNormal;
    private bool _hasSpareNormal;

    public RandomStream(ulong seed, string name)
    {
        ulong state = seed;
        state = SplitMix64(ref state) ^ Fnv1a(name);
        _s0 = SplitMix64(ref state);
        _s1 = SplitMix64(ref state);
        _s2 = SplitMix64(ref state);
        _s3 = SplitMix64(ref state);
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        ulong s0 = _s0, s1 = _s1, s2 = _s2 ^ s0, s3 = _s3 ^ s1;
        _s0 = s0 ^ s3;
        _s1 = s1 ^ s2;
        _s2 = s2 ^ s1 << 17;
        _s3 = BitOperations.RotateLeft(s3, 45);
        return BitOperations.RotateLeft(s1 * 5, 7) * 9;
    }

    /// <summary>
    /// A uniform integer from 0 to <paramref name="bound"/> - 1, every one equally likely
    /// (Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29(1), 2019).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is not positive.</exception>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        uint range = (uint)bound;
        ulong product = (NextUInt64() >> 32) * range;
        if ((uint)product < range)
        {
            uint surplus = (0 - range) % range;
            while ((uint)product < surplus)
            {
                product = (NextUInt64() >> 32) * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-53.</summary>
    public double NextUnit() => (NextUInt64() >> 11) * UnitStep;

    /// <summary>Exponential with mean 1, by inversion. At most 36.8, since the uniform number behind it is at least 2^-53.</summary>
    public double NextExponential() => -Portable.Log(((NextUInt64() >> 11) + 1) * UnitStep);

    /// <summary>Normal with mean 0 and variance 1 (Marsaglia's polar method, SIAM Review 6(3), 1964).</summary>
    public double NextNormal()
    {
        if (_hasSpareNormal)
        {
            _hasSpareNormal = false;
            return _spareNormal;
        }

        double x, y, square;
        do
        {
            x = 2 * NextUnit() - 1;
            y = 2 * NextUnit() - 1;
            square = x * x + y * y;
        }
        while (square >= 1 || square == 0);

        // The square root is rounded correctly by IEEE 754 everywhere, the logarithm is our own.
        double scale = Math.Sqrt(-2 * Portable.Log(square) / square);
        _spareNormal = y * scale;
        _hasSpareNormal = true;
        return x * scale;
    }

    private static ulong SplitMix64(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    private static ulong Fnv1a(string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }
}
