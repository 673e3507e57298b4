using System.Text.RegularExpressions;
using Tophalf.Tests.Shared;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>
/// A script for both machines. The comment lines at its head say what it proves and what of its output may differ:
/// <code>
/// # board: q35
/// # proves: what a reader learns when both machines print the same
/// # range: LO..HI REGEX       numbers that depend on timing: each capture of group 1 lies within LO..HI on both machines
/// # again: WHY              a second run is allowed, and why the first may fail
/// # golden: WHY             the twin cannot run it yet: what Linux printed is kept in tests/oracle/golden, and compared with
/// # differs: WHY            the twin is known to differ; the test then asks that it does, so that the line goes when it no longer does
/// # erase: REGEX              what names one build or one moment: group 1 is the same kind of text on both, and not compared
/// </code>
/// </summary>
internal sealed record ScriptFile(string Name, OracleBoard Board, string Proves, string Text, IReadOnlyList<NumberRange> Ranges, IReadOnlyList<Regex> Erased, bool IsKnownToDiffer, bool MayRunAgain, string? Golden)
{
    public static string Folder => TwinRuns.Shipped("tests/oracle/scripts");

    /// <summary>Names of all scripts, without their folder.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.sh").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    /// <summary>It loads the test module, which the oracle has where it could be built.</summary>
    public bool NeedsTestModule => Text.Contains("insmod", StringComparison.Ordinal);

    /// <summary>Names of the scripts that both machines run, and of those that have the words of a real Linux beside them instead.</summary>
    public static IEnumerable<string> ForBoth => Names.Where(name => Load(name).Golden is null);

    public static IEnumerable<string> WithGolden => Names.Where(name => Load(name).Golden is not null);

    public static ScriptFile Load(string name)
    {
        string text = File.ReadAllText(Path.Combine(Folder, name));
        OracleBoard? board = null;
        string proves = "";
        bool differs = false, again = false, golden = false;
        var ranges = new List<NumberRange>();
        var erased = new List<Regex>();
        foreach (string line in text.Split('\n').TakeWhile(line => line.StartsWith('#')))
        {
            string[] words = line[1..].Split(':', 2, StringSplitOptions.TrimEntries);
            switch (words[0])
            {
                case "board": board = OracleBoard.Find(words[1]); break;
                case "proves": proves = words[1]; break;
                case "differs": differs = words[1].Length > 0; break;
                case "again": again = words[1].Length > 0; break;
                case "golden": golden = words[1].Length > 0; break;
                case "range": ranges.Add(NumberRange.Parse(words[1])); break;
                case "erase": erased.Add(new Regex(words[1])); break;
            }
        }
        if (board is null || proves.Length == 0) throw new FormatException($"{name}: a script says '# board: NAME' and '# proves: WHAT' at its head");
        return new ScriptFile(name, board, proves, text, ranges, erased, differs, again, golden ? TwinRuns.Shipped($"tests/oracle/golden/{Path.ChangeExtension(name, ".txt")}") : null);
    }
}
