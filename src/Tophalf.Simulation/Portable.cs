namespace Tophalf.Simulation;

/// <summary>
/// Logarithm and exponential from the four operations and bit patterns only. IEEE 754 fixes the result of each of those to the last bit,
/// while Math.Log and Math.Exp are the C library's and differ between platforms: one last bit would be enough to move an arrival,
/// and a run would no longer be the same bytes everywhere. Relative error at most 1e-14.
/// </summary>
public static class Portable
{
    private const long OneBits = 1023L << 52;
    private const long SqrtHalfBits = 0x3FE6A09E667F3BCD;
    private const double TwoTo52 = 1L << 52;
    private const double Log2OfE = 1.4426950408889634;

    // ln 2 in two parts: the first has 32 significant bits, so that its product with an exponent is exact.
    private const double Ln2High = 2977044471.0 / 4294967296.0;
    private const double Ln2Low = 1.90821492927058781614426568e-10;

    /// <summary>The natural logarithm; NaN below zero, minus infinity at zero, as Math.Log has it.</summary>
    public static double Log(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int scaledBy = 0;
        if (!double.IsNormal(x) || x < 0)
        {
            if (!(x > 0) || double.IsInfinity(x))
            {
                return x == 0 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
            }

            bits = BitConverter.DoubleToInt64Bits(x * TwoTo52);
            scaledBy = 52;
        }

        // x = 2^exponent * m with m between sqrt(1/2) and sqrt(2), where ln m = 2 artanh(s), s = (m - 1)/(m + 1), |s| < 0.172.
        long exponent = (bits - SqrtHalfBits) >> 52;
        double m = BitConverter.Int64BitsToDouble(bits - (exponent << 52));
        double f = m - 1;
        double s = f / (2 + f);
        double z = s * s;
        double z2 = z * z;
        double z4 = z2 * z2;

        // artanh(s)/s - 1 = z/3 + z^2/5 + ... + z^9/19, paired so that the products do not wait for one another.
        double low = 1.0 / 3 + z * (1.0 / 5) + z2 * (1.0 / 7 + z * (1.0 / 9));
        double high = 1.0 / 11 + z * (1.0 / 13) + z2 * (1.0 / 15 + z * (1.0 / 17)) + z4 * (1.0 / 19);
        double twice = s + s;
        double logM = twice + twice * (z * (low + z4 * high));
        double k = exponent - scaledBy;
        return k * Ln2High + (k * Ln2Low + logM);
    }

    /// <summary>e to the power of <paramref name="x"/>; infinity and zero beyond the range of a double, as Math.Exp has it.</summary>
    public static double Exp(double x)
    {
        if (!(x > -746 && x < 710))
        {
            return x >= 710 ? double.PositiveInfinity : x <= -746 ? 0 : double.NaN;
        }

        // e^x = 2^k * e^r with |r| <= ln(2)/2, and e^r by its series up to r^13.
        double k = Math.Floor(x * Log2OfE + 0.5);
        double r = x - k * Ln2High - k * Ln2Low;
        double r2 = r * r;
        double r4 = r2 * r2;
        double low = 1 + r + r2 * (1.0 / 2 + r * (1.0 / 6));
        double middle = 1.0 / 24 + r * (1.0 / 120) + r2 * (1.0 / 720 + r * (1.0 / 5040));
        double high = 1.0 / 40320 + r * (1.0 / 362880) + r2 * (1.0 / 3628800 + r * (1.0 / 39916800));
        double top = 1.0 / 479001600 + r * (1.0 / 6227020800);
        double power = low + r4 * (middle + r4 * (high + r4 * top));

        // In two steps, because 2^k itself may lie outside the normal numbers where the result does not.
        int half = (int)k >> 1;
        return power * TwoToThe(half) * TwoToThe((int)k - half);
    }

    private static double TwoToThe(int exponent) => BitConverter.Int64BitsToDouble(OneBits + ((long)exponent << 52));
}
