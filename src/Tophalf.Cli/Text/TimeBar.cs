using Spectre.Console;
using Spectre.Console.Rendering;

namespace Tophalf.Cli.Text;

/// <summary>Where a CPU's time went as one stacked bar of letters: each class has its letter, and in a terminal its colour too.</summary>
internal static class TimeBar
{
    public const string Legend = "u user  s system  H hardirq  S softirq  w iowait  x steal  . idle";

    /// <param name="Letter">Drawn once for each cell.</param>
    /// <param name="Percent">Of the CPU's time.</param>
    public readonly record struct Part(char Letter, double Percent, Style Style);

    public static Part[] Parts(double userPct, double systemPct, double hardirqPct, double softirqPct, double iowaitPct, double stealPct = 0) =>
    [
        new('u', userPct, Look.User),
        new('s', systemPct, Look.System),
        new('H', hardirqPct, Look.Hardirq),
        new('S', softirqPct, Look.Softirq),
        new('w', iowaitPct, Look.Faint),
        new('x', stealPct, Look.Faint),
    ];

    /// <summary>The bar; what the parts leave is idle.</summary>
    public static IRenderable Of(IReadOnlyList<Part> parts, int width)
    {
        var bar = new Paragraph();
        double percent = 0;
        int drawn = 0;
        foreach (Part part in parts)
        {
            // Ends are rounded, not lengths, so that the roundings do not add up.
            percent += part.Percent;
            int end = Math.Clamp((int)Math.Round(percent * width / 100, MidpointRounding.AwayFromZero), drawn, width);
            bar.Append(new string(part.Letter, end - drawn), part.Style);
            drawn = end;
        }

        return bar.Append(new string('.', width - drawn), Look.Faint);
    }
}
