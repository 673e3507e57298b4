using System.Globalization;
using Tophalf.Simulation;

namespace Tophalf.Cli.Text;

/// <summary>Numbers for people, alike on every machine.</summary>
internal static class Figures
{
    /// <summary>"1,234,567".</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"12,346/s", with a decimal below 100.</summary>
    public static string Rate(double perSecond) =>
        perSecond.ToString(perSecond is >= 100 or 0 ? "N0" : "0.0", CultureInfo.InvariantCulture) + "/s";

    /// <summary>"33.3 %".</summary>
    public static string Percent(double percent) => percent.ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>"33.3 %" of a whole; "-" of nothing.</summary>
    public static string Share(long part, long whole) => whole > 0 ? Percent(100.0 * part / whole) : "-";

    /// <summary>A latency given in microseconds, as "12.5 us" or "1.2 ms".</summary>
    public static string Latency(double us) => SimTime.Format((long)Math.Round(us * SimTime.Microsecond));

    /// <summary>A duration given in seconds.</summary>
    public static string Duration(double seconds) => SimTime.Format((long)Math.Round(seconds * SimTime.Second));

    /// <summary>"1 packet", "2 packets".</summary>
    public static string Plural(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
