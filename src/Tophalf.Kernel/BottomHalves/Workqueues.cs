using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// queue_work and its relatives (kernel/workqueue.c), the pools of workers, and the workqueues every kernel has. What must wait (flush, cancel_work_sync)
/// comes as a <see cref="Sleep"/> for code that sleeps, and as a call at the end for code that does not.
/// </summary>
public sealed class Workqueues
{
    /// <summary>The nice value of high-priority workers and of rescuers.</summary>
    internal const int HighPriNice = -20;

    /// <summary>WQ_DFL_ACTIVE; WQ_MAX_ACTIVE is twice that.</summary>
    private const int DefaultMaxActive = 256;

    private readonly Kernel _kernel;
    private readonly WorkerPool[] _bound, _boundHighPri;
    private readonly WorkerPool[] _unboundOfCpu, _unboundHighPriOfCpu;
    private readonly List<WorkerPool> _pools = [];
    private readonly List<Workqueue> _all = [];
    private readonly Dictionary<string, long> _cpuIntensive = [];

    internal Workqueues(Kernel kernel)
    {
        _kernel = kernel;
        // Numbers are given per processor, to the two pools of softirq context and then to the two of threads; those without a processor come last.
        int id = 0;
        _bound = new WorkerPool[kernel.CpuCount];
        _boundHighPri = new WorkerPool[kernel.CpuCount];
        foreach (Cpu cpu in kernel.Cpus)
        {
            id += BottomHalfPools;
            CpuMask only = CpuMask.Of(cpu.Id);
            _bound[cpu.Id] = Add(new WorkerPool(kernel, id++, cpu, only, isHighPri: false));
            _boundHighPri[cpu.Id] = Add(new WorkerPool(kernel, id++, cpu, only, isHighPri: true));
        }
        _unboundOfCpu = UnboundPools(isHighPri: false, ref id);
        _unboundHighPriOfCpu = UnboundPools(isHighPri: true, ref id);
        foreach (WorkerPool pool in _pools) pool.AddWorker();
        Events = Alloc("events");
        HighPri = Alloc("events_highpri", WorkqueueFlags.HighPri);
        Long = Alloc("events_long");
        Unbound = Alloc("events_unbound", WorkqueueFlags.Unbound, 2 * DefaultMaxActive);
        BottomHalf = Alloc("events_bh", WorkqueueFlags.BottomHalf);
        BottomHalfHighPri = Alloc("events_bh_highpri", WorkqueueFlags.BottomHalf | WorkqueueFlags.HighPri);
    }

    private const int BottomHalfPools = 2;

    /// <summary>system_wq, system_highpri_wq, system_long_wq and system_unbound_wq.</summary>
    public Workqueue Events { get; }
    public Workqueue HighPri { get; }
    public Workqueue Long { get; }
    public Workqueue Unbound { get; }

    /// <summary>system_bh_wq and system_bh_highpri_wq: their functions run in softirq context and must not sleep (since Linux 6.9).</summary>
    public Workqueue BottomHalf { get; }
    public Workqueue BottomHalfHighPri { get; }

    public IReadOnlyList<Workqueue> All => _all;

    /// <summary>Items of all workqueues ever queued, through, cancelled, and waiting or running now.</summary>
    public long Queued => _all.Sum(workqueue => workqueue.Queued);
    public long Through => _all.Sum(workqueue => workqueue.Through);
    public long Cancelled => _all.Sum(workqueue => workqueue.Cancelled);

    /// <summary>Counted where they are, not where they come and go: in the lists and at the workers.</summary>
    public long InFlight => _all.Sum(workqueue => workqueue.Inactive + (workqueue.Rescuer?.Held ?? 0)) + _pools.Sum(pool => pool.Worklist.Count)
        + Workers.Sum(worker => worker.Held) + _kernel.Cpus.Sum(cpu => cpu.Softirqs.TaskletsOf(high: false).Work.Held + cpu.Softirqs.TaskletsOf(high: true).Work.Held);

    /// <summary>All kworker threads, pool by pool, without the rescuers.</summary>
    public IEnumerable<WorkerThread> Workers => _pools.SelectMany(pool => pool.Workers);

    /// <summary>No memory for a new worker: kthread_create fails, and only rescuers help.</summary>
    public bool IsShortOfMemory { get; set; }

    /// <summary>workqueue.cpu_intensive_thresh_us.</summary>
    public long CpuIntensiveThresholdPs { get; set; } = 10 * SimTime.Millisecond;

    private WorkerPool Add(WorkerPool pool)
    {
        _pools.Add(pool);
        return pool;
    }

