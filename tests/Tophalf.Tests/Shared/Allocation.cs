using Xunit;

namespace Tophalf.Tests.Shared;

/// <summary>
/// Asks whether code makes garbage. A collection that another test sets off charges this thread up to 8 KiB it did not ask for, while one object
/// per operation costs at least 24 bytes each time; so the operations must be many, and less than a byte each passes.
/// </summary>
internal static class Allocation
{
    private const long FewestOperations = 10_000;

    /// <summary>Runs <paramref name="work"/>, which says how many operations it did.</summary>
    public static void IsNone(Func<long> work)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long operations = work();
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(operations, FewestOperations, long.MaxValue);
        Assert.Equal(0, bytes / operations);
    }
}
