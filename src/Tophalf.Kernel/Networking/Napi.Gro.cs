namespace Tophalf.Kernel.Networking;

/// <summary>
/// The end of a poll where GRO holds segments (net/core/dev.c, napi_complete_done and __napi_poll): they go up, each at its cost, before the context is complete. With
/// gro_flush_timeout those of the present jiffy stay, and a timer will poll once more; the interrupt is armed meanwhile, so that a stream that goes on is merged further.
/// </summary>
public sealed partial class Napi
{
    private bool _isFlushing, _flushesOldOnly, _isBusyTurn;
    private long _flushJiffies;

    // A timer is to follow because segments were held at the end of the poll.
    private bool _holds;

    internal GroList Gro { get; } = new();

    /// <summary>True when something goes up. A turn of a busy-polling loop leaves all where it is.</summary>
    private bool BeginFlush(long nowPs)
    {
        if (_isBusyTurn) return false;
        bool completes = Work < _budget || PrefersBusyPoll;
        _holds = completes && Work > 0 && GroFlushTimeoutPs > 0 && _enabled;
        _flushesOldOnly = completes ? _holds || Defers : Kernel.Hz >= 1000;
        _flushJiffies = Kernel.Jiffies(nowPs);
        _isFlushing = Gro.TryPeekFlush(_flushesOldOnly, _flushJiffies, out _);
        return _isFlushing;
    }

    private long PlanFlush(long nowPs)
    {
        if (!_inPacket)
        {
            // An interrupt came at the very end: what there was is gone, and nobody has asked yet whether there is more.
            if (!HasToFlush) return nowPs;
            _packetPs = _flushesXdp ? _device.RedirectFlushPs(Cpu, _vector.Index) : NextUpPs();
            _inPacket = true;
        }
        (_planned, _done) = (1, 0);
        return nowPs + _packetPs;
    }

    private bool HasToFlush => _flushesXdp ? HasToHandOver : Gro.TryPeekFlush(_flushesOldOnly, _flushJiffies, out _);

    private long NextUpPs()
    {
        _ = Gro.TryPeekFlush(_flushesOldOnly, _flushJiffies, out SkBuff skb);
        return _device.UpPs(skb, _vector.Index, Cpu);
    }

    private bool FlushGoesOn(long nowPs)
    {
        if (!_flushesXdp) return _isFlushing = Gro.TryPeekFlush(_flushesOldOnly, _flushJiffies, out _);
        _isFlushing = _flushesXdp = false;
        return Gro.Count > 0 && BeginFlush(nowPs);
    }

    private void AdvanceFlush(long fromPs, long toPs)
    {
        if (!_inPacket) return;
        if (_packetPs > toPs - fromPs)
        {
            _packetPs -= toPs - fromPs;
            return;
        }
        _inPacket = false;
        _done = 1;
        if (_flushesXdp) _device.FlushRedirected(Cpu, _vector.Index, fromPs + _packetPs);
        else _device.GoUp(Gro.TakeFlushed(_flushesOldOnly, _flushJiffies), _vector.Index, Cpu, fromPs + _packetPs);
    }
}
