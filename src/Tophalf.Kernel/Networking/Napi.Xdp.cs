namespace Tophalf.Kernel.Networking;

/// <summary>What XDP adds to a poll: a ring more to clean up, and frames that were redirected and leave at the end (xdp_do_flush).</summary>
public sealed partial class Napi
{
    private bool _flushesXdp;

    private int CleanXdp(long nowPs)
    {
        int completed = _vector.XdpTx.Completed(nowPs);
        _vector.XdpTx.Clean(completed);
        return completed;
    }

    private bool BeginXdpFlush() => _isFlushing = _flushesXdp = true;
}
