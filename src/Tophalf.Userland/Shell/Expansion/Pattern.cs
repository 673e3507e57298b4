using System.Text;

namespace Tophalf.Userland.Shell.Expansion;

/// <summary>
/// Shell patterns (POSIX.1-2017, Shell Command Language 2.13) as text in which a backslash makes the next character ordinary;
/// quoted parts of a word arrive here escaped.
/// </summary>
internal static class Pattern
{
    public static string Escape(string literal)
    {
        if (literal.AsSpan().IndexOfAny("*?[]\\!-") < 0)
            return literal;
        var escaped = new StringBuilder(literal.Length + 8);
        foreach (char c in literal)
            escaped.Append(c is '*' or '?' or '[' or ']' or '\\' or '!' or '-' ? "\\" : "").Append(c);
        return escaped.ToString();
    }

    public static string Unescape(string pattern)
    {
        if (!pattern.Contains('\\'))
            return pattern;
        var literal = new StringBuilder(pattern.Length);
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
                i++;
            literal.Append(pattern[i]);
        }
        return literal.ToString();
    }

    public static bool HasMagic(string pattern)
    {
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\')
                i++;
            else if (pattern[i] is '*' or '?' or '[')
                return true;
        }
        return false;
    }

    /// <summary>Whether the whole of <paramref name="text"/> matches. One star at a time is retried, so the cost is at most length × length.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, starPattern = -1, starText = 0;
        while (true)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                starPattern = ++p;
                starText = t;
                continue;
            }
            if (t == text.Length && p == pattern.Length)
                return true;
            if (t < text.Length && p < pattern.Length && MatchOne(pattern, p, text[t], out int next))
            {
                p = next;
                t++;
                continue;
            }
            if (starPattern < 0 || starText >= text.Length)
                return false;
            p = starPattern;
            t = ++starText;
        }
    }

    private static bool MatchOne(ReadOnlySpan<char> pattern, int p, char c, out int next)
    {
        next = p + 1;
        switch (pattern[p])
        {
            case '?':
                return true;
            case '\\' when next < pattern.Length:
                return pattern[next++] == c;
            case '[' when MatchBracket(pattern, p, c, out int end) is { } inside:
                next = end;
                return inside;
            default:
                return pattern[p] == c;
        }
    }

    /// <summary>Null where no <c>]</c> closes the bracket, which is then an ordinary character.</summary>
    private static bool? MatchBracket(ReadOnlySpan<char> pattern, int p, char c, out int end)
    {
        int i = p + 1;
        bool negated = i < pattern.Length && pattern[i] is '!' or '^';
        if (negated)
            i++;
        bool inside = false;
        for (bool first = true; i < pattern.Length; first = false)
        {
            if (pattern[i] == ']' && !first)
            {
                end = i + 1;
                return inside != negated;
            }
            if (CharacterClass.TryRead(pattern, ref i, out string name))
            {
                inside |= CharacterClass.Contains(name, c);
                continue;
            }
            char low = ReadMember(pattern, ref i), high = low;
            if (i + 1 < pattern.Length && pattern[i] == '-' && pattern[i + 1] != ']')
            {
                i++;
                high = ReadMember(pattern, ref i);
            }
            inside |= c >= low && c <= high;
        }
        end = p + 1;
        return null;
    }

    private static char ReadMember(ReadOnlySpan<char> pattern, ref int i)
    {
        if (pattern[i] == '\\' && i + 1 < pattern.Length)
            i++;
        return pattern[i++];
    }
}
