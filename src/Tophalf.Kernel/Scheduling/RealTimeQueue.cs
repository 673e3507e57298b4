namespace Tophalf.Kernel.Scheduling;

/// <summary>SCHED_FIFO and SCHED_RR of one processor (kernel/sched/rt.c): a list for each priority, and the first of the highest runs.</summary>
internal sealed class RealTimeQueue
{
    private readonly List<KernelTask> _tasks = []; // by priority, falling; within one in the order of their turn

    public int Count => _tasks.Count;
    public IReadOnlyList<KernelTask> Tasks => _tasks;

    /// <summary>The highest priority that wants to run; 0 for none.</summary>
    public int HighestPriority => _tasks.Count == 0 ? 0 : _tasks[0].EffectivePriority;

    /// <summary>Behind the others of its priority, or before them.</summary>
    public void Enqueue(KernelTask task, bool first = false)
    {
        int priority = task.EffectivePriority + (first ? 1 : 0);
        int at = _tasks.FindIndex(other => other.EffectivePriority < priority);
        _tasks.Insert(at < 0 ? _tasks.Count : at, task);
    }

    public void Dequeue(KernelTask task) => _tasks.Remove(task);

    public KernelTask? Pick() => _tasks.Count == 0 ? null : _tasks[0];

    /// <summary>task_tick_rt: a round-robin task whose turn is over goes behind the others of its priority. True if there are any.</summary>
    public bool TickRoundRobin(KernelTask current, int sliceTicks)
    {
        if (current.Policy != SchedulingPolicy.RoundRobin || --current.RoundRobinTicks > 0) return false;
        current.RoundRobinTicks = sliceTicks;
        if (!_tasks.Exists(other => other != current && other.EffectivePriority == current.EffectivePriority)) return false;
        Dequeue(current);
        Enqueue(current);
        return true;
    }
}
