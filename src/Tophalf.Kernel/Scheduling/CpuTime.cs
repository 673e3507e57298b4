using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>The classes of processor time, in the order of the columns of /proc/stat (fs/proc/stat.c).</summary>
public enum CpuClass { User, Nice, System, Idle, IoWait, Irq, Softirq, Steal, Guest, GuestNice }

/// <summary>Where one processor's time went. Every picosecond is accounted once, to one class.</summary>
public sealed class CpuTime
{
    public const int Classes = 10;

    private readonly long[] _ps = new long[Classes];

    public long this[CpuClass cls] => _ps[(int)cls];

    /// <summary>All that has been accounted; equal to the clock whenever the processor has been brought up to date.</summary>
    public long TotalPs { get; private set; }

    public void Add(CpuClass cls, long ps)
    {
        _ps[(int)cls] += ps;
        TotalPs += ps;
    }

    /// <summary>USER_HZ ticks (1/100 s), as /proc/stat prints them.</summary>
    public long Ticks(CpuClass cls) => _ps[(int)cls] / (SimTime.Second / 100);
}
