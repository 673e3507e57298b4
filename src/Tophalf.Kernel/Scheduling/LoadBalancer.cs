using Tophalf.Kernel.BottomHalves;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// Moves fair tasks from busy processors to less busy ones (kernel/sched/fair.c): at the tick, in the SCHED softirq; when a processor runs out of work; and, since
/// idle ones have no tick, when a busy one kicks one of them. Load is the weight of what is runnable, against what interrupts leave of the processor.
/// </summary>
internal sealed class LoadBalancer
{
    /// <summary>A busy processor looks busy_factor times more seldom than sd_weight milliseconds.</summary>
    private const int BusyFactor = 16;

    /// <summary>imbalance_pct of domains that share a cache: how much busier the busiest must be, in percent.</summary>
    internal const int ImbalancePercent = 117;

    /// <summary>sysctl_sched_migration_cost: for so long after it ran a task is hot, and left where its cache is.</summary>
    private const long HotPs = 500 * SimTime.Microsecond;

    /// <summary>Twice max_idle_balance_cost: avg_idle is no more than that.</summary>
    internal const long LongestIdlePs = 2 * HotPs;

    /// <summary>cache_nice_tries: after more failures than that a hot task goes too.</summary>
    private const int CacheNiceTries = 1;

    private readonly Kernel _kernel;
    private readonly long[] _nextBalancePs;
    private readonly bool[] _kicked;
    private readonly int[] _failures;
    private readonly BalanceStatistics[,] _statistics;
    private readonly long _busyIntervalPs, _shortestIdlePs;

    public LoadBalancer(Kernel kernel)
    {
        _kernel = kernel;
        _nextBalancePs = new long[kernel.CpuCount];
        _kicked = new bool[kernel.CpuCount];
        _failures = new int[kernel.CpuCount];
        _statistics = new BalanceStatistics[kernel.CpuCount, Enum.GetValues<BalanceReason>().Length];
        _shortestIdlePs = new Procfs.KernelProfile(kernel.Options.Release).BalancesLongIdlesAlone ? HotPs : kernel.CpuCount * kernel.Costs.BalanceCpu;
        _busyIntervalPs = (long)kernel.CpuCount * BusyFactor * SimTime.Millisecond;
        foreach (Cpu cpu in kernel.Cpus) cpu.Softirqs.Open(SoftirqVector.SCHED, Run);
    }

    public ref readonly BalanceStatistics StatisticsOf(Cpu cpu, BalanceReason reason) => ref _statistics[cpu.Id, (int)reason];

    private bool Takes(int cpu) => _kernel.ActiveMask.Contains(cpu) && !_kernel.Isolation.Domain.Contains(cpu);

    /// <summary>sched_balance_trigger, at the tick of a busy processor.</summary>
    public void Tick(Cpu cpu)
    {
        if (_kernel.CpuCount == 1 || !Takes(cpu.Id)) return;
        cpu.Runqueue.Capacity.Update();
        if (cpu.Runqueue.Fair.Runnable >= 2) Kick(cpu);
        if (cpu.LocalPs < _nextBalancePs[cpu.Id]) return;
        _nextBalancePs[cpu.Id] = cpu.LocalPs + _busyIntervalPs;
        cpu.Spend(_kernel.Costs.SoftirqRaise);
        cpu.Softirqs.Raise(SoftirqVector.SCHED, cpu.LocalPs);
    }

    /// <summary>nohz_balancer_kick: one idle processor is asked to look, with a function call.</summary>
    private void Kick(Cpu from)
    {
        foreach (Cpu cpu in _kernel.Cpus)
        {
            if (!cpu.IsAvailable || !Takes(cpu.Id) || _kicked[cpu.Id] || !HasFor(from, cpu, from.LocalPs)) continue;
            _kicked[cpu.Id] = true;
            _kernel.SmpCalls.Queue(cpu, from, from.LocalPs);
            return;
        }
    }

    private static bool HasFor(Cpu busy, Cpu idle, long nowPs)
    {
        foreach (KernelTask task in busy.Runqueue.Fair.Tasks)
        {
            if (MayMove(task, busy, idle, nowPs)) return true;
        }
        return false;
    }

    /// <summary>nohz_csd_func: on the processor that was kicked.</summary>
    public void FunctionCalled(Cpu cpu)
    {
        if (!_kicked[cpu.Id]) return;
        cpu.Spend(_kernel.Costs.SoftirqRaise);
        cpu.Softirqs.Raise(SoftirqVector.SCHED, cpu.LocalPs);
    }

    private void Run(Cpu cpu)
    {
        if (_kicked[cpu.Id]) UpdateIdle(cpu.LocalPs);
        _kicked[cpu.Id] = false;
        if (Takes(cpu.Id)) Pull(cpu, cpu.Runqueue.Current is null ? BalanceReason.Idle : BalanceReason.Busy, cpu.LocalPs);
    }

