namespace Tophalf.Kernel.Scheduling.Delays;

/// <summary>What a processor did with a stretch of time, as somebody who waits for it sees it.</summary>
public enum Occupation
{
    /// <summary>Nothing: what waits has not arrived yet.</summary>
    Halted,

    /// <summary>Coming back from an idle state.</summary>
    IdleExit,

    /// <summary>A hard interrupt.</summary>
    Hardirq,

    /// <summary>Softirqs behind an interrupt.</summary>
    Softirq,

    /// <summary>A task that could have been preempted.</summary>
    Task,

    /// <summary>A task with preemption disabled.</summary>
    PreemptionOff,

    /// <summary>A task with interrupts disabled.</summary>
    InterruptsOff,

    /// <summary>A context switch.</summary>
    Switch,

    /// <summary>The way of an interrupt through the processor to the kernel's entry code.</summary>
    Delivery,

    /// <summary>Nothing of its own: the host of the virtual machine had the core.</summary>
    Stolen,

    /// <summary>Longer ago than the record reaches.</summary>
    Unrecorded,
}

/// <summary>
/// The last stretches of one processor's time: what it did, and who had it. Neighbours of the same kind are one, so it does not show how work
/// was cut into slices.
/// </summary>
internal sealed class CpuTimeline
{
    private const int Capacity = 1024;

    private struct Stretch
    {
        public Occupation Kind;
        public object? Who;
        public long FromPs, ToPs;
    }

    private Stretch[]? _ring;
    private int _last = -1, _count;

    /// <summary>The processor did this from <paramref name="fromPs"/>, where the last stretch ended, to <paramref name="toPs"/>.</summary>
    public void Add(Occupation kind, object? who, long fromPs, long toPs)
    {
        if (fromPs == toPs) return;
        if (_ring is null)
        {
            // A processor that only idles has nothing to tell.
            if (kind == Occupation.Halted) return;
            _ring = new Stretch[Capacity];
        }
        if (_last >= 0)
        {
            ref Stretch last = ref _ring[_last];
            if (last.Kind == kind && ReferenceEquals(last.Who, who) && last.ToPs == fromPs)
            {
                last.ToPs = toPs;
                return;
            }
        }
        _last = (_last + 1) % Capacity;
        if (_count < Capacity) _count++;
        _ring[_last] = new Stretch { Kind = kind, Who = who, FromPs = fromPs, ToPs = toPs };
    }

    /// <summary>Adds up what happened between two moments into <paramref name="sum"/>; every picosecond falls to one cause.</summary>
    public void SumUp(long fromPs, long toPs, DelaySum sum)
    {
        long leftPs = toPs - fromPs;
        for (int i = 0; i < _count && leftPs > 0; i++)
        {
            ref Stretch stretch = ref _ring![(_last - i + Capacity) % Capacity];
            if (stretch.ToPs <= fromPs) break;
            long ps = Math.Min(stretch.ToPs, toPs) - Math.Max(stretch.FromPs, fromPs);
            if (ps <= 0) continue;
            sum.Add(stretch.Kind, stretch.Who, ps);
            leftPs -= ps;
        }
        if (leftPs > 0) sum.Add(_count == Capacity ? Occupation.Unrecorded : Occupation.Halted, null, leftPs);
    }
}
