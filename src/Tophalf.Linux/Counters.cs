using System.Collections.Immutable;

namespace Tophalf.Linux;

internal static class Counters
{
    /// <summary>The sum; unlike LINQ's it wraps rather than throws when a stranger's text holds absurd numbers.</summary>
    public static long Sum(ImmutableArray<long> counts)
    {
        long sum = 0;
        foreach (long count in counts)
            sum = unchecked(sum + count);
        return sum;
    }

    /// <summary>
    /// What came between two readings of one counter, or null when that cannot be: it went down, and not because 32 bits were full.
    /// Most counters of interrupts are 32 bits wide and wrap (struct irqstat, irq_cpustat_t).
    /// </summary>
    public static long? Since(long before, long after)
    {
        const long Wrap = 1L << 32, LikelyStep = 1L << 31;
        if (after >= before)
            return after - before;
        return before < Wrap && after + Wrap - before < LikelyStep ? after + Wrap - before : null;
    }

    /// <summary>The differences of two rows, or null when they are not two readings of the same.</summary>
    public static ImmutableArray<long>? Since(ImmutableArray<long> before, ImmutableArray<long> after)
    {
        if (before.Length != after.Length)
            return null;
        ImmutableArray<long>.Builder differences = ImmutableArray.CreateBuilder<long>(after.Length);
        for (int i = 0; i < after.Length; i++)
        {
            if (Since(before[i], after[i]) is not { } difference)
                return null;
            differences.Add(difference);
        }
        return differences.MoveToImmutable();
    }
}