    /// <summary>One pool for each group of processors that share a cache (affinity scope "cache"), here a socket.</summary>
    private WorkerPool[] UnboundPools(bool isHighPri, ref int id)
    {
        var ofCpu = new WorkerPool[_kernel.CpuCount];
        foreach (CpuMask node in _kernel.Layout.Nodes)
        {
            WorkerPool pool = Add(new WorkerPool(_kernel, id++, null, Housekeeping(node), isHighPri));
            foreach (int cpu in node) ofCpu[cpu] = pool;
        }
        return ofCpu;
    }

    /// <summary>wq_unbound_cpumask: not the processors that isolcpus= and nohz_full= set apart; where a group has no others, those of other groups.</summary>
    private CpuMask Housekeeping(CpuMask group)
    {
        CpuMask apart = _kernel.TickParameters.NoHzFull.Or(_kernel.Isolation.Domain), kept = CpuMask.FirstCpus(_kernel.CpuCount).AndNot(apart);
        CpuMask near = group.AndNot(apart);
        return near.IsEmpty ? kept.IsEmpty ? group : kept : near;
    }

    // ---- workqueues ------------------------------------------------------------------------------------------------------------

    /// <summary>alloc_workqueue; <paramref name="maxActive"/> 0 is the default.</summary>
    public Workqueue Alloc(string name, WorkqueueFlags flags = WorkqueueFlags.None, int maxActive = 0)
    {
        maxActive = (flags & WorkqueueFlags.Ordered) != 0 ? 1 : maxActive == 0 ? DefaultMaxActive : Math.Min(maxActive, 2 * DefaultMaxActive);
        var workqueue = new Workqueue(name, flags, maxActive, Link);
        if (workqueue.Has(WorkqueueFlags.MemReclaim))
        {
            workqueue.Rescuer = new Rescuer(_kernel, name);
            _kernel.AddTask(workqueue.Rescuer, _kernel.ThisCpu);
        }
        _all.Add(workqueue);
        return workqueue;
    }

    /// <summary>alloc_ordered_workqueue: unbound, one function at a time.</summary>
    public Workqueue AllocOrdered(string name, WorkqueueFlags flags = WorkqueueFlags.None) => Alloc(name, flags | WorkqueueFlags.Unbound | WorkqueueFlags.Ordered);

    private PoolWorkqueue[] Link(Workqueue workqueue)
    {
        bool highPri = workqueue.Has(WorkqueueFlags.HighPri);
        if (workqueue.Has(WorkqueueFlags.Ordered))
        {
            var only = new PoolWorkqueue(workqueue, (highPri ? _unboundHighPriOfCpu : _unboundOfCpu)[0]);
            return [.. Enumerable.Repeat(only, _kernel.CpuCount)];
        }
        IEnumerable<WorkPool> pools =
            workqueue.Has(WorkqueueFlags.BottomHalf) ? _kernel.Cpus.Select(cpu => cpu.Softirqs.TaskletsOf(highPri).Work)
            : workqueue.Has(WorkqueueFlags.Unbound) ? highPri ? _unboundHighPriOfCpu : _unboundOfCpu
            : highPri ? _boundHighPri : _bound;
        Dictionary<WorkPool, PoolWorkqueue> links = pools.Distinct().ToDictionary(pool => pool, pool => new PoolWorkqueue(workqueue, pool));
        return [.. pools.Select(pool => links[pool])];
    }

    // ---- queueing --------------------------------------------------------------------------------------------------------------

    /// <summary>schedule_work: on the processor that calls, in "events".</summary>
    public bool Schedule(WorkStruct work) => Queue(Events, work);

    /// <summary>queue_work: false when the item is pending already.</summary>
    public bool Queue(Workqueue workqueue, WorkStruct work) => QueueOn(_kernel.ThisCpu, workqueue, work);

    /// <summary>queue_work_on: for a bound workqueue, that processor's workers.</summary>
    public bool QueueOn(Cpu cpu, Workqueue workqueue, WorkStruct work)
    {
        if (work.IsPending || work.DisableDepth > 0) return false;
        if (work.MaySleep && workqueue.Has(WorkqueueFlags.BottomHalf)) throw new ArgumentException($"{work.FunctionName} sleeps, and {workqueue.Name} runs in softirq context", nameof(work));
        work.IsPending = true;
        Insert(cpu, workqueue, work);
        return true;
    }

