using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Idle;

/// <summary>
/// Chooses an idle state as the menu governor does (drivers/cpuidle/governors/menu.c): the idle period will last until the next timer, or as long as the
/// last eight did if these resemble one another; the deepest state that pays for so long is taken.
/// </summary>
internal sealed class MenuGovernor(IReadOnlyList<IdleState> states)
{
    private const int Intervals = 8;

    /// <summary>Nothing has happened yet: as in Linux the first intervals are zero, and count.</summary>
    private readonly int[] _lastUs = new int[Intervals];
    private int _next;
    private bool _knowsAll;

    /// <param name="untilTimerPs">Time to the next timer.</param>
    /// <param name="disabled">States that are not to be taken; the shallowest of the others is the least that is. Where all are, the first is taken all the same, and that is polling.</param>
    public IdleState Choose(long untilTimerPs, ReadOnlySpan<bool> disabled)
    {
        long expectedPs = Math.Min(untilTimerPs, Typical());
        int best = 0;
        for (int i = 1; i < states.Count; i++)
        {
            if (!disabled[i] && (best == 0 || states[i].ResidencyPs <= expectedPs)) best = i;
        }
        return states[best];
    }

    /// <summary>menu_update: an idle period is over.</summary>
    public void Idled(long ps)
    {
        _lastUs[_next] = (int)Math.Min(ps / SimTime.Microsecond, int.MaxValue);
        _next = (_next + 1) % Intervals;
        _knowsAll |= _next == 0;
    }

    /// <summary>
    /// get_typical_interval: the mean, if the spread is small (a standard deviation of at most a sixth of it, or 20 us); else without the longest ones, as long
    /// as three quarters are left. Never if nothing is typical.
    /// </summary>
    private long Typical()
    {
        int limitUs = int.MaxValue;
        while (true)
        {
            Int128 sum = 0, squares = 0;
            int longestUs = 0, count = 0;
            foreach (int us in _lastUs)
            {
                if (us > limitUs) continue;
                sum += us;
                squares += (Int128)us * us;
                longestUs = Math.Max(longestUs, us);
                count++;
            }
            // Of pauses below a microsecond Linux learns by how far timers' distances are wrong (correction_factor); here they speak for themselves.
            if (longestUs == 0) return _knowsAll ? 0 : SimTime.Never;
            Int128 mean = sum / count, variance = squares / count - mean * mean;
            if (variance <= 400 || (variance * 36 < mean * mean && count * 4 >= Intervals * 3)) return (long)mean * SimTime.Microsecond;
            if (count * 4 <= Intervals * 3) return SimTime.Never;
            limitUs = longestUs - 1;
        }
    }
}
