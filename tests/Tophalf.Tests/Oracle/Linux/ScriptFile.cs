using System.Text.RegularExpressions;
using Tophalf.Tests.Shared;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>
/// A script for both machines. The comment lines at its head say what it proves and what of its output may differ:
/// <code>
/// # board: q35              or several, such as pc-counted pc-rt: the script runs on each
/// # proves: what a reader learns when both machines print the same
/// # range: LO..HI REGEX       numbers that depend on timing: each capture of group 1 lies within LO..HI on both machines
/// # again: WHY              a second run is allowed, and why the first may fail
/// # differs: WHY            the twin is known to differ; the test then asks that it does, so that the line goes when it no longer does
/// # erase: REGEX              what names one build or one moment: group 1 is the same kind of text on both, and not compared
/// </code>
/// </summary>
internal sealed record ScriptFile(string Name, IReadOnlyList<OracleBoard> Boards, string Proves, string Text, IReadOnlyList<NumberRange> Ranges, IReadOnlyList<Regex> Erased, bool IsKnownToDiffer, bool MayRunAgain)
{
    public static string Folder => TwinRuns.Shipped("tests/oracle/scripts");

    /// <summary>Names of all scripts, without their folder.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.sh").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    /// <summary>It loads the test module, which the oracle has where it could be built.</summary>
    public bool NeedsTestModule => Text.Contains("tophalf_test.ko", StringComparison.Ordinal);

    public static ScriptFile Load(string name)
    {
        string text = File.ReadAllText(Path.Combine(Folder, name));
        OracleBoard[] boards = [];
        string proves = "";
        bool differs = false, again = false;
        var ranges = new List<NumberRange>();
        var erased = new List<Regex>();
        foreach (string line in text.Split('\n').TakeWhile(line => line.StartsWith('#')))
        {
            string[] words = line[1..].Split(':', 2, StringSplitOptions.TrimEntries);
            switch (words[0])
            {
                case "board": boards = [.. words[1].Split(' ').Select(OracleBoard.Find)]; break;
                case "proves": proves = words[1]; break;
                case "differs": differs = words[1].Length > 0; break;
                case "again": again = words[1].Length > 0; break;
                case "range": ranges.Add(NumberRange.Parse(words[1])); break;
                case "erase": erased.Add(new Regex(words[1])); break;
            }
        }
        if (boards.Length == 0 || proves.Length == 0) throw new FormatException($"{name}: a script says '# board: NAME' and '# proves: WHAT' at its head");
        return new ScriptFile(name, boards, proves, text, ranges, erased, differs, again);
    }
}
