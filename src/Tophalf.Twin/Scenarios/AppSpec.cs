using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Twin.Scenarios;

/// <summary>How received packets are shared out among the threads of an application.</summary>
public enum AppSpread
{
    /// <summary>Every flow has its thread.</summary>
    Flow,

    /// <summary>A packet goes to the thread on the CPU that received it.</summary>
    Cpu,

    /// <summary>A flow has the thread of its receive queue (SO_INCOMING_NAPI_ID, memcached -N).</summary>
    Napi,
}

/// <summary>The application behind a socket: threads that receive datagrams and work on each.</summary>
public sealed record AppSpec
{
    public required int Threads { get; init; }

    /// <summary>CPUs the threads may run on, ascending.</summary>
    public required IReadOnlyList<int> Cpus { get; init; }

    /// <summary>The threads go where the scheduler puts them; else each is pinned to one of <see cref="Cpus"/>, in turn.</summary>
    public bool Roams { get; init; }

    /// <summary>Work per datagram in picoseconds; null: app_work of the cost set.</summary>
    public long? WorkPs { get; init; }

    public PolicySpec Policy { get; init; }
    public AppSpread Spread { get; init; }

    /// <summary>Length of the frame sent in answer to every datagram, FCS included; null: the application does not answer.</summary>
    public int? ReplyBytes { get; init; }

    /// <summary>
    /// What answers are longer than <see cref="ReplyBytes"/>, drawn for each flow from a generalized Pareto distribution of this scale and shape, and cut at
    /// <see cref="LongestDrawnReply"/>; a scale of 0: nothing.
    /// </summary>
    public int ReplyScaleBytes { get; init; }
    public double ReplyShape { get; init; }

    /// <summary>What one call hands to a card that segments (gso_max_size).</summary>
    public const int LongestReply = 65_536;

    /// <summary>One Ethernet frame, as in the published row that draws them (S13), which was fitted so.</summary>
    public const int LongestDrawnReply = 1518;

    /// <summary>How its threads wait, and poll before they sleep.</summary>
    public WaitSettings Wait { get; init; } = new(WaitCall.Receive);

    /// <summary>Datagrams the socket of one thread holds before it drops.</summary>
    public int SocketDatagrams { get; init; } = 256;
}

/// <summary>A scheduling policy and what goes with it (sched(7)).</summary>
/// <param name="Policy">Fair, unless said otherwise.</param>
/// <param name="Priority">1 to 99 for Fifo and RoundRobin.</param>
/// <param name="Nice">-20 to 19 for Fair and Batch.</param>
/// <param name="Promised">Runtime, deadline and period, for Deadline.</param>
public readonly record struct PolicySpec(SchedulingPolicy Policy, int Priority = 0, int Nice = 0, DeadlineParameters? Promised = null)
{
    public static PolicySpec Fifo(int priority) => new(SchedulingPolicy.Fifo, priority);
}
