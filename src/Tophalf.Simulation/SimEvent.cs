namespace Tophalf.Simulation;

/// <summary>
/// Something that will happen at a moment of virtual time. It carries its own place in the <see cref="EventQueue"/>, so that scheduling
/// allocates nothing and cancelling needs no search. Make one per recurring thing (a timer, a device's message) and schedule it again and again.
/// </summary>
public abstract class SimEvent
{
    internal const int NotQueued = -1;

    internal int HeapIndex = NotQueued;
    internal long ScheduledPs = SimTime.Never;

    /// <summary>
    /// Place among events of the same moment, lower first, 0 to 2^24 - 1; equal ranks keep the order in which they were scheduled. An event whose
    /// place must not depend on when it was scheduled gets a rank of its own.
    /// </summary>
    public int Rank { get; set; }

    public bool IsScheduled => HeapIndex != NotQueued;

    /// <summary>The moment it is scheduled for; <see cref="SimTime.Never"/> while it is not.</summary>
    public long AtPs => IsScheduled ? ScheduledPs : SimTime.Never;

    /// <summary>It happens. The event has left the queue and may schedule itself again.</summary>
    /// <param name="nowPs">The moment it was scheduled for, which is now.</param>
    protected internal abstract void Fire(long nowPs);
}

/// <summary>An event that calls a function, for those who have no class of their own to derive.</summary>
public sealed class CallbackEvent(Action<long> callback) : SimEvent
{
    protected internal override void Fire(long nowPs) => callback(nowPs);
}