    /// <summary>__queue_work: an item that runs now is queued where it runs, so that it never runs twice at once.</summary>
    private void Insert(Cpu cpu, Workqueue workqueue, WorkStruct work)
    {
        _kernel.Spend(_kernel.Costs.QueueWork);
        PoolWorkqueue pwq = work.Current is { } running && running.Workqueue == workqueue ? running.Pwq : workqueue.PwqOf(cpu.Id);
        pwq.Insert(work);
    }

    /// <summary>schedule_delayed_work: queued when jiffies has grown by <paramref name="delayJiffies"/>; at once for 0.</summary>
    public bool ScheduleDelayed(DelayedWork delayed, long delayJiffies) => QueueDelayed(Events, delayed, delayJiffies);

    /// <summary>queue_delayed_work.</summary>
    public bool QueueDelayed(Workqueue workqueue, DelayedWork delayed, long delayJiffies)
    {
        if (delayed.Work.IsPending || delayed.Work.DisableDepth > 0) return false;
        delayed.Work.IsPending = true;
        StartDelay(workqueue, delayed, delayJiffies);
        return true;
    }

    /// <summary>mod_delayed_work: the delay begins anew; true if the item was pending.</summary>
    public bool ModDelayed(Workqueue workqueue, DelayedWork delayed, long delayJiffies)
    {
        bool wasPending = CancelDelayed(delayed);
        if (delayed.Work.DisableDepth > 0) return wasPending;
        delayed.Work.IsPending = true;
        StartDelay(workqueue, delayed, delayJiffies);
        return wasPending;
    }

    private void StartDelay(Workqueue workqueue, DelayedWork delayed, long delayJiffies)
    {
        if (delayJiffies == 0)
        {
            Insert(_kernel.ThisCpu, workqueue, delayed.Work);
            return;
        }
        delayed.Expired = () => Insert(_kernel.ThisCpu, workqueue, delayed.Work);
        _kernel.Timers.ModTimer(delayed.Timer, _kernel.JiffiesNow + delayJiffies);
    }

    // ---- cancelling and flushing -----------------------------------------------------------------------------------------------

    /// <summary>cancel_work: true if the item was pending; a function that runs goes on.</summary>
    public bool Cancel(WorkStruct work)
    {
        if (work.Node is null) return false;
        work.IsPending = false;
        work.Pwq!.Remove(work);
        work.NoteIdle();
        return true;
    }

    /// <summary>cancel_delayed_work.</summary>
    public bool CancelDelayed(DelayedWork delayed)
    {
        if (!_kernel.Timers.DelTimer(delayed.Timer)) return Cancel(delayed.Work);
        delayed.Work.IsPending = false;
        return true;
    }

    /// <summary>
    /// cancel_work_sync: true if the item was pending. Until a function that runs is through, the item cannot be queued; then
    /// <paramref name="through"/> is called, at once if none runs.
    /// </summary>
    public bool CancelSync(WorkStruct work, Action? through = null)
    {
        bool wasPending = Cancel(work);
        AtRest(work, through);
        return wasPending;
    }

    /// <summary>cancel_delayed_work_sync.</summary>
    public bool CancelDelayedSync(DelayedWork delayed, Action? through = null)
    {
        bool wasPending = CancelDelayed(delayed);
        AtRest(delayed.Work, through);
        return wasPending;
    }

    private static void AtRest(WorkStruct work, Action? through)
    {
        if (work.Current is null)
        {
            through?.Invoke();
            return;
        }
        work.DisableDepth++;
        work.Idle += () => work.DisableDepth--;
        work.Idle += through;
    }

    /// <summary>flush_work: until the item is neither pending nor running.</summary>
    public Sleep Flush(WorkStruct work) => Sleep.Until(over =>
    {
        if (work.IsBusy) work.Idle += over;
        return work.IsBusy;
    });

    /// <summary>flush_workqueue: until everything queued there before now is through.</summary>
    public Sleep Flush(Workqueue workqueue) => Sleep.Until(workqueue.Flush);

    // ---- work that computes for long -------------------------------------------------------------------------------------------

    /// <summary>wq_cpu_intensive_report: said from the fourth time on, at every power of two.</summary>
    internal void ReportCpuIntensive(WorkStruct work, long nowPs)
    {
        long times = _cpuIntensive[work.FunctionName] = _cpuIntensive.GetValueOrDefault(work.FunctionName) + 1;
        if (times < 4 || !long.IsPow2(times)) return;
        _kernel.Log(nowPs, $"workqueue: {work.FunctionName} hogged CPU for >{CpuIntensiveThresholdPs / SimTime.Microsecond}us {times} times, consider switching to WQ_UNBOUND");
    }
}
