using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>Packets found no free receive descriptor.</summary>
internal sealed class RingDrops() : Rule(new RuleCard(
    "ring-drops",
    "A card drops what finds no free receive descriptor. A longer ring bridges a burst; where the CPU that polls the ring is always busy, only more queues on more CPUs help.",
    $"Any drop of the receive side between two moments; from {ErrorPct} % of the packets on an error.",
    "net/core/dev.c dev_get_stats (rx_missed_errors); Documentation/networking/scaling.rst",
    Part.NetDev, Part.Interrupts, Part.Rates))
{
    /// <summary>From this share of all packets on the loss is an error rather than a burst.</summary>
    private const double ErrorPct = 1;

    private const double SaturatedPct = 90;

    public override IEnumerable<Finding> Look(Observation seen) => seen.Interfaces.Where(device => device.RxDropped > 0).Select(device => Found(seen, device));

    private Finding Found(Observation seen, ObservedInterface device)
    {
        long offered = device.RxPackets + device.RxDropped;
        double lost = Wording.Percent(device.RxDropped, offered);
        var evidence = new List<Evidence> { new("/proc/net/dev", $"{device.Name} receive drop {Wording.Count(device.RxDropped)} of {Wording.Count(offered)} packets") };
        ObservedLine? busiest = device.Queues.MaxBy(queue => Poller(seen, queue)?.BusyPct ?? 0) ?? device.Lines.MaxBy(line => line.Count);
        ObservedCpu? poller = busiest is null ? null : Poller(seen, busiest);
        if (busiest is not null && poller is not null)
        {
            evidence.Add(new Evidence("/proc/interrupts", $"{busiest.Label} of {device.Name} is polled on CPU {poller.Cpu}"));
            evidence.Add(new Evidence("/proc/stat", $"CPU {poller.Cpu} busy {Wording.Pct(poller.BusyPct)}, softirq {Wording.Pct(poller.SoftirqPct)}"));
        }
        string? queues = device.MoreQueues(seen.Cpus.Count);
        string? ring = device.Rings is { } rings && rings.Maximum("RX")?.Number is { } most && rings["RX"]?.Number < most ? $"ethtool -G {device.Name} rx {most}" : null;
        string?[] remedies = poller?.BusyPct > SaturatedPct ? [queues, ring] : [ring, queues];
        string[] said = [.. remedies.OfType<string>()];
        return Found(
            lost >= ErrorPct ? Severity.Error : Severity.Warning,
            $"{device.Name} dropped {seen.PerSecond(device.RxDropped)} for want of a free descriptor, {FormattableString.Invariant($"{lost:0.##}")} % of those that came.",
            evidence,
            said.Length > 0 ? said : ["ring and queues are at their most: take load off the polling CPU, or spread flows with RPS (/sys/class/net/" + device.Name + "/queues/rx-0/rps_cpus)"]);
    }

    private static ObservedCpu? Poller(Observation seen, ObservedLine queue) => queue.Target(seen.Cpus) is { } cpu ? seen.CpuTime(cpu) : null;
}
