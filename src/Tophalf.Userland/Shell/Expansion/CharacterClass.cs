namespace Tophalf.Userland.Shell.Expansion;

/// <summary>The bracket classes <c>[:alpha:]</c>, <c>[:digit:]</c> … of the C locale (POSIX.1-2017, Base Definitions 7.3.1).</summary>
internal static class CharacterClass
{
    public static readonly IReadOnlyList<string> Names =
        ["alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"];

    /// <summary>Steps over <c>[:name:]</c> at <paramref name="position"/>, if one of the known names stands there.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, ref int position, out string name)
    {
        foreach (string candidate in Names)
        {
            var rest = text[position..];
            if (rest.Length < candidate.Length + 4 || !rest.StartsWith("[:") || !rest[2..].StartsWith(candidate)
                || !rest[(2 + candidate.Length)..].StartsWith(":]"))
                continue;
            position += candidate.Length + 4;
            name = candidate;
            return true;
        }
        name = "";
        return false;
    }

    public static bool Contains(string name, char c) => name switch
    {
        "alnum" => char.IsAsciiLetterOrDigit(c),
        "alpha" => char.IsAsciiLetter(c),
        "blank" => c is ' ' or '\t',
        "cntrl" => c < ' ' || c == 127,
        "digit" => char.IsAsciiDigit(c),
        "graph" => c is > ' ' and < (char)127,
        "lower" => char.IsAsciiLetterLower(c),
        "print" => c is >= ' ' and < (char)127,
        "punct" => c is > ' ' and < (char)127 && !char.IsAsciiLetterOrDigit(c),
        "space" => c is ' ' or (>= '\t' and <= '\r'),
        "upper" => char.IsAsciiLetterUpper(c),
        _ => char.IsAsciiHexDigit(c),
    };
}
