using Xunit;

namespace Tophalf.Tests.Corpus;

/// <summary>A test that reads the corpus, and says so where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CorpusFactAttribute : FactAttribute
{
    internal const string Absent = "the corpus is absent: set TOPHALF_CORPUS to its folder";

    /// <param name="program">A program the test runs, which must be on the PATH too.</param>
    public CorpusFactAttribute(string? program = null)
    {
        if (CorpusFolder.Path is null)
            Skip = Absent;
        else if (program is not null && !IsOnPath(program))
            Skip = $"needs the program {program}";
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}

/// <summary>A theory over corpus files, and says so where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CorpusTheoryAttribute : TheoryAttribute
{
    public CorpusTheoryAttribute() => Skip = CorpusFolder.Path is null ? CorpusFactAttribute.Absent : null;
}
