namespace Tophalf.Simulation;

/// <summary>
/// Bursts: Poisson arrivals during on periods, silence during off periods, both of exponential length. Also called the interrupted Poisson process.
/// Every arrival falls into an on period, and neither the rest of that period nor the next arrival remembers anything, so gaps are
/// independent of one another; their distribution is a mixture of two exponentials (Kuczura, "The Interrupted Poisson Process as an Overflow
/// Process", Bell System Technical Journal 52(3), 1973). Drawing from the mixture takes two random numbers per gap, however
/// many silent periods pass in it.
/// </summary>
public sealed class OnOffArrivals : ArrivalProcess
{
    /// <summary>Longest mean period, 28 hours.</summary>
    public const long MaxPeriodPs = 100_000 * SimTime.Second;

    private readonly double _shortGapPs;
    private readonly double _longGapPs;
    private readonly double _shortShare;

    /// <param name="ratePerSecond">Arrivals per second in the long run; while on, (on + off)/on times as many.</param>
    /// <param name="onPs">Mean length of an on period, picoseconds.</param>
    /// <param name="offPs">Mean length of an off period, picoseconds.</param>
    public OnOffArrivals(double ratePerSecond, long onPs, long offPs)
    {
        MeanGapPs = GapOfRate(ratePerSecond);
        double end = 1.0 / CheckedPeriod(onPs, nameof(onPs));
        double begin = 1.0 / CheckedPeriod(offPs, nameof(offPs));

        // Rates per picosecond. The two rates of the mixture are the roots of r^2 - (arrive + end + begin) r + arrive * begin; the smaller
        // one comes from the product of the two, since the difference of nearly equal numbers would lose its digits.
        double arrive = (1.0 + (double)offPs / onPs) / MeanGapPs;
        double difference = arrive + end - begin;
        double between = Math.Sqrt(difference * difference + 4 * end * begin);
        double fast = (arrive + end + begin + between) / 2;
        double slow = arrive * begin / fast;
        _shortGapPs = 1 / fast;
        _longGapPs = 1 / slow;
        _shortShare = (arrive - slow) / between;
    }

    public override double MeanGapPs { get; }

    public override long NextGapPs(RandomStream random)
    {
        double meanPs = random.NextUnit() < _shortShare ? _shortGapPs : _longGapPs;
        return ToPs(random.NextExponential() * meanPs);
    }

    private static long CheckedPeriod(long ps, string name) => ps is > 0 and <= MaxPeriodPs ? ps : throw new ArgumentOutOfRangeException(
        name, $"a mean period of {SimTime.Format(ps)}; write one above zero and up to {SimTime.Format(MaxPeriodPs)}");
}
