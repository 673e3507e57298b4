using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>How a controller spaces its interrupts.</summary>
public enum ModerationKind
{
    /// <summary>A timer from the first packet that nobody was told of, or a count of packets, whichever comes first (mlx5, bnxt, virtio, e1000 RDTR).</summary>
    FromFirstPacket,

    /// <summary>
    /// A timer that every packet starts anew, or a count of packets: an interrupt when the burst has paused (mlx5 with cqe-mode-rx; T. Toukan, "net/mlx5e: CQE based
    /// moderation", Linux 4.8).
    /// </summary>
    FromLastPacket,

    /// <summary>A least gap between two interrupts: at once if the last one is old enough, else when the gap is over (Intel ITR and EITR).</summary>
    Throttle,
}

/// <summary>
/// Moderation of one direction of one vector: <c>rx-usecs</c>/<c>rx-frames</c> or their transmit twins. Zero means "not by this rule";
/// both zero means an interrupt for every packet that finds the vector armed.
/// </summary>
public readonly record struct Moderation(ModerationKind Kind, long DelayPs, int Frames)
{
    /// <summary>
    /// When the interrupt is due. <paramref name="firstPs"/> is the arrival of the first packet nobody was told of,
    /// <paramref name="nthPs"/> that of the packet number <see cref="Frames"/> (Never while it has not come), <paramref name="gapEndPs"/> the end of the gap
    /// that the throttle's counter keeps since the last interrupt. A new gap holds from the next interrupt on: drivers write it without resetting the counter.
    /// A timer that later packets start anew is for whoever sees them to follow (<see cref="QueueVector"/>).
    /// </summary>
    public long DuePs(long firstPs, long nthPs, long gapEndPs)
    {
        if (firstPs == SimTime.Never) return SimTime.Never;
        if (Kind == ModerationKind.Throttle) return Math.Max(firstPs, gapEndPs);
        if (DelayPs == 0) return Frames <= 1 ? firstPs : nthPs;
        long byTimer = firstPs + DelayPs;
        return Frames == 0 ? byTimer : Math.Min(byTimer, nthPs);
    }
}
