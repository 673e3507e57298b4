namespace Tophalf.Twin.Scenarios;

/// <summary>Gathers what is wrong in one file, so that its author sees everything at once.</summary>
internal sealed class ProblemList(string path)
{
    /// <summary>A hostile file has a problem in every other byte; nobody reads more than this.</summary>
    private const int Shown = 100;

    private const int MostItems = 256;

    private readonly List<ScenarioProblem> _problems = [];

    public int Count => _problems.Count;

    /// <param name="says">"what is wrong; what to write instead".</param>
    public void Add(SourcePosition at, string says) => _problems.Add(new ScenarioProblem(path, at, says));

    public void Add(SourcePosition at, string wrong, string instead) => Add(at, $"{wrong}; {instead}");

    /// <summary>The items up to a bound; reports the first beyond it. Every device and workload costs the twin memory and time.</summary>
    public IEnumerable<T> Bounded<T>(IReadOnlyList<T> items, string what, Func<T, SourcePosition> position)
    {
        if (items.Count > MostItems)
            Add(position(items[MostItems]), $"more than {MostItems} {what}", $"write at most {MostItems}");
        return items.Take(MostItems);
    }

    /// <summary>Ends the reading: what comes after this problem cannot be understood.</summary>
    public ScenarioException Fatal(SourcePosition at, string wrong, string instead)
    {
        Add(at, wrong, instead);
        return ToException();
    }

    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
            throw ToException();
    }

    private ScenarioException ToException()
    {
        List<ScenarioProblem> sorted = [.. _problems.OrderBy(problem => problem.At)];
        if (sorted.Count > Shown)
        {
            var cut = new ScenarioProblem(path, sorted[Shown].At, $"{sorted.Count - Shown} more problems from here on; mend the ones above first");
            sorted = [.. sorted.Take(Shown), cut];
        }

        return new ScenarioException(sorted);
    }
}
