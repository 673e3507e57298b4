using System.Collections.Immutable;

namespace Tophalf.Linux;

/// <summary>
/// Output of lscpu in its three forms, also one after the other in one text: <c>lscpu</c> (names and values), <c>lscpu -p</c>
/// (comma-separated, the columns named in the last comment), <c>lscpu -e</c> (a table), and the bare columns "CPU socket" of <c>-e</c> without header.
/// </summary>
/// <param name="Values">Names and values in their order, such as ("CPU(s)", "32").</param>
/// <param name="Columns">Names of the columns of the table of CPUs; empty when the text has none.</param>
/// <param name="Cpus">One row per CPU, as long as <paramref name="Columns"/>.</param>
public sealed record LscpuText(
    ImmutableArray<(string Name, string Value)> Values, ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string>> Cpus, ImmutableArray<ReaderProblem> Problems)
{
    private static readonly ImmutableArray<string> s_bare = ["CPU", "SOCKET"];

    public static LscpuText Parse(string text)
    {
        ReaderLimits.CheckText(text, "lscpu's output");
        List<(string, string)> values = [];
        ImmutableArray<string> columns = [];
        List<ImmutableArray<string>> cpus = [];
        List<ReaderProblem> problems = [];
        foreach (TextLine line in new TextLines(text))
        {
            ReadOnlySpan<char> trimmed = line.Text.Trim();
            if (trimmed.IsEmpty)
                continue;
            ReaderLimits.CheckRows(values.Count + cpus.Count + problems.Count, line.Number);
            if (trimmed.StartsWith("# CPU,"))
                columns = [.. trimmed[2..].ToString().Split(',')];
            else if (trimmed.StartsWith("CPU ") && !trimmed.Contains(':') || trimmed.StartsWith("CPU NODE"))
                columns = Split(trimmed);
            else if (char.IsAsciiDigit(trimmed[0]))
                AddCpu(trimmed, line);
            else if (trimmed[0] != '#' && trimmed.IndexOf(':') is > 0 and var colon)
                values.Add((trimmed[..colon].Trim().ToString(), trimmed[(colon + 1)..].Trim().ToString()));
            else if (trimmed[0] != '#')
                problems.Add(new ReaderProblem(line.Number, line.FirstColumn, "neither a name with a value nor a row of a CPU"));
        }
        if (values.Count + cpus.Count == 0)
            throw ReaderException.WrongFile("lscpu's output", 1, 1, "no names with values and no rows of CPUs");
        return new LscpuText([.. values], columns, [.. cpus], [.. problems]);

        void AddCpu(ReadOnlySpan<char> row, TextLine line)
        {
            ImmutableArray<string> cells = row.Contains(',') && !row.Contains(' ') ? [.. row.ToString().Split(',')] : Split(row);
            if (columns.IsEmpty && cells.Length == s_bare.Length)
                columns = s_bare;
            if (cells.Length == columns.Length && cells.Length > 0)
                cpus.Add(cells);
            else
                problems.Add(new ReaderProblem(line.Number, line.FirstColumn, $"{cells.Length} columns where there should be {columns.Length}; the row is left out"));
        }
    }

    /// <summary>The value of a name, or null.</summary>
    public string? this[string name] => Values.FirstOrDefault(value => value.Name == name).Value;

    private static ImmutableArray<string> Split(ReadOnlySpan<char> row) => [.. row.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
}
