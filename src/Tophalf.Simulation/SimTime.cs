using System.Globalization;

namespace Tophalf.Simulation;

/// <summary>
/// Virtual time: a <see cref="long"/> of picoseconds since the machine was switched on, good for 106 days.
/// Picoseconds, because the gap between smallest frames at 100 Gb/s is 6.72 ns and must not be rounded.
/// </summary>
public static class SimTime
{
    public const long Nanosecond = 1_000;
    public const long Microsecond = 1_000_000;
    public const long Millisecond = 1_000_000_000;
    public const long Second = 1_000_000_000_000;

    /// <summary>A moment that is never reached.</summary>
    public const long Never = long.MaxValue;

    /// <summary>
    /// A duration for people: at most four significant digits, half rounded up, in the largest unit of which there is at least one,
    /// as in <c>5 ns</c>, <c>41.67 us</c>, <c>1.5 ms</c>. <see cref="Never"/> reads <c>never</c>.
    /// </summary>
    public static string Format(long ps)
    {
        if (ps == Never)
        {
            return "never";
        }

        if (ps == 0)
        {
            return "0 ns";
        }

        ulong rounded = RoundToFourDigits(ps < 0 ? 0 - (ulong)ps : (ulong)ps);
        (long unitPs, string unit) = rounded switch
        {
            >= Second => (Second, "s"),
            >= Millisecond => (Millisecond, "ms"),
            >= Microsecond => (Microsecond, "us"),
            >= Nanosecond => (Nanosecond, "ns"),
            _ => (1L, "ps"),
        };
        decimal value = (decimal)rounded / unitPs;
        return string.Create(CultureInfo.InvariantCulture, $"{(ps < 0 ? "-" : "")}{value:0.###} {unit}");
    }

    /// <summary>
    /// Reads a duration as people write it: <c>50us</c>, <c>1.5 ms</c>, <c>2s</c>, <c>7ps</c>. The unit is required.
    /// False for anything else: a sign, an exponent, a fraction of a picosecond, or more than a <see cref="long"/> holds.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long ps)
    {
        ps = 0;
        int unitAt = text.IndexOfAnyExcept("0123456789.");
        if (unitAt <= 0)
        {
            return false;
        }

        long unitPs = text[unitAt..].TrimStart(' ') switch
        {
            "ps" => 1,
            "ns" => Nanosecond,
            "us" => Microsecond,
            "ms" => Millisecond,
            "s" => Second,
            _ => 0,
        };
        ReadOnlySpan<char> number = text[..unitAt];
        int point = number.IndexOf('.');
        if (unitPs == 0 || point == 0 || point == number.Length - 1)
        {
            return false;
        }

        UInt128 total = 0;
        UInt128 digitPs = (UInt128)unitPs;
        foreach (char c in point < 0 ? number : number[..point])
        {
            total = total * 10 + digitPs * (UInt128)(c - '0');
            if (total > long.MaxValue)
            {
                return false;
            }
        }

        foreach (char c in point < 0 ? [] : number[(point + 1)..])
        {
            bool finerThanPicosecond = digitPs % 10 != 0;
            digitPs /= 10;
            if (c == '.' || finerThanPicosecond && c != '0')
            {
                return false;
            }

            total += digitPs * (UInt128)(c - '0');
        }

        if (total > long.MaxValue)
        {
            return false;
        }

        ps = (long)total;
        return true;
    }

    private static ulong RoundToFourDigits(ulong ps)
    {
        ulong step = 1;
        while (ps / step >= 10_000)
        {
            step *= 10;
        }

        return (ps + step / 2) / step * step;
    }
}
