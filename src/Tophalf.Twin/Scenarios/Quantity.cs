using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tophalf.Twin.Scenarios;

/// <summary>
/// A kind of number with a unit, read and written exactly: "2.5us" is 2,500,000 ps, with no binary fraction in between.
/// The name of each kind tells the unit of its values.
/// </summary>
public sealed class Quantity
{
    /// <summary>More digits than any value in range has.</summary>
    private const int MostDigits = 30;

    private readonly string _what;
    private readonly string _instead;
    private readonly (string Unit, long Scale)[] _units;

    private Quantity(string what, string instead, params (string Unit, long Scale)[] units)
    {
        _what = what;
        _instead = instead;
        _units = units;
    }

    public static readonly Quantity DurationPs = new("a duration", "write a number with ps, ns, us, ms or s, such as 50us",
        ("ps", 1), ("ns", 1_000), ("us", 1_000_000), ("ms", 1_000_000_000), ("s", 1_000_000_000_000));

    public static readonly Quantity PacketRateMicroHz = new("a packet rate", "write a number with pps, kpps, Mpps or Gpps, such as 1Mpps",
        ("pps", 1_000_000), ("kpps", 1_000_000_000), ("Mpps", 1_000_000_000_000), ("Gpps", 1_000_000_000_000_000),
        ("/s", 1_000_000), ("k/s", 1_000_000_000), ("M/s", 1_000_000_000_000));

    public static readonly Quantity EventRateMicroHz = new("a rate", "write a number with /s, k/s or M/s, such as 1000/s",
        ("/s", 1_000_000), ("k/s", 1_000_000_000), ("M/s", 1_000_000_000_000));

    /// <summary>Characters of a serial line.</summary>
    public static readonly Quantity CharacterRateMicroHz = new("a rate of characters", "write a number with /s, k/s, B/s or kB/s, such as 11520/s",
        ("/s", 1_000_000), ("k/s", 1_000_000_000), ("B/s", 1_000_000), ("kB/s", 1_000_000_000));

    /// <summary>Decimal, as network links are sold.</summary>
    public static readonly Quantity BitsPerSecond = new("a bit rate", "write a number with b/s, kb/s, Mb/s or Gb/s, such as 10Gb/s",
        ("b/s", 1), ("kb/s", 1_000), ("Mb/s", 1_000_000), ("Gb/s", 1_000_000_000));

    public static readonly Quantity SizeBytes = new("a size", "write a number of bytes, or one with B, KiB or MiB, such as 1518",
        ("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20));

    /// <summary>Millionths of the whole.</summary>
    public static readonly Quantity PercentPpm = new("a percentage", "write a number with %, such as 30%", ("%", 10_000));

    /// <summary>Millionths of the factor.</summary>
    public static readonly Quantity FactorPpm = new("a number", "write a plain number, such as 1.5", ("", 1_000_000));

    /// <summary>Reads "NUMBER UNIT", the blank between them optional, the number in decimals without sign or exponent.</summary>
    /// <param name="problem">"'TEXT' is not …; write …", to be put after the name of what was read.</param>
    public bool TryParse(string text, out long value, [NotNullWhen(false)] out string? problem)
    {
        value = 0;
        problem = $"{Wording.Quote(text)} is not {_what}; {_instead}";
        int end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            end++;

        // A plain 0 is the same in all units.
        string unit = text[end..].TrimStart(' ');
        int known = Array.FindIndex(_units, row => row.Unit == unit);
        if (known < 0 && text == "0")
            known = 0;
        if (known < 0 || !TryParseDecimal(text.AsSpan(0, end), out Int128 mantissa, out Int128 divisor))
            return false;

        (Int128 whole, Int128 rest) = Int128.DivRem(mantissa * _units[known].Scale, divisor);
        if (rest != 0)
            problem = $"{Wording.Quote(text)} has too many decimals; write a multiple of {Format(1)}";
        else if (whole > long.MaxValue)
            problem = $"{Wording.Quote(text)} is too large; write at most {Format(long.MaxValue)}";
        else
            problem = null;
        value = problem == null ? (long)whole : 0;
        return problem == null;
    }

    /// <summary>The value in the largest unit that needs no decimals, or with decimals in the smallest; <see cref="TryParse"/> reads it back.</summary>
    /// <param name="value">Not negative.</param>
    public string Format(long value)
    {
        (string Unit, long Scale) best = _units[0];
        foreach ((string Unit, long Scale) row in _units)
        {
            if (value != 0 && value % row.Scale == 0 && row.Scale > best.Scale)
                best = row;
        }

        return ((decimal)value / best.Scale).ToString("0.#########", CultureInfo.InvariantCulture) + best.Unit;
    }

    /// <summary>"12.5" is 125 over 10.</summary>
    private static bool TryParseDecimal(ReadOnlySpan<char> text, out Int128 mantissa, out Int128 divisor)
    {
        (mantissa, divisor) = (0, 1);
        int point = text.IndexOf('.');
        int decimals = point < 0 ? 0 : text.Length - point - 1;
        if (text.IsEmpty || point == 0 || point == text.Length - 1 || text.Count('.') > 1)
            return false;

        // Zeros in front and behind are no digits of the value: "0.10" and "007" are short numbers.
        ReadOnlySpan<char> trimmed = text.TrimStart('0');
        if (point >= 0)
        {
            int trailing = trimmed.Length - trimmed.TrimEnd('0').Length;
            trimmed = trimmed[..^trailing];
            decimals -= trailing;
        }

        if (trimmed.Length > MostDigits || decimals > MostDigits)
            return false;
        foreach (char digit in trimmed)
        {
            if (digit != '.')
                mantissa = mantissa * 10 + (digit - '0');
        }

        for (int i = 0; i < decimals; i++)
            divisor *= 10;
        return true;
    }
}
