using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Idle;

/// <summary>
/// Chooses an idle state as the menu governor does (drivers/cpuidle/governors/menu.c): the idle period will last until the next timer, or as long as the
/// last eight did if these resemble one another; the deepest state that pays for so long is taken.
/// </summary>
internal sealed class MenuGovernor(IdleTable table)
{
    private const int Intervals = 8;

    private readonly long[] _lastPs = new long[Intervals];
    private int _next, _known;

    /// <param name="untilTimerPs">Time to the next timer.</param>
    /// <param name="disabled">States that are not to be taken; the shallowest of the others is the least that is.</param>
    public IdleState Choose(long untilTimerPs, ReadOnlySpan<bool> disabled)
    {
        long expectedPs = Math.Min(untilTimerPs, Typical());
        IReadOnlyList<IdleState> states = table.States;
        int best = -1;
        for (int i = 0; i < states.Count; i++)
        {
            if (!disabled[i] && (best < 0 || states[i].ResidencyPs <= expectedPs)) best = i;
        }
        return states[Math.Max(best, 0)];
    }

    /// <summary>menu_update: an idle period is over.</summary>
    public void Idled(long ps)
    {
        _lastPs[_next] = ps;
        _next = (_next + 1) % Intervals;
        _known = Math.Min(_known + 1, Intervals);
    }

    /// <summary>
    /// get_typical_interval: the mean, if the spread is small (a standard deviation of at most a sixth of it, or 20 us); else without the longest ones, as long
    /// as three quarters are left. Never if nothing is typical.
    /// </summary>
    private long Typical()
    {
        if (_known < Intervals) return SimTime.Never;
        long limitPs = long.MaxValue;
        while (true)
        {
            Int128 sum = 0, squares = 0;
            long longest = 0;
            int count = 0;
            foreach (long ps in _lastPs)
            {
                if (ps > limitPs) continue;
                long us = Math.Min(ps / SimTime.Microsecond, int.MaxValue);
                sum += us;
                squares += (Int128)us * us;
                longest = Math.Max(longest, ps);
                count++;
            }
            if (count * 4 < Intervals * 3) return SimTime.Never;
            Int128 mean = sum / count, variance = squares / count - mean * mean;
            if (variance <= 400 || variance * 36 < mean * mean) return (long)mean * SimTime.Microsecond;
            limitPs = longest - 1;
        }
    }
}
