using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking;

/// <summary>What XDP adds to a poll: a ring more to clean up, frames that were redirected and leave at the end (xdp_do_flush), and processes that ask for one.</summary>
public sealed partial class Napi
{
    private bool _flushesXdp;
    private KickEvent? _kick;

    private int CleanXdp(Cpu cpu, long nowPs)
    {
        int completed = _vector.XdpTx.Completed(nowPs);
        _vector.XdpTx.Clean(completed);
        _device.CleanedXdp(_vector.Index, completed, cpu, nowPs);
        return completed;
    }

    private bool BeginXdpFlush() => _isFlushing = _flushesXdp = true;

    /// <summary>Whoever polls, or has polled last, has done by now what its time allows.</summary>
    internal void SyncPoller(long nowPs) => Cpu?.Sync(nowPs);

    /// <summary>A task that polls, and has been brought up to now, finds something that its next turns were not planned with.</summary>
    internal void DisturbPoller(long nowPs) => _vector.Watcher?.Invoke(nowPs);

    /// <summary>The end of a poll has something to hand over, though no packet came.</summary>
    internal bool HasToHandOver => _device.HasRedirected(Cpu, _vector.Index);

    /// <summary>
    /// ndo_xsk_wakeup(): a poll that runs is followed by another; else a register write has the device interrupt.
    /// </summary>
    internal void WakeUp(long nowPs)
    {
        if (!_enabled) return;
        if (IsScheduled) IsMissed = true;
        else Kernel.Events.Schedule(_kick ??= new KickEvent(this) { Rank = _device.KickRank + _vector.Index }, nowPs + Kernel.Costs.DeviceWrite);
    }

    /// <summary>The driver's register write that has an entry raised by software, when it reaches the device.</summary>
    private sealed class KickEvent(Napi napi) : SimEvent
    {
        protected override void Fire(long nowPs)
        {
            if (napi._enabled) napi._vector.Interrupt(nowPs);
        }
    }
}
