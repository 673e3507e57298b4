using Tophalf.Simulation;

namespace Tophalf.Kernel;

/// <summary>A limit on messages: so many in each interval, which begins with the first (lib/ratelimit.c).</summary>
internal sealed class RateLimit(long intervalPs, int burst)
{
    private long _beginPs = SimTime.Never;
    private int _said;

    public bool Allows(long nowPs)
    {
        if (_beginPs == SimTime.Never || nowPs - _beginPs > intervalPs)
        {
            _beginPs = nowPs;
            _said = 0;
        }
        return _said++ < burst;
    }
}
