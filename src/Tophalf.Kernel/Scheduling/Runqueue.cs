using Tophalf.Kernel.BottomHalves;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// The runnable tasks of one processor, class before class: deadline, real-time, fair (kernel/sched/core.c, pick_next_task). The running
/// task stays in its queue.
/// </summary>
public sealed class Runqueue
{
    /// <summary>sched_rr_timeslice, 100 ms.</summary>
    private const long RoundRobinPs = 100 * SimTime.Millisecond;

    private readonly Kernel _kernel;
    private readonly Cpu _cpu;
    private readonly FairServer? _server;
    private readonly RealTimeBandwidth? _bandwidth;
    private long _realTimePs, _idleSincePs = -1;
    private bool _isThrottled;
    private readonly int _roundRobinTicks;

    internal Runqueue(Kernel kernel, Cpu cpu)
    {
        _kernel = kernel;
        _cpu = cpu;
        _bandwidth = kernel.RealTimeBandwidth.IsEnforced ? kernel.RealTimeBandwidth : null;
        if (_bandwidth is null) _server = new FairServer(cpu, this);
        Fair = new Procfs.KernelProfile(kernel.Options.Release).HasEevdf ? new EevdfQueue(kernel.TickPs) : new CfsQueue(kernel.CpuCount);
        Capacity = new CpuCapacity(cpu);
        Deadline = new DeadlineQueue(cpu);
        _roundRobinTicks = (int)Math.Max(1, RoundRobinPs / kernel.TickPs);
        // sysctl_sched_base_slice: 0.7 ms scaled by 1 + log2(CPUs), at most 8 of them (kernel/sched/fair.c since 6.15).
        BaseSlicePs = 700 * SimTime.Microsecond * (1 + int.Log2(Math.Min(kernel.CpuCount, 8)));
    }

    internal FairQueue Fair { get; }
    internal CpuCapacity Capacity { get; }
    internal RealTimeQueue RealTime { get; } = new();
    internal DeadlineQueue Deadline { get; }

    /// <summary>What a fair task gets at a stretch that did not ask for another.</summary>
    public long BaseSlicePs { get; }

    /// <summary>The task on the processor; null while it idles.</summary>
    public KernelTask? Current { get; private set; }

    public int Runnable => Deadline.Count + RealTime.Count + Fair.Runnable;

    /// <summary>nr_running is 0; it counts tasks that owe, and not those that are throttled.</summary>
    internal bool IsEmpty => Deadline.Count + RealTime.Count + Fair.Tasks.Count == 0;
    internal int FairRunnable => Fair.Runnable;
    public long Switches { get; private set; }

    /// <summary>Wake-ups that ended here.</summary>
    public long Woken { get; private set; }
    public RunqueueStatistics Statistics { get; } = new();

    /// <summary>Tasks that run or want to here.</summary>
    public IEnumerable<KernelTask> Tasks => Deadline.Tasks.Concat(RealTime.Tasks).Concat(Fair.Tasks.Where(task => !task.Fair.IsDelayed));

    // ---- coming and going ----------------------------------------------------------------------------------------------------------

    /// <summary>activate_task, of a task that wakes: it is runnable here from now on.</summary>
    /// <param name="task">The task.</param>
    /// <param name="from">The processor that does it, if that is not this one.</param>
    internal void Enqueue(KernelTask task, Cpu? from = null)
    {
        bool isNew = task.Wakeups++ == 0;
        Woken++;
        task.IsSleeping = false;
        task.IsWaking = false;
        if (task.InIoWait)
        {
            task.InIoWait = false;
            task.Cpu.IoWait.Ends(_kernel.Events.NowPs);
        }
        if (task.Fair.IsDelayed && task.Cpu != _cpu) task.Cpu.Runqueue.Forget(task);
        Attach(task, isNew, from);
        NoteIdle(task.QueuedSincePs);
    }

    /// <summary>rq-&gt;avg_idle: how long it idles before a task wakes here, of late; a first guess of a millisecond, which is also the most.</summary>
    internal long AverageIdlePs { get; private set; } = LoadBalancer.LongestIdlePs;

    /// <summary>ttwu_do_activate: an eighth of what this idle period was above or below the average.</summary>
    private void NoteIdle(long nowPs)
    {
        if (_idleSincePs < 0) return;
        AverageIdlePs = Math.Min(AverageIdlePs + (Math.Max(0, nowPs - _idleSincePs) - AverageIdlePs) / 8, LoadBalancer.LongestIdlePs);
        _idleSincePs = -1;
    }

