namespace Tophalf.Userland.Shell.Expansion;

/// <summary>Integers as C writes them.</summary>
internal static class ShellNumber
{
    /// <summary>0x1f, 017 or 15 without sign. False for anything else, and for what does not fit 64 bits.</summary>
    public static bool TryParseConstant(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        int radix = text is ['0', 'x' or 'X', ..] ? 16 : text is ['0', _, ..] ? 8 : 10;
        var digits = radix == 16 ? text[2..] : text;
        if (digits.IsEmpty)
            return false;
        ulong sum = 0;
        foreach (char c in digits)
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 16;
            if (digit >= radix || sum > (ulong.MaxValue - (ulong)digit) / (ulong)radix)
                return false;
            sum = sum * (ulong)radix + (ulong)digit;
        }
        value = unchecked((long)sum);
        return true;
    }
}
