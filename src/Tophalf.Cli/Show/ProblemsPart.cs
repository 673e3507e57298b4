using System.Text.Json;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>What was wrong in a file that could be read all the same, each with its place.</summary>
internal static class ProblemsPart
{
    private const int MostShown = 20;

    public static void Write(Page page, string name, IReadOnlyList<ReaderProblem> problems)
    {
        if (problems.Count == 0)
            return;
        page.Heading("problems");
        foreach (ReaderProblem problem in problems.Take(MostShown))
            page.Line($"  {name}:{problem.Line}:{problem.Column}: {problem.Says}");
        if (problems.Count > MostShown)
            page.Line($"  {Figures.Count(problems.Count - MostShown)} more", Look.Faint);
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<ReaderProblem> problems) =>
        json.Objects("problems", problems, problem =>
        {
            json.WriteNumber("line", problem.Line);
            json.WriteNumber("column", problem.Column);
            json.WriteString("says", problem.Says);
        });
}
