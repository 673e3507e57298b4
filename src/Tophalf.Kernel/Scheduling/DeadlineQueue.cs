namespace Tophalf.Kernel.Scheduling;

/// <summary>SCHED_DEADLINE of one processor: earliest deadline first, and a timer for each task that is throttled (kernel/sched/deadline.c).</summary>
internal sealed class DeadlineQueue(Cpu cpu)
{
    private readonly List<KernelTask> _tasks = []; // by deadline, rising

    public int Count => _tasks.Count;
    public IReadOnlyList<KernelTask> Tasks => _tasks;

    /// <summary>Tasks that want to run and may not before their next period.</summary>
    public int Throttled { get; private set; }

    public KernelTask? Pick() => _tasks.Count == 0 ? null : _tasks[0];

    /// <summary>Woken, or moved here. A task that is throttled stays out until its timer comes.</summary>
    public void Enqueue(KernelTask task, long nowPs)
    {
        DeadlineEntity entity = task.Deadline!;
        if (entity.IsThrottled)
        {
            Throttled++;
            return;
        }
        entity.Wake(nowPs);
        Insert(task);
    }

    private void Insert(KernelTask task)
    {
        int at = _tasks.FindIndex(other => other.Deadline!.DeadlinePs > task.Deadline!.DeadlinePs);
        _tasks.Insert(at < 0 ? _tasks.Count : at, task);
    }

    public void Dequeue(KernelTask task)
    {
        if (task.Deadline!.IsThrottled) Throttled--;
        else _tasks.Remove(task);
    }

    /// <summary>update_curr_dl: the running task is throttled if its runtime is used up. True if so; it may be so already, and nobody could take the processor from it.</summary>
    public bool ThrottleIfSpent(KernelTask current, long nowPs)
    {
        DeadlineEntity entity = current.Deadline!;
        if (entity.IsThrottled || entity.LeftPs > 0) return entity.IsThrottled;
        Dequeue(current);
        entity.IsThrottled = true;
        Throttled++;
        cpu.Tick.Start(new HrTimer(on => Replenish(current, on), HrTimerMode.Hard), Math.Max(entity.NextPeriodPs, nowPs), nowPs);
        return true;
    }

    /// <summary>dl_task_offline_migration: a task that waits for its next period does so on another processor.</summary>
    public void MoveThrottled(KernelTask task, Cpu to)
    {
        Throttled--;
        to.Runqueue.Deadline.Throttled++;
        task.Cpu = to;
    }

    /// <summary>dl_task_timer.</summary>
    private void Replenish(KernelTask task, Cpu on)
    {
        DeadlineEntity entity = task.Deadline!;
        entity.IsThrottled = false;
        entity.Replenish(on.LocalPs);
        if (task.IsSleeping) return;
        DeadlineQueue queue = task.Cpu.Runqueue.Deadline; // its processor may have gone meanwhile
        queue.Throttled--;
        queue.Insert(task);
        task.Cpu.CheckPreempt(task, on.LocalPs);
    }

    public static bool IsBefore(KernelTask a, KernelTask b) => a.Deadline!.DeadlinePs < b.Deadline!.DeadlinePs;
}
