using System.Globalization;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>The worst wake-ups and interrupts, and where their time went.</summary>
internal static class DelaysPart
{
    private const int WakeupsShown = 10, InterruptsShown = 3;

    /// <summary>Parts below this share of a delay are summed up.</summary>
    private const double SmallShare = 0.01;

    public static void Write(Page page, RunReport report)
    {
        DelayReport[] worst =
        [
            .. report.Delays.Where(delay => delay.Kind == "wake-up").Take(WakeupsShown),
            .. report.Delays.Where(delay => delay.Kind == "interrupt").Take(InterruptsShown),
        ];
        if (worst.Length == 0)
            return;
        page.Heading($"the longest delays, of {Figures.Plural(report.WakeupLatency.Count, "wake-up")} and {Figures.Plural(report.InterruptLatency.Count, "interrupt")}");
        Grid columns = ColumnText.Of("", "who", "", ">at us", ">total us", "where the time went (us)");
        foreach (DelayReport delay in worst)
            columns.Add(delay.Kind, delay.Who, $"CPU{delay.Cpu}", Us(delay.AtUs * 1000, "N1"), Us(delay.TotalNs, "N2"), Causes(delay));
        page.Write(columns.WrapLast());
    }

    private static string Causes(DelayReport delay)
    {
        var words = new List<string>();
        double restNs = 0;
        foreach (DelayPartReport part in delay.Parts)
        {
            if (part.Ns < delay.TotalNs * SmallShare) restNs += part.Ns;
            else words.Add($"{part.Cause}{(part.By.Length > 0 ? $" by {part.By}" : "")} {Us(part.Ns, "N2")}");
        }
        if (restNs > 0) words.Add($"others {Us(restNs, "N2")}");
        return string.Join(", ", words);
    }

    private static string Us(double ns, string format) => (ns / 1000).ToString(format, CultureInfo.InvariantCulture);
}