    /// <summary>nohz_idle_balance, for those that have no tick.</summary>
    private void UpdateIdle(long nowPs)
    {
        foreach (Cpu cpu in _kernel.Cpus)
        {
            if (!cpu.RunsIdleTask) continue;
            cpu.Sync(Math.Min(nowPs, _kernel.Events.NowPs));
            cpu.Runqueue.Capacity.Update();
        }
    }

    /// <summary>The processor is gone, and was not asked anything.</summary>
    public void Forget(Cpu cpu) => _kicked[cpu.Id] = false;

    /// <summary>sched_balance_newidle: nothing is left to run here. Where idle periods are shorter than looking at all processors takes, it does not look.</summary>
    public void NewIdle(Cpu cpu, long nowPs)
    {
        if (_kernel.CpuCount == 1 || !Takes(cpu.Id) || cpu.Runqueue.AverageIdlePs < _shortestIdlePs) return;
        Pull(cpu, BalanceReason.NewlyIdle, nowPs);
    }

    /// <summary>sched_balance_rq: takes waiting tasks from the busiest processor until half the difference has moved.</summary>
    private void Pull(Cpu to, BalanceReason reason, long nowPs)
    {
        var found = new BalanceStatistics { Count = 1 };
        Pull(to, reason, nowPs, ref found);
        if (reason != BalanceReason.NewlyIdle) _failures[to.Id] = found.Balanced == 0 && found.Gained == 0 ? _failures[to.Id] + 1 : 0;
        if (!_kernel.HasSchedStats) return;
        ref BalanceStatistics sum = ref _statistics[to.Id, (int)reason];
        sum.Count += found.Count;
        sum.Balanced += found.Balanced;
        sum.Failed += found.Balanced == 0 && found.Gained == 0 ? 1 : 0;
        sum.Imbalance += found.Imbalance;
        sum.Gained += found.Gained;
    }

    /// <summary>Load of a processor that has all its capacity.</summary>
    private static long ScaledLoad(Cpu cpu) => cpu.Runqueue.Fair.RunnableLoad * CpuCapacity.Whole / cpu.Runqueue.Capacity.Value;

    /// <summary>calculate_imbalance: what brings both to the load they would have together, in the weights of tasks.</summary>
    private static long Imbalance(Cpu busiest, long most, Cpu to, long own)
    {
        long from = busiest.Runqueue.Capacity.Value, into = to.Runqueue.Capacity.Value, average = (most * from + own * into) / (from + into);
        return Math.Min((most - average) * from, (average - own) * into) / CpuCapacity.Whole;
    }

    private void Pull(Cpu to, BalanceReason reason, long nowPs, ref BalanceStatistics found)
    {
        long ownLoad = ScaledLoad(to), most = ownLoad;
        Cpu? busiest = null;
        foreach (Cpu cpu in _kernel.Cpus)
        {
            if (cpu == to || cpu.Runqueue.Fair.Runnable < 2 || !Takes(cpu.Id)) continue;
            long load = ScaledLoad(cpu);
            if (load <= most || !HasFor(cpu, to, nowPs)) continue;
            most = load;
            busiest = cpu;
        }
        if (busiest is null || most * 100 <= ownLoad * ImbalancePercent)
        {
            found.Balanced = 1;
            return;
        }
        long imbalance = found.Imbalance = Imbalance(busiest, most, to, ownLoad);
        IReadOnlyList<KernelTask> tasks = busiest.Runqueue.Fair.Tasks;
        for (int i = tasks.Count - 1; i >= 0 && imbalance > 0; i--)
        {
            KernelTask task = tasks[i];
            // A task that is more than twice what is missing would only turn the difference round.
            if (!MayMove(task, busiest, to, nowPs) || task.Weight / 2 > imbalance) continue;
            if (nowPs - task.RanUntilPs < HotPs && task.RanUntilPs > 0 && _failures[to.Id] <= CacheNiceTries) continue;
            imbalance -= task.Weight;
            Move(task, busiest, to, nowPs);
            found.Gained++;
            if (ownLoad == 0) return; // an idle processor takes one and gets to work
        }
    }

    /// <summary>A task that an interrupt wakes is in the queue already while its processor's code is still ahead of the clock: nobody else sees it before.</summary>
    private static bool MayMove(KernelTask task, Cpu from, Cpu to, long nowPs) =>
        task.QueuedSincePs <= nowPs && !task.Fair.IsDelayed && !ReferenceEquals(from.Runqueue.Current, task) && !task.IsMigrationDisabled && task.Allowed.Contains(to.Id);

    /// <summary>detach_task and attach_task; the task finds a cold cache.</summary>
    private void Move(KernelTask task, Cpu from, Cpu to, long nowPs)
    {
        from.Runqueue.Detach(task);
        to.Runqueue.Attach(task);
        task.AddOverhead(_kernel.Costs.Migration);
        task.Migrations++;
        if (to.Runqueue.Current is not null || to.InInterrupt) to.CheckPreempt(task, nowPs);
    }
}
