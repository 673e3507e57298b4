using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Tophalf.Tests.Docs;

/// <summary>A sample in the documents, held against what its command prints now: the same words, and figures that are a tenth off at most, so that not every change of a cost is one of the documents.</summary>
internal static partial class Sample
{
    private const string Fence = "```";
    private const double Tolerance = 0.1, Least = 0.05;

    /// <summary>What the page shows below the line with <paramref name="command"/>, to the end of the block it stands in or that comes next.</summary>
    public static string Of(string page, string command)
    {
        int begin = page.IndexOf(command, StringComparison.Ordinal);
        Assert.True(begin >= 0, $"no sample of {command}");
        string rest = page[(page.IndexOf('\n', begin) + 1)..].TrimStart('\n');
        if (rest.StartsWith(Fence, StringComparison.Ordinal))
            rest = rest[Fence.Length..];
        return rest[..rest.IndexOf(Fence, StringComparison.Ordinal)];
    }

    public static void Resembles(string shown, string printed)
    {
        string[] expected = Lines(shown), actual = Lines(printed);
        for (int i = 0; i < Math.Min(expected.Length, actual.Length); i++)
            Assert.True(Words(expected[i]) == Words(actual[i]) && Agree(expected[i], actual[i]), $"the page says\n{expected[i]}\nand the command prints\n{actual[i]}");
        Assert.Equal(expected.Length, actual.Length);
    }

    public static bool Agree(string expected, string actual)
    {
        double[] ours = Figures(expected), theirs = Figures(actual);
        return ours.Length == theirs.Length && ours.Zip(theirs).All(pair => Agree(pair.First, pair.Second));
    }

    public static bool Agree(double expected, double actual) => Math.Abs(expected - actual) <= Tolerance * Math.Max(Math.Abs(expected), Math.Abs(actual)) + Least;

    /// <summary>Lines without pictures and without how long the run took.</summary>
    private static string[] Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains('|', StringComparison.Ordinal) && !line.StartsWith("seed ", StringComparison.Ordinal)).Select(line => line.TrimEnd())];

    private static string Words(string line) => Blanks().Replace(Figure().Replace(line, "#"), " ");

    private static double[] Figures(string line) => [.. Figure().Matches(line).Select(figure => double.Parse(figure.Value.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"\d[\d,]*(\.\d+)?")]
    private static partial Regex Figure();

    [GeneratedRegex(@" +")]
    private static partial Regex Blanks();
}
