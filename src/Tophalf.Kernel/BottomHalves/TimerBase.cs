using System.Numerics;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// One timer wheel (kernel/time/timer.c, struct timer_base). Levels of 64 buckets, each level eight times as coarse as the one below; a timer is put
/// once into the bucket that is due at or after its expiry, and never moves. So it is late by less than one granule of its level, and never early.
/// </summary>
internal sealed class TimerBase
{
    private const int LevelBits = 6, LevelSize = 1 << LevelBits, LevelMask = LevelSize - 1;
    private const int ClockShift = 3, ClockDivisor = 1 << ClockShift, ClockMask = ClockDivisor - 1;
    private const long MaxDelta = (1L << 30) - 1;

    private readonly int _depth;
    private readonly TimerList?[] _buckets;
    private readonly ulong[] _pending;
    private bool _recalculate;

    /// <param name="cpu">Whose wheel it is.</param>
    /// <param name="hz">CONFIG_HZ: above 100 the wheel has nine levels, else eight.</param>
    /// <param name="nowJiffies">jiffies at boot.</param>
    public TimerBase(Cpu cpu, int hz, long nowJiffies)
    {
        Cpu = cpu;
        _depth = hz > 100 ? 9 : 8;
        _buckets = new TimerList?[_depth * (LevelSize + 1)];
        _pending = new ulong[_depth];
        Clock = nowJiffies;
        NextExpiry = nowJiffies + MaxDelta;
    }

    public Cpu Cpu { get; }

    /// <summary>The jiffy this wheel has been turned to.</summary>
    public long Clock { get; private set; }

    /// <summary>The jiffy at which the next bucket is due; far away when none is.</summary>
    public long NextExpiry { get; private set; }

    /// <summary>Timers waiting in buckets.</summary>
    public int Count { get; private set; }

    /// <summary>The timer whose function runs (or its time passes).</summary>
    public TimerList? Running { get; set; }

    private static int Shift(int level) => level * ClockShift;
    private static long LevelStart(int level) => (long)(LevelSize - 1) << (level - 1) * ClockShift;

    /// <summary>The longest time the wheel can hold; timers beyond it expire then.</summary>
    private long TimeoutMax => LevelStart(_depth) - (1L << Shift(_depth - 1));

    /// <summary>calc_wheel_index: the bucket for an expiry, and the jiffy at which that bucket is due.</summary>
    public int IndexOf(long expires, out long bucketExpiry)
    {
        long delta = expires - Clock;
        if (delta < 0)
        {
            bucketExpiry = Clock;
            return (int)(Clock & LevelMask);
        }
        int level = 0;
        while (level < _depth - 1 && delta >= LevelStart(level + 1)) level++;
        if (delta >= LevelStart(_depth)) expires = Clock + TimeoutMax;
        long granule = (expires >> Shift(level)) + 1;
        bucketExpiry = granule << Shift(level);
        return level * LevelSize + (int)(granule & LevelMask);
    }

    /// <summary>forward_timer_base: a wheel nobody turned while its processor idled catches up, as far as no bucket becomes due.</summary>
    public void Forward(long nowJiffies)
    {
        if (nowJiffies > Clock) Clock = NextExpiry > nowJiffies ? nowJiffies : Math.Max(Clock, NextExpiry);
    }

    /// <summary>Puts the timer in; true if it is now the first to expire.</summary>
    public bool Add(TimerList timer)
    {
        int bucket = IndexOf(timer.Expires, out long bucketExpiry);
        timer.Base = this;
        timer.Bucket = bucket;
        timer.Previous = null;
        timer.Next = _buckets[bucket];
        if (timer.Next is { } next) next.Previous = timer;
        _buckets[bucket] = timer;
        _pending[bucket >> LevelBits] |= 1UL << (bucket & LevelMask);
        Count++;
        if (bucketExpiry >= NextExpiry) return false;
        NextExpiry = bucketExpiry;
        _recalculate = false;
        return true;
    }

