namespace Tophalf.Simulation;

/// <summary>What somebody who mistyped a name may have meant: the names with the smallest edit distance (Levenshtein).</summary>
internal static class NearestNames
{
    private const int Shown = 3;
    private const int MaxLength = 64;

    public static IEnumerable<string> Of(string mistyped, IEnumerable<string> names) => names
        .OrderBy(name => Distance(mistyped.AsSpan(0, Math.Min(mistyped.Length, MaxLength)), name))
        .ThenBy(name => name, StringComparer.Ordinal)
        .Take(Shown);

    private static int Distance(ReadOnlySpan<char> from, ReadOnlySpan<char> to)
    {
        // row[j] is the distance between the part of `from` seen so far and the first j characters of `to`.
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 0; i < from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < to.Length; j++)
            {
                int replaced = diagonal + (from[i] == to[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, Math.Min(row[j], diagonal) + 1);
            }
        }

        return row[to.Length];
    }
}
