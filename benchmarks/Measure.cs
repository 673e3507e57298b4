using System.Diagnostics;

namespace Tophalf.Bench;

/// <summary>What one round measured: nanoseconds and allocated bytes, each per operation.</summary>
internal readonly record struct Sample(double Ns, double Bytes)
{
    /// <summary>Times <paramref name="work"/>, which says how many operations it did.</summary>
    public static Sample Of(Func<long> work)
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        long operations = work();
        double ns = Stopwatch.GetElapsedTime(started).TotalNanoseconds;
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        return new Sample(ns / operations, bytes / (double)operations);
    }
}

internal static class Measure
{
    /// <summary>Rounds for a second to warm up, so that the compiler behind has done its last, then <paramref name="rounds"/> that count.</summary>
    public static Sample[] Samples(int rounds, Func<Sample> run)
    {
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(1);) run();
        return [.. Enumerable.Range(0, rounds).Select(_ => run())];
    }

    public static double MedianNs(int rounds, Func<Sample> run) => Median(Samples(rounds, run).Select(sample => sample.Ns));

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
