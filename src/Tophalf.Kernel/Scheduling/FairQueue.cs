namespace Tophalf.Kernel.Scheduling;

/// <summary>The fair class of one processor: which of the tasks that share it by weight runs next, and when it gives way. Releases differ in how they decide.</summary>
internal abstract class FairQueue
{
    // The running task stays in the list; so does one that sleeps and still owes.
    private protected List<KernelTask> Queued { get; } = [];

    /// <summary>Tasks that want to run.</summary>
    public int Runnable { get; private protected set; }

    /// <summary>Tasks in the queue, those included that sleep and still owe.</summary>
    public int Count => Queued.Count;

    /// <summary>The queue, for whoever looks for a task to move.</summary>
    public IReadOnlyList<KernelTask> Tasks => Queued;

    /// <summary>The sum of the weights of what wants to run: what balancing compares.</summary>
    public long RunnableLoad
    {
        get
        {
            long load = 0;
            foreach (KernelTask task in Queued) load += task.Fair.IsDelayed ? 0 : task.Fair.Weight;
            return load;
        }
    }

    /// <summary>enqueue_task_fair: woken, moved here, or new.</summary>
    /// <param name="task">The task.</param>
    /// <param name="isNew">Just forked.</param>
    public abstract void Enqueue(KernelTask task, bool isNew);

    /// <summary>dequeue_task_fair.</summary>
    /// <param name="task">The task.</param>
    /// <param name="sleeps">It does not leave for another processor or class.</param>
    public abstract void Dequeue(KernelTask task, bool sleeps);

    /// <summary>migrate_task_rq_fair: a task that went to sleep here wakes on another processor.</summary>
    public abstract void Leave(KernelTask task);

    /// <summary>pick_task_fair: the next to run, or null.</summary>
    /// <param name="current">The task on the processor, where it goes on wanting it.</param>
    public abstract KernelTask? Pick(KernelTask? current);

    /// <summary>set_next_entity: the task gets the processor.</summary>
    public abstract void SetNext(KernelTask task);

    /// <summary>update_curr: the task has run. True when somebody else should have the processor.</summary>
    public abstract bool UpdateCurrent(KernelTask current);

    /// <summary>entity_tick: the same at a tick.</summary>
    public abstract bool Tick(KernelTask current);

    /// <summary>check_preempt_wakeup_fair: does the woken task take the processor from the running one?</summary>
    public bool ShouldPreempt(KernelTask woken, KernelTask current)
    {
        bool currentIdles = current.Policy == SchedulingPolicy.Idle, wokenIdles = woken.Policy == SchedulingPolicy.Idle;
        if (currentIdles && !wokenIdles) return true;
        return currentIdles == wokenIdles && woken.Policy == SchedulingPolicy.Fair && Preempts(woken, current);
    }

    private protected abstract bool Preempts(KernelTask woken, KernelTask current);
}
