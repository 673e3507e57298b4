namespace Tophalf.Simulation;

/// <summary>
/// Evenly spaced, as a traffic generator at line rate sends. The gap is kept to 2^-64 ps and what a whole picosecond cuts off is carried
/// to the next gap, so that the process does not drift: 14 880 952.38 packets/s are 14 880 952 after a second.
/// </summary>
public sealed class ConstantArrivals : ArrivalProcess
{
    private readonly long _wholePs;
    private readonly ulong _fraction;
    private ulong _carried;

    public ConstantArrivals(double ratePerSecond)
    {
        MeanGapPs = GapOfRate(ratePerSecond);
        _wholePs = (long)MeanGapPs;
        _fraction = (ulong)((MeanGapPs - _wholePs) * (1UL << 32) * (1UL << 32));
    }

    public override double MeanGapPs { get; }

    public override long NextGapPs(RandomStream random)
    {
        ulong sum = _carried + _fraction;
        long carry = sum < _carried ? 1 : 0;
        _carried = sum;
        return _wholePs + carry;
    }
}
