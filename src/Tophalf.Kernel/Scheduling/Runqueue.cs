using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// The runnable tasks of one processor: FIFO tasks by priority first, then the fair class by least weighted runtime.
/// A task that slept comes back at most <see cref="SleeperCreditPs"/> before the queue's front, so that sleeping earns no hoard.
/// </summary>
public sealed class Runqueue(Kernel kernel, Cpu cpu)
{
    /// <summary>kernel/sched/fair.c: sysctl_sched_base_slice 0.75 ms scaled by 1 + log2(CPUs), at most 8 of them.</summary>
    private readonly long _slicePs = 750 * SimTime.Microsecond * (1 + int.Log2(Math.Min(kernel.CpuCount, 8)));

    private readonly List<KernelTask> _runnable = [];
    private long _minVruntimePs;

    private long SleeperCreditPs => _slicePs / 2;

    /// <summary>The task on the processor; null while it idles.</summary>
    public KernelTask? Current { get; private set; }

    public int Runnable => _runnable.Count;
    public long Switches { get; private set; }

    internal void Enqueue(KernelTask task)
    {
        task.IsSleeping = false;
        task.IsWaking = false;
        task.Cpu = cpu;
        task.Wakeups++;
        UpdateMin();
        task.VruntimePs = Math.Max(task.VruntimePs, _minVruntimePs - SleeperCreditPs);
        _runnable.Add(task);
    }

    internal void Dequeue(KernelTask task) => _runnable.Remove(task);

    internal Work PickNext(long nowPs)
    {
        KernelTask? best = null;
        foreach (KernelTask task in _runnable)
        {
            if (best is null || Before(task, best)) best = task;
        }
        if (best is not null && best != Current)
        {
            best.AddOverhead(kernel.Costs.ContextSwitch);
            Switches++;
        }
        Current = best;
        if (best is null) return cpu.Idle;
        best.PickedAtPs = best.RuntimePs;
        UpdateMin();
        return best;
    }

    private static bool Before(KernelTask a, KernelTask b)
    {
        if (a.Policy != b.Policy) return a.Policy == SchedulingPolicy.Fifo;
        return a.Policy == SchedulingPolicy.Fifo ? a.RtPriority > b.RtPriority : a.VruntimePs < b.VruntimePs;
    }

    /// <summary>Wake-up preemption: FIFO beats fair and lower FIFO; in the fair class the newcomer must be owed more than a little.</summary>
    internal bool ShouldPreempt(KernelTask woken)
    {
        KernelTask current = Current!;
        if (woken.Policy == SchedulingPolicy.Fifo) return Before(woken, current);
        return current.Policy == SchedulingPolicy.Fair && woken.VruntimePs + kernel.Costs.ContextSwitch < current.VruntimePs;
    }

    /// <summary>scheduler_tick(): a fair task that used its slice gives way if another waits with less runtime.</summary>
    internal void TickCurrent()
    {
        if (Current is not { Policy: SchedulingPolicy.Fair } current || _runnable.Count < 2) return;
        if (current.RuntimePs - current.PickedAtPs < _slicePs) return;
        foreach (KernelTask task in _runnable)
        {
            if (task != current && Before(task, current)) cpu.NeedResched = true;
        }
    }

    private void UpdateMin()
    {
        long min = long.MaxValue;
        foreach (KernelTask task in _runnable)
        {
            if (task.Policy == SchedulingPolicy.Fair) min = Math.Min(min, task.VruntimePs);
        }
        if (min != long.MaxValue) _minVruntimePs = Math.Max(_minVruntimePs, min);
    }
}
