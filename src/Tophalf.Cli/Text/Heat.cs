namespace Tophalf.Cli.Text;

/// <summary>One glyph per CPU: how high it stands, from blank to a full block.</summary>
internal static class Heat
{
    private const string Ramp = " ▁▂▃▄▅▆▇█";

    /// <summary>"|█▂  |". What is not zero is never blank, so that a CPU that did little can be told from one that did nothing.</summary>
    /// <param name="fractions">0 to 1; anything beyond is drawn as the nearer of the two.</param>
    public static string Of(IEnumerable<double> fractions) => $"|{string.Concat(fractions.Select(Glyph))}|";

    /// <summary>Each count as a fraction of the largest.</summary>
    public static string Of(IReadOnlyCollection<long> counts)
    {
        double largest = counts.Count == 0 ? 0 : counts.Max();
        return Of(counts.Select(count => largest > 0 ? count / largest : 0));
    }

    private static char Glyph(double fraction)
    {
        int step = (int)Math.Round(Math.Clamp(fraction, 0, 1) * (Ramp.Length - 1), MidpointRounding.AwayFromZero);
        return Ramp[fraction > 0 ? Math.Max(1, step) : step];
    }
}
