using System.Globalization;

namespace Tophalf.Linux;

/// <summary>Blank-separated fields, taken one by one from the front of a span. Nothing is allocated.</summary>
internal ref struct Fields(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    /// <summary>Characters taken so far, so the place of the next field or of the blanks before it.</summary>
    public int Taken { get; private set; }

    /// <summary>What has not been taken yet.</summary>
    public readonly ReadOnlySpan<char> Rest => _rest;

    /// <summary>Blanks before the field last looked at or taken.</summary>
    public int Gap { get; private set; }

    /// <summary>The next field, empty at the end; it stays.</summary>
    public ReadOnlySpan<char> Peek()
    {
        Gap = 0;
        while (Gap < _rest.Length && char.IsWhiteSpace(_rest[Gap]))
            Gap++;
        int end = Gap;
        while (end < _rest.Length && !char.IsWhiteSpace(_rest[end]))
            end++;
        return _rest[Gap..end];
    }

    public bool Take(out ReadOnlySpan<char> field)
    {
        field = Peek();
        Taken += Gap + field.Length;
        _rest = _rest[(Gap + field.Length)..];
        return !field.IsEmpty;
    }

    public static bool IsNumber(ReadOnlySpan<char> field) => !field.IsEmpty && !field.ContainsAnyExceptInRange('0', '9');

    /// <summary>A decimal counter. Linux prints at most 64 bits unsigned; counters here stay below 2^63.</summary>
    public static bool TryCounter(ReadOnlySpan<char> field, out long value) =>
        long.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