    /// <summary>attach_task: a runnable task comes from another processor, or wakes.</summary>
    internal void Attach(KernelTask task, bool isNew = false, Cpu? from = null)
    {
        long nowPs = _kernel.Events.NowPs;
        _cpu.SyncTask(nowPs);
        if (task.Cpu != _cpu) Move(task, nowPs);
        task.QueuedSincePs = Math.Max(_cpu.LocalPs, nowPs);
        if (Runnable == 1)
        {
            if (from is null) _cpu.Tick.TaskAdded(nowPs);
            else _cpu.Tick.Kick(from, nowPs);
        }
        Insert(task, nowPs, isNew, first: false);
        _cpu.Pressure.Changed(task.QueuedSincePs);
    }

    private void Insert(KernelTask task, long nowPs, bool isNew, bool first)
    {
        if (task.IsFair)
        {
            if (Current is { IsFair: true } current && current != task && Fair.UpdateCurrent(current)) _cpu.Reschedule(lazily: true);
            Fair.Enqueue(task, isNew);
            if (Current is { IsFair: false }) _server?.Start(nowPs);
        }
        else if (task.Policy == SchedulingPolicy.Deadline) Deadline.Enqueue(task, task.QueuedSincePs);
        else
        {
            if (task.RoundRobinTicks == 0) task.RoundRobinTicks = _roundRobinTicks;
            _kernel.RealTimeRunnable++;
            RealTime.Enqueue(task, first);
            _bandwidth?.Start(_cpu, nowPs);
        }
    }

    /// <summary>
    /// rt_mutex_setprio: waiters lend the task a priority, or take it back; it is queued by that from now on. Falling, it goes before others of the priority it falls to.
    /// </summary>
    /// <param name="task">A task of this processor, runnable or not.</param>
    /// <param name="lent">1 to 99, or 0.</param>
    /// <param name="by">The processor on which this happens.</param>
    internal void SetLentPriority(KernelTask task, int lent, Cpu by)
    {
        long nowPs = _kernel.Events.NowPs;
        bool falls = lent < task.LentPriority, isCurrent = ReferenceEquals(Current, task);
        if (task.IsSleeping || task.IsWaking)
        {
            if (task.Policy.IsFair()) Forget(task);
            task.LentPriority = lent;
            return;
        }
        _cpu.SyncTask(nowPs);
        Remove(task, sleeps: false);
        task.LentPriority = lent;
        Insert(task, nowPs, isNew: false, first: falls);
        if (isCurrent && task.IsFair) Fair.SetNext(task);
        if (isCurrent && falls) _cpu.Reschedule(lazily: false);
        else if (!isCurrent && _cpu != by)
        {
            CheckPreempt(task);
            if (_cpu.WantsReschedule) _kernel.SendReschedule(by, _cpu, Math.Max(by.LocalPs, nowPs));
        }
    }

    /// <summary>set_task_cpu. A poll where the task was may be under way, planned for a task that nobody else sees.</summary>
    private void Move(KernelTask task, long nowPs)
    {
        Cpu from = task.Cpu;
        from.Sync(nowPs);
        if (task.IsFair) from.Runqueue.Fair.Leave(task);
        task.Cpu = _cpu;
        task.RanUntilPs = 0;
        from.ReplanPoll(nowPs);
    }

    /// <summary>dequeue_task, of a task that goes to sleep.</summary>
    internal void Dequeue(KernelTask task) => Remove(task, sleeps: true);

    /// <summary>detach_task: a task that waits here goes to another processor.</summary>
    internal void Detach(KernelTask task)
    {
        long nowPs = _kernel.Events.NowPs;
        _cpu.SyncTask(nowPs);
        Remove(task, sleeps: false);
        _cpu.Pressure.Changed(nowPs);
    }

    private void Remove(KernelTask task, bool sleeps)
    {
        if (task.IsFair) Fair.Dequeue(task, sleeps);
        else if (task.Policy == SchedulingPolicy.Deadline) Deadline.Dequeue(task);
        else
        {
            RealTime.Dequeue(task);
            _kernel.RealTimeRunnable--;
        }
    }

    /// <summary>A task that sleeps is to leave nothing here, not even what it owes.</summary>
    internal void Forget(KernelTask task)
    {
        if (!task.Fair.IsDelayed) return;
        _cpu.SyncTask(_kernel.Events.NowPs);
        Fair.Dequeue(task, sleeps: false);
    }

