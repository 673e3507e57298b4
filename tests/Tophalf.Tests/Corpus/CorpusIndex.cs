using System.Text.RegularExpressions;

namespace Tophalf.Tests.Corpus;

/// <summary>The corpus's INDEX.md, which says of each file what a plain reader finds in it.</summary>
internal static partial class CorpusIndex
{
    /// <summary>File name and the words behind "Facts:", for the files of one folder that have any.</summary>
    public static IReadOnlyList<(string Name, string Facts)> FactsOf(string folder) =>
        [.. Entries(folder).Where(entry => entry.Facts.Length > 0)];

    public static IReadOnlyList<(string Name, string Facts)> Entries(string folder)
    {
        if (CorpusFolder.Path is null)
            return [];
        return [.. EntryPattern().Matches(CorpusFolder.Text("INDEX.md"))
            .Select(match => (Name: match.Groups["name"].Value, Facts: match.Groups["facts"].Value))
            .Where(entry => entry.Name.StartsWith(folder + "/", StringComparison.Ordinal))];
    }

    [GeneratedRegex(@"^\* `(?<name>[^`]+)` — .*?(Facts: (?<facts>.*?)\. )?Source: ", RegexOptions.Multiline)]
    private static partial Regex EntryPattern();
}
