using System.Text;

namespace Tophalf.Twin.Scenarios;

/// <summary>How names and values of a file, which may be anything, are put into messages.</summary>
internal static class Wording
{
    private const int LongestShown = 40;

    /// <summary>The text in quotes, on one line, cut when long.</summary>
    public static string Quote(string text)
    {
        var shown = new StringBuilder("'");
        foreach (Rune rune in text.AsSpan(0, Math.Min(text.Length, LongestShown)).EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator)
                shown.Append($"\\u{rune.Value:x4}");
            else
                shown.Append(rune.ToString());
        }

        return shown.Append(text.Length > LongestShown ? "…'" : "'").ToString();
    }

    /// <summary>"a", "a or b", "a, b or c".</summary>
    public static string OneOf(IEnumerable<string> words)
    {
        string[] all = [.. words];
        return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} or {all[^1]}";
    }

    /// <summary>The known word that looks most like what was written, or null where none is near: at most one letter in three may differ.</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        string? nearest = null;
        int best = Math.Min(3, 1 + written.Length / 3) + 1;
        foreach (string word in known)
        {
            if (Math.Abs(word.Length - written.Length) > best)
                continue;
            int distance = Distance(written.ToLowerInvariant(), word.ToLowerInvariant());
            bool isNearer = distance < best || (distance == best && nearest != null && SharedStart(written, word) > SharedStart(written, nearest));
            if (isNearer && distance < word.Length)
                (nearest, best) = (word, distance);
        }

        return nearest;
    }

    /// <summary>"write 'NEAREST'" or, where nothing is near, "write a, b or c".</summary>
    public static string Suggest(string written, IReadOnlyCollection<string> known) =>
        Nearest(written, known) is { } nearest ? $"write {nearest}" : $"write {OneOf(known)}";

    /// <summary>Of two words equally near, the one that begins alike is meant.</summary>
    private static int SharedStart(string a, string b) => a.AsSpan().CommonPrefixLength(b);

    /// <summary>Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            cost[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replace, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }

        return cost[a.Length, b.Length];
    }
}