    /// <summary>
    /// balance_push, for everything at once: the processor goes, so what waits here goes elsewhere, and the threads that belong to it sleep until it is back. Only the stop
    /// task, which does this, stays.
    /// </summary>
    internal void PushAll(long nowPs)
    {
        _server?.Stop(nowPs);
        foreach (KernelTask task in (KernelTask[])[.. Deadline.Tasks, .. RealTime.Tasks, .. Fair.Tasks])
        {
            if (task.IsSleeping) Forget(task);
            else if (task is SoftirqThread or Rcu.RcuCoreThread) Park(task);
            else if (!ReferenceEquals(task, Current)) _kernel.Push(task, _cpu, _kernel.Selection.Fallback(task), nowPs);
        }
        foreach (KernelTask task in _kernel.Tasks)
        {
            if (task.Cpu == _cpu && task.Deadline is { IsThrottled: true }) Deadline.MoveThrottled(task, _kernel.Selection.Fallback(task));
        }
    }

    /// <summary>kthread_park.</summary>
    private void Park(KernelTask task)
    {
        task.IsSleeping = true;
        Detach(task);
    }

    // ---- choosing ------------------------------------------------------------------------------------------------------------------

    internal Work PickNext(long nowPs)
    {
        KernelTask? previous = Current;
        if (previous is { IsSleeping: false, IsFair: true }) Fair.UpdateCurrent(previous);
        ThrottleIfSpent(nowPs);
        if (_kernel.RealTimeRunnable > RealTime.Count) PullRealTime(nowPs);
        KernelTask? best = Pick(previous);
        if (best is null)
        {
            _idleSincePs = nowPs;
            _kernel.Balancer.NewIdle(_cpu, nowPs);
            best = Pick(previous);
            if (best is not null) _idleSincePs = -1;
        }
        if (_kernel.HasSchedStats) Statistics.Schedules++;
        Current = best;
        _cpu.Pressure.Changed(nowPs);
        if (best != previous) Switch(previous, best, nowPs);
        if (best is null)
        {
            if (_kernel.HasSchedStats) Statistics.GoesIdle++;
            return _cpu.Idle;
        }
        if (Fair.Runnable > 0 && !best.IsFair) _server?.Start(nowPs);
        return best;
    }

    private KernelTask? Pick(KernelTask? previous)
    {
        if (Deadline.Pick() is { } urgent) return urgent;
        KernelTask? running = previous is { IsSleeping: false } ? previous : null;
        if (RealTime.Count == 0 || IsServerRunning && Fair.Runnable > 0 || IsRealTimeHeldBack) return Fair.Pick(running);
        return RealTime.Pick();
    }

    /// <summary>pull_rt_task: a real-time task that waits elsewhere and goes before all that is here.</summary>
    private void PullRealTime(long nowPs)
    {
        if (Deadline.Count > 0) return;
        KernelTask? best = null;
        foreach (Cpu other in _kernel.Cpus)
        {
            if (other == _cpu) continue;
            foreach (KernelTask task in other.Runqueue.RealTime.Tasks)
            {
                if (ReferenceEquals(other.Runqueue.Current, task) || task.IsMigrationDisabled || !task.Allowed.Contains(_cpu.Id)) continue;
                if (task.EffectivePriority <= (best?.EffectivePriority ?? RealTime.HighestPriority)) continue;
                // Woken by an interrupt whose code is still ahead of the clock: it is there to be seen only then.
                if (task.QueuedSincePs > nowPs) _cpu.LookAgain(task.QueuedSincePs);
                else best = task;
            }
        }
        if (best is null || !_kernel.ActiveMask.Contains(_cpu.Id)) return;
        best.Cpu.Runqueue.Detach(best);
        best.Migrations++;
        Attach(best);
    }

    /// <summary>push_rt_tasks: real-time tasks that wait behind the one that runs go where they go before what runs, the highest first.</summary>
    private void PushRealTime(KernelTask next, long nowPs)
    {
        for (int i = 0; i < RealTime.Count; i++)
        {
            KernelTask task = RealTime.Tasks[i];
            if (ReferenceEquals(task, next) || task.Allowed.Count == 1 || task.IsMigrationDisabled) continue;
            Cpu target = _kernel.Selection.Lowest(task, task.Allowed.And(_kernel.ActiveMask).Without(_cpu.Id), _cpu);
            if (target == _cpu) continue;
            _kernel.Push(task, _cpu, target, nowPs);
            i--;
        }
    }

