using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>tasklet_schedule and its relatives (kernel/softirq.c).</summary>
public sealed class Tasklets(Kernel kernel)
{
    private int _known;

    /// <summary>Times a tasklet was found running on another processor, and left for later.</summary>
    public long Collisions { get; internal set; }

    /// <summary>Times one was begun while it ran elsewhere; counted where its function is called, for the checker. Always 0.</summary>
    public long RanTwice { get; internal set; }

    /// <summary>tasklet_schedule: runs soon on this processor, in the TASKLET softirq; nothing new if it is scheduled already.</summary>
    public void Schedule(Tasklet tasklet) => Schedule(tasklet, high: false);

    /// <summary>tasklet_hi_schedule: likewise in the HI softirq, before all others.</summary>
    public void HiSchedule(Tasklet tasklet) => Schedule(tasklet, high: true);

    private void Schedule(Tasklet tasklet, bool high)
    {
        if (tasklet.IsScheduled) return;
        tasklet.IsScheduled = true;
        if (tasklet.Number == 0) tasklet.Number = ++_known;
        tasklet.IsHigh = high;
        Cpu cpu = kernel.ThisCpu;
        cpu.Softirqs.TaskletsOf(high).Add(tasklet);
        kernel.Spend(kernel.Costs.SoftirqRaise);
        cpu.Softirqs.Raise(high ? SoftirqVector.HI : SoftirqVector.TASKLET, kernel.LocalNowPs);
    }

    /// <summary>tasklet_disable_nosync: it stays scheduled, and its softirq is raised over and over until it is enabled.</summary>
    public void Disable(Tasklet tasklet) => tasklet.DisableDepth++;

    /// <summary>tasklet_enable.</summary>
    public void Enable(Tasklet tasklet) => tasklet.DisableDepth--;

    /// <summary>
    /// tasklet_kill: returns true when the tasklet is at rest. False when its present run or its next one, the last, has to be waited for; then
    /// <paramref name="killed"/> is called at its end. A tasklet that schedules itself is stopped all the same.
    /// </summary>
    public bool Kill(Tasklet tasklet, Action? killed = null)
    {
        if (kernel.CurrentCpu is { InInterrupt: true } cpu) kernel.Log(cpu.LocalPs, "Attempt to kill tasklet from interrupt");
        if (!tasklet.IsScheduled && tasklet.RunningOn is null) return true;
        tasklet.IsBeingKilled = true;
        tasklet.Killed += killed;
        return false;
    }
}

/// <summary>tasklet_action_common of one processor: work of bottom half workqueues, then the tasklets that wait there, taken as a list and run one after the other.</summary>
internal sealed class TaskletAction(Kernel kernel, Cpu owner, SoftirqVector vector) : SoftirqAction
{
    /// <summary>Work of workqueues with WQ_BH, which comes first.</summary>
    public BottomHalfPool Work { get; } = new(kernel, owner, vector);

    private readonly Queue<Tasklet> _waiting = new(), _taken = new();
    private Tasklet? _running;
    private bool _isLastRun;

    public void Add(Tasklet tasklet) => _waiting.Enqueue(tasklet);

    /// <summary>takeover_tasklets: those of a processor that is gone wait here from now on. True if there are any.</summary>
    public bool TakeOver(TaskletAction dead)
    {
        bool any = dead._waiting.Count > 0;
        while (dead._waiting.TryDequeue(out Tasklet? tasklet)) _waiting.Enqueue(tasklet);
        return any;
    }

    public override void Begin(Cpu cpu)
    {
        Work.Begin(cpu);
        while (_waiting.TryDequeue(out Tasklet? tasklet)) _taken.Enqueue(tasklet);
    }

    public override bool Step(Cpu cpu)
    {
        if (_running is null && Work.Step(cpu)) return true;
        EndRun();
        while (_taken.TryDequeue(out Tasklet? tasklet))
        {
            if (tasklet.RunningOn is not null || tasklet.DisableDepth > 0)
            {
                PutBack(tasklet, cpu);
                continue;
            }
            // Cleared before the function runs, so that it may schedule itself again; a killer that waits takes it first.
            tasklet.IsScheduled = _isLastRun = tasklet.IsBeingKilled;
            tasklet.RunningOn = cpu;
            _running = tasklet;
            cpu.Spend(kernel.Costs.TaskletRun);
            if (tasklet.BusyUntilPs > kernel.Events.NowPs && tasklet.BusyOn != cpu) kernel.Tasklets.RanTwice++;
            Trace(kernel.Tracer.Events.TaskletEntry, tasklet, cpu);
            tasklet.Run();
            Trace(kernel.Tracer.Events.TaskletExit, tasklet, cpu);
            (tasklet.BusyUntilPs, tasklet.BusyOn) = (cpu.LocalPs, cpu);
            return true;
        }
        return false;
    }

    private void Trace(Tracing.Tracepoint traced, Tasklet tasklet, Cpu cpu)
    {
        if (traced.IsEnabled) kernel.Tracer.Record(traced, cpu, cpu.LocalPs, irqsOff: false, 0, tasklet.FunctionName, tasklet.Number);
    }

    /// <summary>Running elsewhere or disabled: back on the list, and the softirq is raised again.</summary>
    private void PutBack(Tasklet tasklet, Cpu cpu)
    {
        if (tasklet.RunningOn is not null) kernel.Tasklets.Collisions++;
        _waiting.Enqueue(tasklet);
        cpu.Softirqs.Raise(vector, cpu.LocalPs);
    }

    private void EndRun()
    {
        if (_running is not { } tasklet) return;
        _running = null;
        tasklet.RunningOn = null;
        if (!_isLastRun && (!tasklet.IsBeingKilled || tasklet.IsScheduled)) return;
        Action? killed = tasklet.Killed;
        tasklet.IsBeingKilled = tasklet.IsScheduled = false;
        tasklet.Killed = null;
        killed?.Invoke();
    }
}
