namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// struct work_struct: a function that a worker thread calls once per queueing, and never twice at the same time. Made by what the kernel calls INIT_WORK;
/// the work item is its own argument.
/// </summary>
public sealed class WorkStruct
{
    private readonly Action<WorkStruct>? _function;
    private readonly Func<WorkStruct, IEnumerable<Sleep>>? _sleeper;

    /// <param name="function">A function that does not sleep.</param>
    public WorkStruct(Action<WorkStruct> function) => _function = function;

    /// <param name="function">A function that sleeps at every <c>yield return</c>.</param>
    public WorkStruct(Func<WorkStruct, IEnumerable<Sleep>> function) => _sleeper = function;

    /// <summary>work_pending: queued, or waiting for its delay, and its function not begun.</summary>
    public bool IsPending { get; internal set; }

    /// <summary>Pending or running.</summary>
    public bool IsBusy => IsPending || Current is not null;

    /// <summary>Times its function was begun.</summary>
    public long Runs { get; private set; }

    internal bool MaySleep => _sleeper is not null;

    /// <summary>The function's name as messages show it.</summary>
    internal string FunctionName => (_function?.Method ?? _sleeper!.Method).Name;

    /// <summary>Its function's present run.</summary>
    internal WorkRun? Current { get; set; }

    /// <summary>Where it is queued, or was last: the workqueue's part for a pool.</summary>
    internal PoolWorkqueue? Pwq { get; set; }

    /// <summary>Its place in the pool's list, or among those that wait for max_active.</summary>
    internal LinkedListNode<WorkStruct>? Node { get; set; }
    internal bool IsInactive { get; set; }

    /// <summary>The flush this queueing belongs to.</summary>
    internal long Color { get; set; }

    /// <summary>Those who wait for it to be at rest.</summary>
    internal Action? Idle { get; set; }

    /// <summary>cancel_work_sync is waiting: it cannot be queued.</summary>
    internal int DisableDepth { get; set; }

    /// <summary>If it is at rest now, whoever waits for that goes on.</summary>
    internal void NoteIdle()
    {
        if (IsBusy) return;
        Action? idle = Idle;
        Idle = null;
        idle?.Invoke();
    }

    /// <summary>Calls the function, or its part up to the first sleep; the rest of it is returned.</summary>
    internal IEnumerator<Sleep>? Run()
    {
        Runs++;
        if (_sleeper is not null) return _sleeper(this).GetEnumerator();
        _function!(this);
        return null;
    }
}

/// <summary>struct delayed_work: a work item that a timer queues.</summary>
public sealed class DelayedWork
{
    public DelayedWork(WorkStruct work)
    {
        Work = work;
        Timer = new TimerList(_ => Expired?.Invoke(), TimerFlags.IrqSafe);
    }

    public WorkStruct Work { get; }
    internal TimerList Timer { get; }

    /// <summary>delayed_work_timer_fn, with the workqueue it was meant for.</summary>
    internal Action? Expired { get; set; }
}
