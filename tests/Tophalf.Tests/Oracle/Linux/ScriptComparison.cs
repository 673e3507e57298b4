using System.Text;
using System.Text.RegularExpressions;
using Tophalf.Linux;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>One script, two machines, the same output: standard output and standard error line by line, and the exit status.</summary>
internal static class ScriptComparison
{
    /// <summary>Null when a reader could not tell the machines apart; else both outputs side by side.</summary>
    public static string? Differences(ScriptFile script, CommandResult oracle, CommandResult other)
    {
        var report = new StringBuilder();
        Compare(report, script, "standard output", oracle.Output, other.Output);
        Compare(report, script, "standard error", oracle.Error, other.Error);
        if (oracle.Status != other.Status) report.Append($"status: Linux {oracle.Status}, other {other.Status}\n");
        return report.Length == 0 ? null : $"{script.Name}:\n{report}";
    }

    private static void Compare(StringBuilder report, ScriptFile script, string stream, string oracle, string other)
    {
        string[] left = oracle.Split('\n'), right = other.Split('\n');
        var differences = new StringBuilder();
        for (int i = 0; i < Math.Max(left.Length, right.Length); i++)
        {
            string? theirs = i < left.Length ? Normal(script, left[i]) : null, ours = i < right.Length ? Normal(script, right[i]) : null;
            if (theirs == ours && theirs?.Contains("is not within") != true) continue;
            differences.Append($"  line {i + 1}\n    Linux |{theirs ?? "(no such line)"}|\n    other |{ours ?? "(no such line)"}|\n");
        }
        if (differences.Length > 0) report.Append($"{stream} differs\n{differences}");
    }

    private static string Normal(ScriptFile script, string line)
    {
        foreach (NumberRange range in script.Ranges) line = range.Apply(line);
        foreach (Regex erased in script.Erased)
        {
            foreach (Capture capture in erased.Matches(line).SelectMany(match => match.Groups[1].Captures).OrderByDescending(capture => capture.Index))
                line = line.Remove(capture.Index, capture.Length).Insert(capture.Index, "*");
        }
        return line;
    }
}
