using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>process_one_work: one work item from the moment a worker takes it to the moment it is through with it.</summary>
/// <param name="work">The item.</param>
/// <param name="kernel">The kernel.</param>
/// <param name="scheduled">Its worker's own list: what must not run at the same time is that worker's next.</param>
internal sealed class WorkRun(WorkStruct work, Kernel kernel, LinkedList<WorkStruct> scheduled)
{
    private readonly PoolWorkqueue _pwq = work.Pwq!;
    private readonly long _color = work.Color;
    private IEnumerator<Sleep>? _rest;
    private bool _begun;

    public WorkStruct Work => work;
    public Workqueue Workqueue => _pwq.Workqueue;
    public PoolWorkqueue Pwq => _pwq;

    /// <summary>Where its next sleep is, once <see cref="Step"/> has stopped at one.</summary>
    public Sleep? Sleep { get; private set; }

    /// <summary>Takes the item off its list; from now on it may be queued again.</summary>
    public void Take()
    {
        work.Node!.List!.Remove(work.Node);
        work.Node = null;
        work.IsPending = false;
        work.Current = this;
    }

    /// <summary>The same item, queued again, waits for this run's worker.</summary>
    public void Follow()
    {
        work.Node!.List!.Remove(work.Node);
        work.Node = scheduled.AddLast(work);
    }

    /// <summary>Runs the function up to its next sleep or its end; false when it had ended before.</summary>
    public bool Step(Cpu cpu)
    {
        Sleep = null;
        if (!_begun)
        {
            _begun = true;
            cpu.Spend(kernel.Costs.ProcessWork);
            _rest = work.Run();
            if (_rest is null) return true;
        }
        if (_rest is null || !_rest.MoveNext()) return false;
        Sleep = _rest.Current;
        return true;
    }

    public void End()
    {
        _rest?.Dispose();
        work.Current = null;
        _pwq.Done(_color, wasActive: true, cancelled: false);
        work.NoteIdle();
    }
}
