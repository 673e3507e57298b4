using System.Globalization;

namespace Tophalf.Linux;

/// <summary>
/// A text that is not the kernel file its reader expects. The message is <c>LINE:COLUMN: what is wrong; what to give instead</c>
/// and wants only the program's name and the file's in front. Lines and columns count from 1.
/// </summary>
public sealed class ReaderException(int line, int column, string problem, string remedy)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"{line}:{column}: {problem}; {remedy}"))
{
    public int Line { get; } = line;
    public int Column { get; } = column;
    public string Problem { get; } = problem;
    public string Remedy { get; } = remedy;

    /// <summary>The text is not <paramref name="file"/>, as <paramref name="problem"/> shows.</summary>
    internal static ReaderException WrongFile(string file, int line, int column, string problem) =>
        new(line, column, problem, $"give the text of {file}");
}
