using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// The pool of workqueues with WQ_BH on one processor (kernel/workqueue.c, bh_worker): its only worker is the TASKLET or the HI softirq, which looks here
/// before it looks at tasklets.
/// </summary>
internal sealed class BottomHalfPool : WorkPool
{
    private const int MaxItems = 10;

    private readonly Kernel _kernel;
    private readonly Cpu _cpu;
    private readonly SoftirqVector _vector;
    private readonly LinkedList<WorkStruct> _scheduled = new();
    private readonly IrqWork _raise;
    private WorkRun? _run;
    private int _itemsLeft;
    private long _endJiffies;

    public BottomHalfPool(Kernel kernel, Cpu cpu, SoftirqVector vector)
    {
        _kernel = kernel;
        _cpu = cpu;
        _vector = vector;
        _raise = new IrqWork(_ => cpu.Softirqs.Raise(vector, kernel.LocalNowPs));
    }

    /// <summary>Items that wait here or are at work.</summary>
    public int Held => Worklist.Count + _scheduled.Count + (_run is null ? 0 : 1);

    /// <summary>kick_bh_pool: another processor is asked by an irq_work to raise its softirq.</summary>
    public override void Kick()
    {
        if (Worklist.Count == 0 || _run is not null) return;
        if (_kernel.ThisCpu == _cpu) _cpu.Softirqs.Raise(_vector, _kernel.LocalNowPs);
        else _kernel.IrqWorks.QueueOn(_raise, _cpu);
    }

    public void Begin(Cpu cpu)
    {
        _itemsLeft = MaxItems;
        _endJiffies = _kernel.Jiffies(cpu.LocalPs) + _kernel.MsecsToJiffies(2);
    }

    /// <summary>Runs the next item; false when there is none, or ten items or two milliseconds are used up. Then the rest is raised for once more.</summary>
    public bool Step(Cpu cpu)
    {
        if (_run is { } run)
        {
            run.End();
            _run = null;
        }
        while (_scheduled.First is not null || MayTakeMore(cpu))
        {
            WorkStruct work = (_scheduled.First ?? Worklist.First!).Value;
            if (work.Current is { } running)
            {
                running.Follow();
                continue;
            }
            _itemsLeft--;
            _run = new WorkRun(work, _kernel, _scheduled);
            _run.Take();
            _run.Step(cpu);
            return true;
        }
        Kick();
        return false;
    }

    private bool MayTakeMore(Cpu cpu) => Worklist.Count > 0 && _itemsLeft > 0 && _kernel.Jiffies(cpu.LocalPs) < _endJiffies;
}
