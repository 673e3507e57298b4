using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>The moderation changes though the traffic does not.</summary>
internal sealed class AdaptiveOscillates() : Rule(new RuleCard(
    "adaptive-oscillates",
    "Adaptive moderation that cannot settle swings between few and many interrupts under the same traffic, and latency swings with it. A fixed value for this load ends that.",
    $"adaptive-rx is on, and over samples in which the packet rate stays within {SteadyPct:0} % the interrupts for a packet change by a factor of {Swing} and turn direction {Turns} times.",
    "lib/dim/net_dim.c; drivers/net/ethernet/intel (ITR classes)",
    Part.Ethtool, Part.NetDev, Part.Interrupts, Part.Rates))
{
    private const double SteadyPct = 20;
    private const double Swing = 2;
    private const int Turns = 2;
    private const int FewestSamples = 5;
    private const long LeastPackets = 100;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedInterface device in seen.Interfaces.Where(device => device.IsAdaptive))
        {
            double[] ratios = Ratios(seen.Samples, device);
            if (ratios.Length < FewestSamples - 1 || ratios.Max() < Swing * ratios.Min() || CountTurns(ratios) < Turns)
                continue;
            yield return Found(
                Severity.Warning,
                FormattableString.Invariant($"The adaptive moderation of {device.Name} swings between {ratios.Min():0.00} and {ratios.Max():0.00} interrupts for a packet under steady traffic."),
                [
                    new Evidence($"ethtool -c {device.Name}", "adaptive-rx on"),
                    new Evidence("/proc/interrupts and /proc/net/dev", "interrupts for a packet, one sample after the other: " + string.Join(" ", ratios.Select(ratio => FormattableString.Invariant($"{ratio:0.00}")))),
                ],
                device.SetRxUsecs(50));
        }
    }

    /// <summary>Interrupts for a packet between each two samples; none where the traffic was not steady.</summary>
    private static double[] Ratios(IReadOnlyList<TrafficSample> samples, ObservedInterface device)
    {
        var rates = new List<double>();
        var ratios = new List<double>();
        foreach ((TrafficSample before, TrafficSample after) in samples.Zip(samples.Skip(1)))
        {
            long packets = after.Packets.GetValueOrDefault(device.Name) - before.Packets.GetValueOrDefault(device.Name);
            long interrupts = device.Lines.Sum(line => after.Interrupts.GetValueOrDefault(line.Irq) - before.Interrupts.GetValueOrDefault(line.Irq));
            if (packets < LeastPackets || interrupts <= 0 || after.AtNs <= before.AtNs)
                return [];
            rates.Add(packets * 1e9 / (after.AtNs - before.AtNs));
            ratios.Add(interrupts / (double)packets);
        }
        return rates.Count > 0 && rates.Max() - rates.Min() <= rates.Max() * SteadyPct / 100 ? [.. ratios] : [];
    }

    /// <summary>Changes from rising to falling or back, counting only steps that are more than noise.</summary>
    private static int CountTurns(double[] ratios)
    {
        int turns = 0, direction = 0;
        double last = ratios[0];
        foreach (double ratio in ratios)
        {
            int step = ratio > last * Math.Sqrt(Swing) ? 1 : ratio * Math.Sqrt(Swing) < last ? -1 : 0;
            if (step == 0)
                continue;
            turns += direction != 0 && step != direction ? 1 : 0;
            (direction, last) = (step, ratio);
        }
        return turns;
    }
}
