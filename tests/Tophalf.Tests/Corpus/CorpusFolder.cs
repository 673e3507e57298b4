namespace Tophalf.Tests.Corpus;

/// <summary>
/// The folder of other people's machines: $TOPHALF_CORPUS, or <c>shared/corpus</c> beside a directory above the test assembly.
/// It is read in place and is not part of the project.
/// </summary>
internal static class CorpusFolder
{
    public static string? Path { get; } = Find();

    public static string Text(string name) => File.ReadAllText(System.IO.Path.Combine(Path!, name));

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("TOPHALF_CORPUS") is { Length: > 0 } given)
            return Directory.Exists(given) ? given : null;
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string candidate = System.IO.Path.Combine(directory.FullName, "shared", "corpus");
            if (File.Exists(System.IO.Path.Combine(candidate, "INDEX.md")))
                return candidate;
        }
        return null;
    }
}
