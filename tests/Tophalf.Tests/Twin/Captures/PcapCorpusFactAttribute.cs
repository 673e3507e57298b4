using Xunit;

namespace Tophalf.Tests.Twin.Captures;

/// <summary>A fact about the captures in the corpus of other people's machines; skipped, saying so, where the corpus is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PcapCorpusFactAttribute : FactAttribute
{
    public PcapCorpusFactAttribute()
    {
        if (PcapFolder is null)
            Skip = "no corpus: set TOPHALF_CORPUS to the folder that holds pcap/, or put it at ../shared/corpus beside the checkout";
    }

    /// <summary>$TOPHALF_CORPUS/pcap, or shared/corpus/pcap beside any folder above the test assembly; null where neither is.</summary>
    public static string? PcapFolder { get; } = Find();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("TOPHALF_CORPUS") is { Length: > 0 } corpus)
            return Existing(Path.Combine(corpus, "pcap"));

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", "corpus", "pcap")) is { } found)
                return found;
        }

        return null;
    }

    private static string? Existing(string path) => Directory.Exists(path) ? path : null;
}
