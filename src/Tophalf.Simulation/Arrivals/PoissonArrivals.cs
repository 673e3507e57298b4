namespace Tophalf.Simulation;

/// <summary>Independent arrivals: exponential gaps, so that the count in any interval has a Poisson distribution.</summary>
public sealed class PoissonArrivals(double ratePerSecond) : ArrivalProcess
{
    private readonly double _meanGapPs = GapOfRate(ratePerSecond);

    public override double MeanGapPs => _meanGapPs;

    public override long NextGapPs(RandomStream random) => ToPs(random.NextExponential() * _meanGapPs);
}
