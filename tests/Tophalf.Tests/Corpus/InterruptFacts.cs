using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Tophalf.Tests.Corpus;

/// <summary>What the corpus's index says of one dump of /proc/interrupts.</summary>
internal sealed partial record InterruptFacts(
    int Columns, string FirstCpu, string LastCpu, int Numbered, int Named, long Sum,
    int BusiestIrq, long BusiestCount, string BusiestSource, double FirstColumnPercent, IReadOnlyList<long>? PerCpu)
{
    public static InterruptFacts Parse(string facts)
    {
        Match match = Pattern().Match(facts);
        Assert.True(match.Success, facts);
        string perCpu = match.Groups["percpu"].Value;
        return new InterruptFacts(
            (int)Number("columns"), match.Groups["first"].Value, match.Groups["last"].Value,
            (int)Number("numbered"), (int)Number("named"), Number("sum"),
            (int)Number("irq"), Number("count"), match.Groups["source"].Value,
            double.Parse(match.Groups["share"].Value, CultureInfo.InvariantCulture),
            perCpu.Length == 0 ? null : [.. perCpu.Split(", ").Select(number => long.Parse(number, CultureInfo.InvariantCulture))]);

        long Number(string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(
        @"^(?<columns>\d+) CPU columns \((?<first>.+)\.\.(?<last>.+?)\), (?<numbered>\d+) numbered \+ (?<named>\d+) named rows, sum of numbered rows (?<sum>\d+); " +
        @"busiest IRQ (?<irq>\d+) = (?<count>\d+) \((?<source>.*)\); first column (?<share>[\d.]+) %(; per CPU \[(?<percpu>[\d, ]+)\])?$")]
    private static partial Regex Pattern();
}
