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
}
