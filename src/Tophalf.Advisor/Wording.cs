using System.Globalization;

namespace Tophalf.Advisor;

/// <summary>Figures and CPUs as findings write them, alike on every machine.</summary>
internal static class Wording
{
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"33.3 %".</summary>
    public static string Pct(double percent) => percent.ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Percent of a whole; 0 of nothing.</summary>
    public static double Percent(long part, long whole) => whole > 0 ? 100.0 * part / whole : 0;

    /// <summary>"CPU 3", "CPUs 0, 1 and 5", "CPUs 0, 1, 2, 3 and 12 more".</summary>
    public static string CpuNames(IReadOnlyList<int> cpus)
    {
        const int Shown = 5;
        if (cpus.Count == 1)
            return $"CPU {cpus[0]}";
        return cpus.Count <= Shown
            ? $"CPUs {string.Join(", ", cpus.SkipLast(1))} and {cpus[^1]}"
            : $"CPUs {string.Join(", ", cpus.Take(Shown - 1))} and {cpus.Count - Shown + 1} more";
    }
}
