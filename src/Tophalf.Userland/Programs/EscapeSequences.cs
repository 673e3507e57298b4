using System.Text;

namespace Tophalf.Userland.Programs;

/// <summary>The backslash sequences of echo -e and printf.</summary>
internal static class EscapeSequences
{
    /// <summary>Expands all; <paramref name="stop"/> is set, and the rest dropped, at <c>\c</c>.</summary>
    public static string Expand(string text, bool octalNeedsZero, out bool stop)
    {
        stop = false;
        if (!text.Contains('\\'))
            return text;
        var result = new StringBuilder();
        for (int i = 0; i < text.Length && !stop;)
        {
            if (text[i] != '\\')
                result.Append(text[i++]);
            else
                result.Append(ReadOne(text, ref i, octalNeedsZero, out stop));
        }
        return result.ToString();
    }

    /// <summary>The sequence at the backslash at <paramref name="i"/>, which moves past it. An unknown one stands for itself.</summary>
    public static string ReadOne(string text, ref int i, bool octalNeedsZero, out bool stop)
    {
        stop = false;
        if (i + 1 >= text.Length)
        {
            i++;
            return "\\";
        }
        char c = text[i + 1];
        i += 2;
        switch (c)
        {
            case 'a': return "\a";
            case 'b': return "\b";
            case 'e': return "\e";
            case 'f': return "\f";
            case 'n': return "\n";
            case 'r': return "\r";
            case 't': return "\t";
            case 'v': return "\v";
            case '\\': return "\\";
            case 'c':
                stop = true;
                return "";
            case 'x' when i < text.Length && char.IsAsciiHexDigit(text[i]):
                return ReadCode(text, ref i, 16, maxDigits: 2);
            case '0' when octalNeedsZero:
                return ReadCode(text, ref i, 8, maxDigits: 3);
            case >= '0' and <= '7' when !octalNeedsZero:
                i--;
                return ReadCode(text, ref i, 8, maxDigits: 3);
            default:
                return "\\" + c;
        }
    }

    private static string ReadCode(string text, ref int i, int radix, int maxDigits)
    {
        int value = 0;
        for (int n = 0; n < maxDigits && i < text.Length && char.IsAsciiHexDigit(text[i]) && Digit(text[i]) < radix; n++)
            value = value * radix + Digit(text[i++]);
        return ((char)(value & 0xff)).ToString();
    }

    private static int Digit(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}
