namespace Tophalf.Simulation;

/// <summary>
/// Gaps whose logarithm is normal with standard deviation <c>sigma</c>: nearly even for small values, many short gaps and a few very long
/// ones for large. The coefficient of variation of the gaps is sqrt(exp(sigma^2) - 1), which is 1 (that of Poisson) at sigma 0.83.
/// </summary>
public sealed class LogNormalArrivals : ArrivalProcess
{
    /// <summary>Beyond this the mean lies so far in the tail that no run would meet it.</summary>
    public const double MaxSigma = 3;

    private readonly double _medianGapPs;
    private readonly double _sigma;

    public LogNormalArrivals(double ratePerSecond, double sigma)
    {
        if (!(sigma >= 0 && sigma <= MaxSigma))
        {
            throw new ArgumentOutOfRangeException(nameof(sigma), $"a sigma of {sigma}; write one from 0 to {MaxSigma}");
        }

        MeanGapPs = GapOfRate(ratePerSecond);
        _sigma = sigma;
        _medianGapPs = MeanGapPs * Portable.Exp(-sigma * sigma / 2);
    }

    public override double MeanGapPs { get; }

    public override long NextGapPs(RandomStream random) => ToPs(_medianGapPs * Portable.Exp(_sigma * random.NextNormal()));
}
