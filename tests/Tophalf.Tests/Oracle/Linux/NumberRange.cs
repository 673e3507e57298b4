using System.Globalization;
using System.Text.RegularExpressions;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>Numbers that depend on timing: not the same on two machines, but within bounds on each, and as wide where they are padded.</summary>
internal sealed record NumberRange(long Low, long High, Regex Pattern)
{
    /// <summary>"LO..HI REGEX".</summary>
    public static NumberRange Parse(string text)
    {
        string[] words = text.Split(' ', 2);
        string[] bounds = words[0].Split("..");
        return new NumberRange(long.Parse(bounds[0], CultureInfo.InvariantCulture), long.Parse(bounds[1], CultureInfo.InvariantCulture), new Regex(words[1]));
    }

    /// <summary>The line with a '#' for every digit of a padded number, and one '#' for a number that is as wide as it needs; says which number is out of bounds.</summary>
    public string Apply(string line)
    {
        foreach (Capture capture in Pattern.Matches(line).SelectMany(match => match.Groups[1].Captures).OrderByDescending(capture => capture.Index))
        {
            string number = capture.Value.Trim();
            bool isWithin = long.TryParse(number, CultureInfo.InvariantCulture, out long value) && value >= Low && value <= High;
            string mark = !isWithin ? $"<{number} is not within {Low}..{High}>" : char.IsWhiteSpace(capture.Value[0]) ? new string('#', capture.Length) : "#";
            line = line.Remove(capture.Index, capture.Length).Insert(capture.Index, mark);
        }
        return line;
    }
}
