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
    private readonly FairServer _server;
    private readonly int _roundRobinTicks;

    internal Runqueue(Kernel kernel, Cpu cpu)
    {
        _kernel = kernel;
        _cpu = cpu;
        _server = new FairServer(cpu, this);
        Fair = new FairQueue(kernel.TickPs);
        Deadline = new DeadlineQueue(cpu);
        _roundRobinTicks = (int)Math.Max(1, RoundRobinPs / kernel.TickPs);
        // sysctl_sched_base_slice: 0.7 ms scaled by 1 + log2(CPUs), at most 8 of them (kernel/sched/fair.c since 6.15).
        BaseSlicePs = 700 * SimTime.Microsecond * (1 + int.Log2(Math.Min(kernel.CpuCount, 8)));
    }

    internal FairQueue Fair { get; }
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
    public RunqueueStatistics Statistics { get; } = new();

    internal IEnumerable<KernelTask> Tasks => Deadline.Tasks.Concat(RealTime.Tasks).Concat(Fair.Tasks.Where(task => !task.Fair.IsDelayed));

    // ---- coming and going ----------------------------------------------------------------------------------------------------------

    /// <summary>activate_task, of a task that wakes: it is runnable here from now on.</summary>
    /// <param name="task">The task.</param>
    /// <param name="from">The processor that does it, if that is not this one.</param>
    internal void Enqueue(KernelTask task, Cpu? from = null)
    {
        bool isNew = task.Wakeups++ == 0;
        task.IsSleeping = false;
        task.IsWaking = false;
        if (task.InIoWait)
        {
            task.InIoWait = false;
            task.Cpu.IoWait.Ends(_kernel.Events.NowPs);
        }
        if (task.Fair.IsDelayed && task.Cpu != _cpu) task.Cpu.Runqueue.Forget(task);
        Attach(task, isNew, from);
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
        if (task.Policy.IsFair())
        {
            if (Current is { } current && current.Policy.IsFair() && Fair.UpdateCurrent(current)) _cpu.Reschedule(lazily: true);
            Fair.Enqueue(task, isNew);
            if (Current is { } other && !other.Policy.IsFair()) _server.Start(nowPs);
        }
        else if (task.Policy == SchedulingPolicy.Deadline) Deadline.Enqueue(task, task.QueuedSincePs);
        else
        {
            if (task.RoundRobinTicks == 0) task.RoundRobinTicks = _roundRobinTicks;
            _kernel.RealTimeRunnable++;
            RealTime.Enqueue(task);
        }
        _cpu.Pressure.Changed(task.QueuedSincePs);
    }

    /// <summary>set_task_cpu. A poll where the task was may be under way, planned for a task that nobody else sees.</summary>
    private void Move(KernelTask task, long nowPs)
    {
        Cpu from = task.Cpu;
        from.Sync(nowPs);
        task.Cpu = _cpu;
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
        if (task.Policy.IsFair()) Fair.Dequeue(task, sleeps);
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
        _server.Stop(nowPs);
        foreach (KernelTask task in (KernelTask[])[.. Deadline.Tasks, .. RealTime.Tasks, .. Fair.Tasks])
        {
            if (task.IsSleeping) Forget(task);
            else if (task is SoftirqThread) Park(task);
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
        if (previous is { IsSleeping: false } && previous.Policy.IsFair()) Fair.UpdateCurrent(previous);
        if (_kernel.RealTimeRunnable > RealTime.Count) PullRealTime(nowPs);
        KernelTask? best = Pick(previous);
        if (best is null)
        {
            _kernel.Balancer.NewIdle(_cpu, nowPs);
            best = Pick(previous);
        }
        Statistics.Schedules++;
        Current = best;
        _cpu.Pressure.Changed(nowPs);
        if (best != previous) Switch(previous, best, nowPs);
        if (best is null)
        {
            Statistics.GoesIdle++;
            return _cpu.Idle;
        }
        if (Fair.Runnable > 0 && !best.Policy.IsFair()) _server.Start(nowPs);
        return best;
    }

    private KernelTask? Pick(KernelTask? previous)
    {
        if (Deadline.Pick() is { } urgent) return urgent;
        KernelTask? running = previous is { IsSleeping: false } ? previous : null;
        if (RealTime.Count == 0 || _server.IsRunning && Fair.Runnable > 0) return Fair.Pick(running);
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
                if (ReferenceEquals(other.Runqueue.Current, task) || !task.Allowed.Contains(_cpu.Id)) continue;
                if (task.RtPriority <= (best?.RtPriority ?? RealTime.HighestPriority)) continue;
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
            if (ReferenceEquals(task, next) || task.Allowed.Count == 1) continue;
            Cpu target = _kernel.Selection.Lowest(task, task.Allowed.And(_kernel.ActiveMask).Without(_cpu.Id), _cpu);
            if (target == _cpu) continue;
            _kernel.Push(task, _cpu, target, nowPs);
            i--;
        }
    }

    private void Switch(KernelTask? previous, KernelTask? next, long nowPs)
    {
        if (previous is { IsSleeping: false }) previous.QueuedSincePs = nowPs;
        if (next is not null && RealTime.Count > (next.Policy.IsRealTime() ? 1 : 0)) PushRealTime(next, nowPs);
        if (next is null) return;
        next.AddOverhead(_kernel.Costs.ContextSwitch);
        Switches++;
        long waitedPs = Math.Max(0, nowPs - next.QueuedSincePs);
        next.Arrived(waitedPs);
        Statistics.RunDelayPs += waitedPs;
        Statistics.Arrivals++;
        if (next.Policy.IsFair()) Fair.SetProtection(next);
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
        if (order == 0 && woken.Policy.IsFair())
        {
            if (Fair.ShouldPreempt(woken, current)) _cpu.Reschedule(lazily: true);
            return;
        }
        bool isBefore = order != 0 ? order < 0
            : woken.Policy == SchedulingPolicy.Deadline ? DeadlineQueue.IsBefore(woken, current)
            : woken.RtPriority > current.RtPriority;
        if (isBefore && !(_server.IsRunning && woken.Policy.IsRealTime())) _cpu.Reschedule(lazily: false);
    }

    private static int ClassOf(KernelTask task) => task.Policy == SchedulingPolicy.Deadline ? 0 : task.Policy.IsRealTime() ? 1 : 2;

    /// <summary>sched_tick: the running task's class looks whether its turn is over.</summary>
    internal void TickCurrent(long nowPs)
    {
        if (Current is not { } current) return;
        if (current.Policy.IsFair())
        {
            if (Fair.UpdateCurrent(current)) _cpu.Reschedule(lazily: true);
            _server.ThrottleIfSpent(nowPs);
        }
        else if (current.Policy == SchedulingPolicy.Deadline)
        {
            if (Deadline.ThrottleIfSpent(current, nowPs)) _cpu.Reschedule(lazily: false);
        }
        else if (RealTime.TickRoundRobin(current, _roundRobinTicks)) _cpu.Reschedule(lazily: false);
    }

    /// <summary>A fair task used the processor.</summary>
    internal void ChargeServer(long ps) => _server.Charge(ps);
}
