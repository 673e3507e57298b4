namespace Tophalf.Kernel.Scheduling.Accounting;

/// <summary>The kernel's averages that forget exponentially, with eleven binary digits behind the point (include/linux/sched/loadavg.h).</summary>
internal static class DecayingAverage
{
    private const int FixedShift = 11;
    public const ulong FixedOne = 1 << FixedShift;

    /// <summary>calc_load: the average after one more sample.</summary>
    /// <param name="average">Before, in units of 1/2048.</param>
    /// <param name="decay">What is kept of it, in units of 1/2048.</param>
    /// <param name="sample">The sample, in units of 1/2048.</param>
    public static ulong Next(ulong average, ulong decay, ulong sample)
    {
        ulong sum = average * decay + sample * (FixedOne - decay);
        // Rounded up while it rises, so that it comes to what it should.
        if (sample >= average) sum += FixedOne - 1;
        return sum / FixedOne;
    }

    /// <summary>LOAD_INT and LOAD_FRAC: two digits behind the point, the rest cut off.</summary>
    public static string Text(ulong average) => FormattableString.Invariant($"{average >> FixedShift}.{((average & (FixedOne - 1)) * 100) >> FixedShift:d2}");
}
