namespace Tophalf.Twin.Scenarios;

/// <summary>How received packets are shared out among the threads of an application.</summary>
public enum AppSpread
{
    /// <summary>Every flow has its thread.</summary>
    Flow,

    /// <summary>A packet goes to the thread on the CPU that received it.</summary>
    Cpu,
}

/// <summary>The application behind a socket: threads that receive datagrams and work on each.</summary>
public sealed record AppSpec
{
    public required int Threads { get; init; }

    /// <summary>CPUs the threads may run on, ascending.</summary>
    public required IReadOnlyList<int> Cpus { get; init; }

    /// <summary>Work per datagram in picoseconds; null: app_work of the cost set.</summary>
    public long? WorkPs { get; init; }

    public SchedulingPolicy Policy { get; init; }
    public AppSpread Spread { get; init; }

    /// <summary>Length of the frame sent in answer to every datagram, FCS included; null: the application does not answer.</summary>
    public int? ReplyBytes { get; init; }

    /// <summary>Datagrams the socket of one thread holds before it drops.</summary>
    public int SocketDatagrams { get; init; } = 256;
}

/// <summary>A scheduling policy (sched(7)): the fair class, or SCHED_FIFO at a priority from 1 to 99.</summary>
public readonly record struct SchedulingPolicy
{
    /// <summary>0: fair.</summary>
    public int FifoPriority { get; private init; }

    public bool IsFifo => FifoPriority != 0;

    public static SchedulingPolicy Fair => default;

    /// <param name="priority">1 to 99.</param>
    public static SchedulingPolicy Fifo(int priority)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(priority, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, 99);
        return new SchedulingPolicy { FifoPriority = priority };
    }

    public override string ToString() => IsFifo ? $"fifo:{FifoPriority}" : "fair";
}
