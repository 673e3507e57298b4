using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>Where a woken task goes (kernel/sched: select_task_rq of each class). Processors of one socket share a cache.</summary>
internal sealed class CpuSelection(Kernel kernel)
{
    /// <summary>printk_ratelimit: ten messages in five seconds.</summary>
    private readonly RateLimit _noLongerAffine = new(5 * SimTime.Second, burst: 10);

    /// <param name="task">The task.</param>
    /// <param name="from">The processor of whoever wakes it.</param>
    /// <param name="isSync">WF_SYNC: the waker is about to sleep, or says so, as sockets do.</param>
    public Cpu Select(KernelTask task, Cpu from, bool isSync)
    {
        Cpu previous = task.Cpu;
        if (task.IsMigrationDisabled) return previous;
        CpuMask allowed = task.Allowed.And(task.IsPerCpuThread ? kernel.OnlineMask : kernel.ActiveMask);
        if (allowed.IsEmpty) return Fallback(task);
        bool mayStay = allowed.Contains(previous.Id);
        // One that still owes stands in its old queue, and wakes there (ttwu_runnable).
        if (mayStay && task.Policy.IsFair() && task.Fair.IsDelayed) return previous;
        if (allowed.Count == 1) return kernel.Cpus[allowed.First];
        if (!mayStay) previous = kernel.Cpus[allowed.First];
        return task.IsFair ? NearIdle(task, allowed, previous, from, isSync) : Lowest(task, allowed, previous);
    }

    /// <summary>
    /// select_fallback_rq: a processor for a task that cannot be where it was; one of the same node if there is one. A task with none left that it may run on may run
    /// anywhere from now on, also when they come back. The workers of a processor's pool are its own again then (unbind_workers, rebind_workers).
    /// </summary>
    public Cpu Fallback(KernelTask task)
    {
        CpuMask allowed = task.Allowed.And(kernel.ActiveMask);
        if (allowed.IsEmpty)
        {
            allowed = kernel.ActiveMask;
            if (!task.IsPerCpuThread) task.Allowed = CpuMask.FirstCpus(kernel.CpuCount);
            if (task.IsUserTask && _noLongerAffine.Allows(kernel.LocalNowPs)) kernel.Log(kernel.LocalNowPs, $"process {task.Pid} ({task.Comm}) no longer affine to cpu{task.Cpu.Id}");
        }
        CpuMask near = allowed.And(kernel.NodeMask(kernel.Layout.NodeOf(task.Cpu.Id)));
        return kernel.Cpus[near.IsEmpty ? allowed.First : near.First];
    }

    // ---- fair ----------------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// wake_affine and select_idle_sibling: where it last ran if that is idle; beside the waker, if that idles but for its interrupt; else an idle core, or thread, that
    /// shares the cache; else beside the waker or where it last ran. Isolated processors are left to tasks that are bound to them.
    /// </summary>
    private Cpu NearIdle(KernelTask task, CpuMask allowed, Cpu previous, Cpu from, bool isSync)
    {
        if (previous.IsAvailable) return previous;
        // A thread of this processor alone that hands work on is through in a moment (is_per_cpu_kthread).
        if (from == previous && from.Runqueue is { Runnable: <= 1, Current: { IsUserTask: false, Allowed.Count: 1 } } && from.InTask) return previous;
        CpuMask domain = allowed.AndNot(kernel.Isolation.Domain);
        if (domain.IsEmpty || kernel.Isolation.Domain.Contains(previous.Id)) return previous;
        if (from.IsAvailable && domain.Contains(from.Id) && SharesCache(from, previous)) return from;
        Cpu target = from != previous && domain.Contains(from.Id) && PrefersWaker(task, from, previous, isSync) ? from : previous;
        Cpu? thread = null;
        int count = kernel.CpuCount;
        for (int i = 1; i < count; i++)
        {
            Cpu candidate = kernel.Cpus[(target.Id + i) % count];
            if (!candidate.IsAvailable || !domain.Contains(candidate.Id) || !SharesCache(candidate, target)) continue;
            if (kernel.Options.ThreadsPerCore == 1 || IsIdleCore(candidate)) return candidate;
            thread ??= candidate;
        }
        return thread ?? target;
    }

    /// <summary>
    /// wake_affine, of two busy processors: a waker that is alone and says it will sleep leaves its place to the task; else the less loaded of the two takes it, each load
    /// against the other's capacity.
    /// </summary>
    private static bool PrefersWaker(KernelTask task, Cpu from, Cpu previous, bool isSync)
    {
        Runqueue own = from.Runqueue, other = previous.Runqueue;
        if (isSync && own.Runnable == 1) return true;
        long ownLoad = own.Fair.RunnableLoad, otherLoad = other.Fair.RunnableLoad;
        if (isSync && own.Current is { IsFair: true } current)
        {
            if (current.Weight > ownLoad) return true;
            ownLoad -= current.Weight;
        }
        ownLoad = (ownLoad + task.Weight) * 100 * other.Capacity.Value;
        otherLoad = otherLoad * (100 + (LoadBalancer.ImbalancePercent - 100) / 2) * own.Capacity.Value + (isSync ? 1 : 0);
        return ownLoad < otherLoad;
    }

    /// <summary>cpus_share_cache.</summary>
    public bool SharesCache(Cpu a, Cpu b) => kernel.Options.Sockets == 1 || kernel.Options.Place(a.Id).Socket == kernel.Options.Place(b.Id).Socket;

    private bool IsIdleCore(Cpu cpu)
    {
        foreach (int sibling in kernel.Layout.Siblings[cpu.Id])
        {
            if (!kernel.Cpus[sibling].IsAvailable) return false;
        }
        return true;
    }

    // ---- real-time and deadline ----------------------------------------------------------------------------------------------------

    /// <summary>find_lowest_rq, find_later_rq: where it last ran unless somebody there goes before it; else the processor that runs the least important task.</summary>
    public Cpu Lowest(KernelTask task, CpuMask allowed, Cpu previous)
    {
        int own = Importance(task), best = ImportanceOf(previous);
        if (best < own && (best < RealTime || own >= Deadline)) return previous;
        Cpu lowest = previous;
        foreach (int id in allowed)
        {
            if (id >= kernel.CpuCount) break;
            // One that is to get a task already is not known to have room for another.
            int importance = ImportanceOf(kernel.Cpus[id]);
            if (importance >= best || kernel.IsExpected(kernel.Cpus[id])) continue;
            best = importance;
            lowest = kernel.Cpus[id];
        }
        return best < own ? lowest : previous;
    }

    private const int Fair = 1, RealTime = 2, Deadline = 1000;

    private static int ImportanceOf(Cpu cpu) => cpu.Runqueue.Current is { } current ? Importance(current) : 0;

    /// <summary>Fair tasks are all the same here; of deadline tasks none makes room for another.</summary>
    private static int Importance(KernelTask task) => task.IsFair ? Fair : task.Policy == SchedulingPolicy.Deadline ? Deadline : RealTime + task.EffectivePriority;
}
