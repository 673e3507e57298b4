using System.Globalization;

namespace Tophalf.Userland.Programs;

/// <summary>One conversion specification of printf(3): flags, width, precision, and how a value looks under them.</summary>
internal sealed class PrintfConversion
{
    /// <summary>Widths and precisions beyond this are cut to it.</summary>
    public const int SizeLimit = 4096;

    private bool _left, _zero, _plus, _space, _alternate;

    public int Width { get; set; }

    public int? Precision { get; set; }

    public bool TakeFlag(char c)
    {
        switch (c)
        {
            case '-': return _left = true;
            case '0': return _zero = true;
            case '+': return _plus = true;
            case ' ': return _space = true;
            case '#': return _alternate = true;
            default: return false;
        }
    }

    public string Text(string value) => Pad("", Precision is { } p && p >= 0 && p < value.Length ? value[..p] : value, zero: false);

    public string Integer(char kind, long value)
    {
        bool signed = kind is 'd' or 'i';
        string digits = kind switch
        {
            'd' or 'i' => value < 0 ? value.ToString(CultureInfo.InvariantCulture)[1..] : value.ToString(CultureInfo.InvariantCulture),
            'u' => ((ulong)value).ToString(CultureInfo.InvariantCulture),
            'o' => Convert.ToString(value, 8),
            'x' => value.ToString("x", CultureInfo.InvariantCulture),
            _ => value.ToString("X", CultureInfo.InvariantCulture),
        };
        if (Precision is { } p)
            digits = p == 0 && value == 0 ? "" : digits.PadLeft(Math.Max(p, 0), '0');
        string prefix = signed ? Sign(value < 0)
            : !_alternate || value == 0 ? ""
            : kind switch { 'o' => "0", 'x' => "0x", 'X' => "0X", _ => "" };
        return Pad(prefix, digits, _zero && Precision is null);
    }

    public string Real(char kind, double value)
    {
        string sign = Sign(double.IsNegative(value));
        if (!double.IsFinite(value))
            return Pad(sign, double.IsNaN(value) ? "nan" : "inf", zero: false);
        int precision = Math.Max(Precision ?? 6, 0);
        double magnitude = Math.Abs(value);
        string digits = char.ToLowerInvariant(kind) switch
        {
            'f' => magnitude.ToString("F" + precision, CultureInfo.InvariantCulture),
            'e' => Exponential(magnitude, precision),
            _ => General(magnitude, Math.Max(precision, 1)),
        };
        return Pad(sign, char.IsUpper(kind) ? digits.ToUpperInvariant() : digits, _zero);
    }

    /// <summary>d.ddde±dd: the exponent has at least two digits.</summary>
    private static string Exponential(double magnitude, int precision) =>
        magnitude.ToString((precision == 0 ? "0" : "0." + new string('0', precision)) + "e+00", CultureInfo.InvariantCulture);

    private string General(double magnitude, int significant)
    {
        string exponential = Exponential(magnitude, significant - 1);
        int e = exponential.IndexOf('e');
        int exponent = int.Parse(exponential.AsSpan(e + 1), CultureInfo.InvariantCulture);
        if (exponent >= -4 && exponent < significant)
            return Trim(magnitude.ToString("F" + (significant - 1 - exponent), CultureInfo.InvariantCulture));
        return Trim(exponential[..e]) + exponential[e..];
    }

    private string Trim(string digits) => _alternate || !digits.Contains('.') ? digits : digits.TrimEnd('0').TrimEnd('.');

    private string Sign(bool negative) => negative ? "-" : _plus ? "+" : _space ? " " : "";

    private string Pad(string prefix, string body, bool zero)
    {
        bool left = _left || Width < 0;
        int missing = Math.Abs(Width) - prefix.Length - body.Length;
        if (missing <= 0)
            return prefix + body;
        if (left)
            return prefix + body + new string(' ', missing);
        return zero ? prefix + new string('0', missing) + body : new string(' ', missing) + prefix + body;
    }
}
