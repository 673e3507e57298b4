using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A card that waits from the first packet holds back traffic that comes one by one.</summary>
internal sealed class ModerationAtLowRate() : Rule(new RuleCard(
    "moderation-at-low-rate",
    "This card starts its timer at the first packet, so at a low rate every packet waits the whole of rx-usecs and saves no interrupt by it. Requests and answers then are that much slower; cards that only space interrupts (Intel's) do not have this cost.",
    $"rx-usecs is {NoticeableUs} or more and not adaptive, fewer than {FewPacketsPerInterrupt} packets come for an interrupt, at {LeastPerSecond} to {MostPerSecond:N0} packets a second.",
    "include/uapi/linux/ethtool.h struct ethtool_coalesce (rx_coalesce_usecs)",
    Part.Ethtool, Part.NetDev, Part.Interrupts, Part.Rates))
{
    private const long NoticeableUs = 8;
    private const double FewPacketsPerInterrupt = 1.5;
    private const double LeastPerSecond = 10;
    private const double MostPerSecond = 20_000;

    /// <summary>Drivers of cards whose register is the least gap between two interrupts.</summary>
    private static readonly string[] s_spacing = ["e1000", "e1000e", "igb", "igbvf", "igc", "ixgbe", "ixgbevf", "i40e", "iavf", "ice", "fm10k"];

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedInterface device in seen.Interfaces)
        {
            double rate = seen.Rate(device.RxPackets) ?? 0, each = device.RxPackets / (double)Math.Max(1, device.Queues.Sum(queue => queue.Count));
            if (device.RxUsecs is not >= NoticeableUs and { } || device.IsAdaptive || device.Driver is null || s_spacing.Contains(device.Driver)
                || each >= FewPacketsPerInterrupt || rate is < LeastPerSecond or > MostPerSecond)
                continue;
            yield return Found(
                Severity.Info,
                $"Each packet of {device.Name} waits {device.RxUsecs} us for company that does not come.",
                [
                    new Evidence($"ethtool -c {device.Name}", $"rx-usecs {device.RxUsecs}, adaptive-rx {device.Coalesce?["adaptive-rx"]?.Text ?? "n/a"}"),
                    new Evidence("/proc/net/dev", FormattableString.Invariant($"{seen.PerSecond(device.RxPackets)}, {each:0.00} for an interrupt")),
                ],
                $"ethtool -C {device.Name} rx-usecs 0");
        }
    }
}
