using Tophalf.Linux;

namespace Tophalf.Advisor.Observations;

/// <summary>A network interface with interrupts. What ethtool was not asked or refused is null.</summary>
/// <param name="Lines">All its lines.</param>
public sealed record ObservedInterface(string Name, IReadOnlyList<ObservedLine> Lines)
{
    public string? Driver { get; init; }

    /// <summary>Packets received and those the card or driver dropped, between the moments (/proc/net/dev).</summary>
    public long RxPackets { get; init; }
    public long RxDropped { get; init; }

    /// <summary>ethtool -c, -l, -g and -x.</summary>
    public EthtoolSection? Coalesce { get; init; }
    public EthtoolSection? Channels { get; init; }
    public EthtoolSection? Rings { get; init; }
    public EthtoolSection? FlowTable { get; init; }

    /// <summary>The driver answered ethtool -l that it has nothing to say, as those of cards with one queue do.</summary>
    public bool HasNoChannels { get; init; }

    /// <summary>NUMA node of its slot; null or −1 for none.</summary>
    public int? Node { get; init; }

    /// <summary>Lines of its receive queues.</summary>
    public IReadOnlyList<ObservedLine> Queues => [.. Lines.Where(line => line.Queue is { IsReceive: true })];

    /// <summary>Queues in use and at most, as ethtool -l counts them: combined, or where there are none, receive queues.</summary>
    public (long Now, long Most)? QueueCounts
    {
        get
        {
            foreach (string kind in (string[])["Combined", "RX"])
            {
                if (Channels?[kind]?.Number is > 0 and { } now && Channels.Maximum(kind)?.Number is > 0 and { } most)
                    return (now, most);
            }
            return null;
        }
    }

    public long Interrupts => Lines.Sum(line => line.Count);

    public long? RxUsecs => Coalesce?["rx-usecs"]?.Number;

    /// <summary>The command that spaces its interrupts; null where ethtool answers for this card, but has no moderation to show.</summary>
    public string? FewerInterrupts => RxUsecs is null && (Rings is not null || Channels is not null || HasNoChannels) ? null : SetRxUsecs(50);

    /// <summary>What is left where the card itself can do nothing: other processors take the packets after the driver's part.</summary>
    public string SpreadInSoftware => $"take load off the CPU that polls {Name}, or spread its flows with RPS (/sys/class/net/{Name}/queues/rx-0/rps_cpus)";

    public bool IsAdaptive => Coalesce?["adaptive-rx"]?.Text == "on";

    /// <summary>The command that sets a delay for good: some drivers take none while moderation is adaptive, others change it again.</summary>
    public string SetRxUsecs(int usecs) => $"ethtool -C {Name} {(IsAdaptive ? "adaptive-rx off " : "")}rx-usecs {usecs}";

    /// <summary>The command that gives the card so many queues.</summary>
    public string SetQueues(long queues) => $"ethtool -L {Name} {(Channels?["Combined"]?.Number is > 0 || Channels is null ? "combined" : "rx")} {queues}";

    /// <summary>The command that gives every CPU a queue; null where the card has as many as it can use, or does not say.</summary>
    public string? MoreQueues(int cpus) => QueueCounts is var (now, most) && Math.Min(most, cpus) is var best && now < best ? SetQueues(best) : null;
}
