using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Processors;

/// <summary>
/// A performance counter that counts unhalted core cycles and raises the performance interrupt when it overflows (SDM 3B ch. 20). Cycles are told by the
/// time the core was not halted, since its frequency does not change here. It is not counted to: the overflow is looked for at the earliest moment it can
/// happen, and again as much later as the core was halted meanwhile.
/// </summary>
public sealed class CycleCounter : SimEvent
{
    /// <summary>Behind everything that may change what the core does at this moment, before the end of its slices.</summary>
    private const int CounterRank = (1 << 20) - (1 << 14);

    private readonly EventQueue _queue;
    private readonly LocalApic _apic;
    private readonly Func<long, long> _unhaltedPs;
    private long _overflowAtUnhaltedPs;

    /// <param name="queue">Whose time it runs in.</param>
    /// <param name="apic">The local APIC of its core; LVT performance says what an overflow becomes.</param>
    /// <param name="unhaltedPs">How long the core was not halted, from the start to the given moment, which is now.</param>
    public CycleCounter(EventQueue queue, LocalApic apic, Func<long, long> unhaltedPs)
    {
        _queue = queue;
        _apic = apic;
        _unhaltedPs = unhaltedPs;
        Rank = CounterRank + (int)apic.Id;
    }

    /// <summary>Overflows after <paramref name="periodPs"/> of unhalted time.</summary>
    public void Arm(long periodPs, long nowPs)
    {
        HasOverflowed = false;
        _overflowAtUnhaltedPs = _unhaltedPs(nowPs) + periodPs;
        _queue.Schedule(this, nowPs + periodPs);
    }

    public void Stop()
    {
        _queue.Cancel(this);
        HasOverflowed = false;
    }

    /// <summary>Its bit in IA32_PERF_GLOBAL_STATUS; arming clears it.</summary>
    public bool HasOverflowed { get; private set; }

    protected override void Fire(long nowPs)
    {
        long leftPs = _overflowAtUnhaltedPs - _unhaltedPs(nowPs);
        if (leftPs > 0)
        {
            _queue.Schedule(this, nowPs + leftPs);
        }
        else
        {
            HasOverflowed = true;
            _apic.RaiseLocal(LvtSource.Performance, nowPs);
        }
    }
}
