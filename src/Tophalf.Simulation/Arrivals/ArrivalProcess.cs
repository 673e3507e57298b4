namespace Tophalf.Simulation;

/// <summary>
/// When the next one comes: packets on a wire, requests, completions. The process knows gaps only; whoever asks adds them up,
/// so a whole batch of arrivals can be evaluated in one loop when somebody finally looks at the ring.
/// </summary>
public abstract class ArrivalProcess
{
    /// <summary>One arrival in 28 hours. Rates below this are refused: their longest gaps leave the clock's range.</summary>
    public const double MinRatePerSecond = 1e-5;

    /// <summary>One arrival per picosecond, the step of the clock.</summary>
    public const double MaxRatePerSecond = 1e12;

    // No single gap is longer than 53 days, so that a moment plus a gap is still a moment.
    private const double MaxGapPs = 1L << 62;

    /// <summary>Picoseconds from one arrival to the next; zero is possible.</summary>
    public abstract long NextGapPs(RandomStream random);

    /// <summary>The expected gap, picoseconds.</summary>
    public abstract double MeanGapPs { get; }

    protected static double GapOfRate(double ratePerSecond)
    {
        if (!(ratePerSecond >= MinRatePerSecond && ratePerSecond <= MaxRatePerSecond))
        {
            throw new ArgumentOutOfRangeException(
                nameof(ratePerSecond), $"a rate of {ratePerSecond} per second; write one from {MinRatePerSecond} to {MaxRatePerSecond}");
        }

        return SimTime.Second / ratePerSecond;
    }

    /// <summary>Rounded to the nearest picosecond, which leaves the mean where it was.</summary>
    protected static long ToPs(double gapPs) => double.ConvertToIntegerNative<long>(Math.Min(gapPs + 0.5, MaxGapPs));
}