    /// <summary>detach_timer.</summary>
    public void Remove(TimerList timer)
    {
        if (timer.Previous is { } previous) previous.Next = timer.Next;
        else
        {
            _buckets[timer.Bucket] = timer.Next;
            if (timer.Next is null && timer.Bucket < _depth * LevelSize)
            {
                _pending[timer.Bucket >> LevelBits] &= ~(1UL << (timer.Bucket & LevelMask));
                _recalculate = true;
            }
        }
        if (timer.Next is { } next) next.Previous = timer.Previous;
        timer.Next = timer.Previous = null;
        timer.Bucket = -1;
        Count--;
    }

    /// <summary>migrate_timer_list for all buckets.</summary>
    public void MoveTo(TimerBase other, long nowJiffies)
    {
        other.Forward(nowJiffies);
        for (int bucket = 0; bucket < _buckets.Length; bucket++)
        {
            while (_buckets[bucket] is { } timer)
            {
                Remove(timer);
                other.Add(timer);
            }
        }
    }

    /// <summary>
    /// collect_expired_timers: takes out the buckets that are due next, one of each level at most. False when none is due by
    /// <paramref name="nowJiffies"/>; true with nothing to expire if the timers were deleted meanwhile.
    /// </summary>
    public bool Collect(long nowJiffies)
    {
        if (nowJiffies < Clock || nowJiffies < NextExpiry) return false;
        long clock = Clock = NextExpiry;
        for (int level = 0; level < _depth; level++)
        {
            int bucket = level * LevelSize + (int)(clock & LevelMask);
            if ((_pending[level] >> (bucket & LevelMask) & 1) != 0) TakeOut(bucket, level);
            if ((clock & ClockMask) != 0) break;
            clock >>= ClockShift;
        }
        Clock++;
        FindNextExpiry();
        return true;
    }

    private void TakeOut(int bucket, int level)
    {
        int expired = ExpiredBucket(level);
        _buckets[expired] = _buckets[bucket];
        _buckets[bucket] = null;
        _pending[level] &= ~(1UL << (bucket & LevelMask));
        for (TimerList? timer = _buckets[expired]; timer is not null; timer = timer.Next) timer.Bucket = expired;
    }

    /// <summary>Behind the wheel's own buckets each level has one for the timers taken out, which may still be deleted there.</summary>
    private int ExpiredBucket(int level) => _depth * LevelSize + level;

    /// <summary>The next of the timers taken out: coarse levels first, and of a bucket the one armed last.</summary>
    public TimerList? TakeExpired()
    {
        for (int level = _depth - 1; level >= 0; level--)
        {
            if (_buckets[ExpiredBucket(level)] is not { } timer) continue;
            Remove(timer);
            return timer;
        }
        return null;
    }

    /// <summary>The jiffy at which the next bucket is due, with deleted timers left out.</summary>
    public long Recalculate()
    {
        if (_recalculate) FindNextExpiry();
        return NextExpiry;
    }

    /// <summary>timer_recalc_next_expiry: the first pending bucket of each level, as far as a coarser one can be due before it.</summary>
    private void FindNextExpiry()
    {
        _recalculate = false;
        NextExpiry = Clock + MaxDelta;
        long clock = Clock;
        for (int level = 0; level < _depth; level++)
        {
            int distance = NextPending(level, (int)(clock & LevelMask));
            int inGroup = (int)(clock & ClockMask);
            if (distance >= 0)
            {
                NextExpiry = Math.Min(NextExpiry, clock + distance << Shift(level));
                if (distance <= (ClockDivisor - inGroup & ClockMask)) break;
            }
            clock = (clock >> ClockShift) + (inGroup != 0 ? 1 : 0);
        }
    }

    /// <summary>How many buckets ahead of this one the next pending one of the level is, going round; -1 for none.</summary>
    private int NextPending(int level, int from)
    {
        ulong ahead = BitOperations.RotateRight(_pending[level], from);
        return ahead == 0 ? -1 : BitOperations.TrailingZeroCount(ahead);
    }
}
