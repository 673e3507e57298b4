namespace Tophalf.Hardware.Timers;

/// <summary>
/// The six counting sequences of the 8254 (Intel 8254 data sheet, order number 231164, "Mode definitions") as plain arithmetic: what the
/// counting element and OUT show <c>elapsed</c> clock pulses after the count <c>n</c> was loaded. Before the load <c>elapsed</c> is negative.
/// </summary>
internal static class PitCounting
{
    public const long Never = long.MaxValue;

    /// <param name="mode">0 to 5.</param>
    /// <param name="n">Initial count, 1 to <paramref name="modulus"/>.</param>
    /// <param name="elapsed">Pulses since the load, not negative.</param>
    /// <param name="modulus">65536, or 10000 when counting in decimal.</param>
    public static int Count(int mode, int n, long elapsed, int modulus)
    {
        switch (mode)
        {
            case 2:
                return (int)(n - elapsed % n) % modulus;
            case 3:
                // An odd count is loaded less one, and the high half lasts one pulse longer: it alone shows the zero.
                int inPeriod = (int)(elapsed % n), high = HighHalf(n);
                int inHalf = inPeriod < high ? inPeriod : inPeriod - high;
                return ((n & ~1) - 2 * inHalf) % modulus;
            default:
                return (int)(((n - elapsed) % modulus + modulus) % modulus);
        }
    }

    public static bool IsHigh(int mode, int n, long elapsed) => mode switch
    {
        0 => elapsed >= n,
        1 => elapsed < 0 || elapsed >= n,
        2 => elapsed < 0 || elapsed % n != n - 1,
        3 => elapsed < 0 || elapsed % n < HighHalf(n),
        _ => elapsed != n,
    };

    /// <summary>Pulses after the load at which OUT changes next, later than <paramref name="elapsed"/>; <see cref="Never"/> if it stays.</summary>
    public static long NextChange(int mode, int n, long elapsed)
    {
        switch (mode)
        {
            case 0:
                return elapsed < n ? n : Never;
            case 1:
                return elapsed < 0 ? 0 : elapsed < n ? n : Never;
            case 2 or 3:
                if (n == 1) return Never;
                long from = Math.Max(elapsed, 0), period = from - from % n;
                int falls = mode == 2 ? n - 1 : HighHalf(n);
                return from - period < falls ? period + falls : period + n;
            default:
                return elapsed < n ? n : elapsed == n ? n + 1 : Never;
        }
    }

    /// <summary>Where a count written while modes 2 and 3 are running takes over: the end of the period, in mode 3 of the half period.</summary>
    public static long EndOfCycle(int mode, int n, long elapsed)
    {
        if (elapsed < 0) return 0;
        long period = elapsed - elapsed % n;
        return mode == 3 && elapsed - period < HighHalf(n) ? period + HighHalf(n) : period + n;
    }

    public static int HighHalf(int n) => (n + 1) / 2;
}