    private void Switch(KernelTask? previous, KernelTask? next, long nowPs)
    {
        if (previous is { IsSleeping: false }) previous.QueuedSincePs = nowPs;
        if (previous is not null && previous.Cpu == _cpu) previous.RanUntilPs = nowPs;
        if (next is not null && RealTime.Count > (next.IsRealTime ? 1 : 0)) PushRealTime(next, nowPs);
        if (next is null) return;
        next.AddOverhead(_kernel.Costs.ContextSwitch);
        Switches++;
        long waitedPs = Math.Max(0, nowPs - next.QueuedSincePs);
        next.Arrived(waitedPs);
        Statistics.RunDelayPs += waitedPs;
        Statistics.Arrivals++;
        if (next.IsFair) Fair.SetNext(next);
    }

    /// <summary>wakeup_preempt: should this task, which became runnable here, have the processor before the one that runs?</summary>
    internal void CheckPreempt(KernelTask woken)
    {
        if (Current is not { } current)
        {
            _cpu.Reschedule(lazily: false);
            return;
        }
        if (ReferenceEquals(woken, current)) return;
        int order = ClassOf(woken) - ClassOf(current);
        if (order == 0 && woken.IsFair)
        {
            if (Fair.ShouldPreempt(woken, current)) _cpu.Reschedule(lazily: true);
            return;
        }
        bool isBefore = order != 0 ? order < 0
            : woken.Policy == SchedulingPolicy.Deadline ? DeadlineQueue.IsBefore(woken, current)
            : woken.EffectivePriority > current.EffectivePriority;
        if (isBefore && !(woken.IsRealTime && (IsServerRunning || IsRealTimeHeldBack))) _cpu.Reschedule(lazily: false);
    }

    private static int ClassOf(KernelTask task) => task.Policy == SchedulingPolicy.Deadline ? 0 : task.IsRealTime ? 1 : 2;

    /// <summary>sched_tick: the running task's class looks whether its turn is over.</summary>
    internal void TickCurrent(long nowPs)
    {
        if (Current is not { } current) return;
        if (current.IsFair)
        {
            if (Fair.Tick(current)) _cpu.Reschedule(lazily: true);
            _server?.ThrottleIfSpent(nowPs);
        }
        else if (current.Policy == SchedulingPolicy.Deadline)
        {
            if (Deadline.ThrottleIfSpent(current, nowPs)) _cpu.Reschedule(lazily: false);
        }
        else if (ThrottleIfSpent(nowPs)) _cpu.Reschedule(lazily: false);
        else if (RealTime.TickRoundRobin(current, _roundRobinTicks)) _cpu.Reschedule(lazily: false);
    }

    // ---- real-time tasks that have had their share -----------------------------------------------------------------------------------

    private bool IsServerRunning => _server is { IsRunning: true };

    /// <summary>Throttled; the stop class, which is queued with them here, is not meant.</summary>
    private bool IsRealTimeHeldBack => _isThrottled && RealTime.HighestPriority <= Policies.HighestRtPriority;

    /// <summary>Time of real-time and deadline tasks.</summary>
    internal long UrgentPs { get; private set; }

    /// <summary>A task that goes before all fair ones used the processor.</summary>
    internal void ChargeUrgent(KernelTask task, long ps)
    {
        UrgentPs += ps;
        if (task.IsRealTime) _realTimePs += ps;
        else task.Deadline?.Charge(ps);
    }

    /// <summary>sched_rt_runtime_exceeded: true from when the share is used up until the next period.</summary>
    private bool ThrottleIfSpent(long nowPs)
    {
        if (_bandwidth is null || _isThrottled || _bandwidth.RuntimePs < 0 || _realTimePs <= _bandwidth.RuntimePs) return _isThrottled;
        _isThrottled = true;
        _kernel.LogOnce(nowPs, "sched: RT throttling activated");
        return true;
    }

    /// <summary>A period begins. False if nothing has run or wants to, so that nobody needs the next one.</summary>
    internal bool ForgiveRealTime(Cpu by)
    {
        long runtimePs = _bandwidth!.RuntimePs;
        _realTimePs = runtimePs < 0 ? 0 : Math.Max(0, _realTimePs - runtimePs);
        if (_isThrottled && (runtimePs < 0 || _realTimePs < runtimePs))
        {
            _isThrottled = false;
            if (RealTime.Count > 0 && Current is not { IsRealTime: true })
            {
                _cpu.Reschedule(lazily: false);
                if (_cpu != by) _kernel.SendReschedule(by, _cpu, by.LocalPs);
            }
        }
        return RealTime.Count > 0 || _realTimePs > 0;
    }

    /// <summary>A fair task used the processor.</summary>
    internal void ChargeServer(long ps) => _server?.Charge(ps);
}
