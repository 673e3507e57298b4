namespace Tophalf.Kernel.BottomHalves;

/// <summary>WQ_*: what a workqueue is allocated with (include/linux/workqueue.h), with the kernel's values.</summary>
[Flags]
public enum WorkqueueFlags : uint
{
    None = 0,

    /// <summary>Its functions run in softirq context.</summary>
    BottomHalf = 0x1,

    /// <summary>Workers of any processor of a group of processors that share a cache; no concurrency management.</summary>
    Unbound = 0x2,
    Freezable = 0x4,

    /// <summary>Has a rescuer: a thread that works when no worker can be made for want of memory.</summary>
    MemReclaim = 0x8,
    HighPri = 0x10,

    /// <summary>Its functions do not hold others of their pool back while they run.</summary>
    CpuIntensive = 0x20,
    Sysfs = 0x40,
    PowerEfficient = 0x80,

    /// <summary>__WQ_ORDERED: one function at a time, in the order of queueing.</summary>
    Ordered = 0x2_0000,
}

/// <summary>A workqueue (kernel/workqueue.c): a name, rules, and for each pool its part there.</summary>
public sealed class Workqueue
{
    private readonly PoolWorkqueue[] _byCpu;
    private readonly SortedDictionary<long, int> _inFlight = [];
    private readonly List<(long Color, Action Flushed)> _flushers = [];
    private long _color;

    internal Workqueue(string name, WorkqueueFlags flags, int maxActive, Func<Workqueue, PoolWorkqueue[]> link)
    {
        Name = name;
        Flags = flags;
        MaxActive = maxActive;
        _byCpu = link(this);
    }

    public string Name { get; }
    public WorkqueueFlags Flags { get; }

    /// <summary>Functions of this queue that may be at work at once, on each processor or, of an unbound queue, altogether.</summary>
    public int MaxActive { get; }

    internal Rescuer? Rescuer { get; set; }
    internal bool Has(WorkqueueFlags flag) => (Flags & flag) != 0;
    internal PoolWorkqueue PwqOf(int cpu) => _byCpu[cpu];

    /// <summary>Items that wait because max_active is reached.</summary>
    internal int Inactive => _byCpu.Distinct().Sum(pwq => pwq.Inactive.Count);

    /// <summary>Items ever queued, through, and cancelled.</summary>
    public long Queued { get; private set; }
    public long Through { get; private set; }
    public long Cancelled { get; private set; }

    internal void Begin(WorkStruct work)
    {
        Queued++;
        work.Color = _color;
        _inFlight[_color] = _inFlight.GetValueOrDefault(_color) + 1;
    }

    internal void End(long color, bool cancelled)
    {
        if (cancelled) Cancelled++;
        else Through++;
        if (--_inFlight[color] > 0) return;
        _inFlight.Remove(color);
        for (int i = 0; i < _flushers.Count; i++)
        {
            if (Waits(_flushers[i].Color)) continue;
            Action flushed = _flushers[i].Flushed;
            _flushers.RemoveAt(i--);
            flushed();
        }
    }

    /// <summary>Whatever was queued before now is one color; true if <paramref name="flushed"/> will be called when all of it is through.</summary>
    internal bool Flush(Action flushed)
    {
        long color = _color++;
        if (!Waits(color)) return false;
        _flushers.Add((color, flushed));
        return true;
    }

    private bool Waits(long color) => _inFlight.Count > 0 && _inFlight.Keys.First() <= color;
}

/// <summary>struct pool_workqueue: a workqueue's part for one pool of workers, with what waits because max_active is reached.</summary>
internal sealed class PoolWorkqueue(Workqueue workqueue, WorkPool pool)
{
    public Workqueue Workqueue { get; } = workqueue;
    public WorkPool Pool { get; } = pool;
    public int Active { get; private set; }
    public LinkedList<WorkStruct> Inactive { get; } = new();

    /// <summary>The rescuer has been called here.</summary>
    public bool HasMayday { get; set; }

    public void Insert(WorkStruct work)
    {
        Workqueue.Begin(work);
        work.Pwq = this;
        if (Inactive.Count == 0 && Active < Workqueue.MaxActive) Activate(work);
        else
        {
            work.IsInactive = true;
            work.Node = Inactive.AddLast(work);
        }
    }

    private void Activate(WorkStruct work)
    {
        Active++;
        work.IsInactive = false;
        work.Node = Pool.Worklist.AddLast(work);
        Pool.Kick();
    }

    /// <summary>try_to_grab_pending: takes it out of whichever list it waits in.</summary>
    public void Remove(WorkStruct work)
    {
        work.Node!.List!.Remove(work.Node);
        work.Node = null;
        bool wasActive = !work.IsInactive;
        work.IsInactive = false;
        Done(work.Color, wasActive, cancelled: true);
    }

    /// <summary>pwq_dec_nr_in_flight.</summary>
    public void Done(long color, bool wasActive, bool cancelled)
    {
        if (wasActive)
        {
            Active--;
            if (Inactive.First is { } first && Active < Workqueue.MaxActive)
            {
                Inactive.Remove(first);
                Activate(first.Value);
            }
        }
        Workqueue.End(color, cancelled);
    }
}
