using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>A thread that runs work items, those that sleep among them (kernel/workqueue.c).</summary>
public abstract class WorkerThread : CodeTask
{
    private readonly Action _over;
    private Sleep? _sleep;
    private bool _asleep, _slept;

    private protected WorkerThread(Kernel kernel, string comm, CpuMask allowed) : base(comm, allowed)
    {
        Kernel = kernel;
        _over = Over;
    }

    private protected Kernel Kernel { get; }

    /// <summary>Work that waits for this worker and no other.</summary>
    private protected LinkedList<WorkStruct> Scheduled { get; } = new();

    /// <summary>The work item it is at, asleep or not.</summary>
    internal WorkRun? Current { get; private set; }

    /// <summary>Items it is at or that wait for it alone.</summary>
    internal int Held => Scheduled.Count + (Current is null ? 0 : 1);

    /// <summary>The workqueue it worked for last.</summary>
    public Workqueue? Last { get; private set; }

    /// <summary>wq_worker_comm: the name, and after + the workqueue it is at work for, after - the last one.</summary>
    public override string FullName => Last is null ? Comm : $"{Comm}{(Current is null ? '-' : '+')}{Last.Name}";

    protected sealed override bool Next(Cpu cpu)
    {
        if (_asleep) return false;
        if (_slept)
        {
            _slept = false;
            Resumed();
        }
        if (_sleep is { } sleep)
        {
            _sleep = null;
            if (BeginSleep(sleep))
            {
                Sleeping();
                return false;
            }
        }
        if (Current is { } run)
        {
            if (run.Step(cpu))
            {
                _sleep = run.Sleep;
                return true;
            }
            Current = null;
            run.End();
            Ended(run);
        }
        return NextWork(cpu);
    }

    /// <summary>The thread itself sleeps from now; false when there is nothing to wait for.</summary>
    private protected bool BeginSleep(Sleep sleep)
    {
        _asleep = true;
        _asleep = sleep.Begin(Kernel, _over);
        return _slept = _asleep;
    }

    private void Over()
    {
        _asleep = false;
        Kernel.Wake(this, Kernel.ThisCpu, Kernel.LocalNowPs);
    }

    private protected void Begin(WorkStruct work)
    {
        Current = new WorkRun(work, Kernel, Scheduled);
        Last = Current.Workqueue;
        Current.Take();
    }

    /// <summary>Nothing at work: what next? False to sleep until woken.</summary>
    private protected abstract bool NextWork(Cpu cpu);

    /// <summary>The work item sleeps, and goes on.</summary>
    private protected virtual void Sleeping()
    {
    }

    private protected virtual void Resumed()
    {
    }

    private protected virtual void Ended(WorkRun run)
    {
    }
}
