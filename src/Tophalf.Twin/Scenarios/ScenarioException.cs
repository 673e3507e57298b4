namespace Tophalf.Twin.Scenarios;

/// <summary>One thing wrong in a scenario file.</summary>
/// <param name="Says">"what is wrong; what to write instead", one line.</param>
public sealed record ScenarioProblem(string Path, SourcePosition At, string Says)
{
    /// <summary>"FILE:LINE:COL: what is wrong; what to write instead".</summary>
    public override string ToString() => $"{Path}:{At.Line}:{At.Column}: {Says}";
}

/// <summary>A scenario file that cannot be used, with everything that is wrong in it.</summary>
public sealed class ScenarioException(IReadOnlyList<ScenarioProblem> problems) : Exception(string.Join('\n', problems))
{
    /// <summary>In the order of the file; never empty.</summary>
    public IReadOnlyList<ScenarioProblem> Problems { get; } = problems;
}
