namespace Tophalf.Cli.Text;

/// <summary>One glyph per CPU: how high it stands, from blank to a full block.</summary>
internal static class Heat
{
    private const string Ramp = " ▁▂▃▄▅▆▇█";

    /// <summary>Glyphs in a table; on a larger machine each stands for several CPUs.</summary>
    public const int InTable = 16;

    /// <summary>"|█▂  |". What is not zero is never blank, so that a CPU that did little can be told from one that did nothing.</summary>
    /// <param name="fractions">0 to 1; anything beyond is drawn as the nearer of the two.</param>
    public static string Of(IEnumerable<double> fractions) => $"|{string.Concat(fractions.Select(Glyph))}|";

    /// <summary>Each count as a fraction of the largest.</summary>
    public static string Of(IReadOnlyCollection<long> counts)
    {
        double largest = counts.Count == 0 ? 0 : counts.Max();
        return Of(counts.Select(count => largest > 0 ? count / largest : 0));
    }

    /// <summary>The same for a table: on a large machine the hottest of each group of neighbours.</summary>
    public static string Grouped(IReadOnlyCollection<long> counts)
    {
        double largest = counts.Count == 0 ? 0 : counts.Max();
        return Of(Grouped(counts.Select(count => largest > 0 ? count / largest : 0), counts.Count, InTable));
    }

    /// <summary>At most so many fractions: the largest of each group of neighbours.</summary>
    public static IEnumerable<double> Grouped(IEnumerable<double> fractions, int count, int glyphs) =>
        fractions.Chunk(PerGlyph(count, glyphs)).Select(group => group.Max());

    /// <summary>What a reader is to know of them; empty where a glyph is a CPU.</summary>
    public static string Note(int cpus, int glyphs = InTable) => cpus > glyphs && glyphs > 0 ? $"  (a glyph for {PerGlyph(cpus, glyphs)} CPUs, the hottest of them)" : "";

    private static int PerGlyph(int cpus, int glyphs) => Math.Max(1, (cpus + glyphs - 1) / Math.Max(1, glyphs));

    private static char Glyph(double fraction)
    {
        int step = (int)Math.Round(Math.Clamp(fraction, 0, 1) * (Ramp.Length - 1), MidpointRounding.AwayFromZero);
        return Ramp[fraction > 0 ? Math.Max(1, step) : step];
    }
}
