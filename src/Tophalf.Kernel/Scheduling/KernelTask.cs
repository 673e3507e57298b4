using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

public enum SchedulingPolicy { Fair, Fifo }

/// <summary>
/// A schedulable thread. What it does is its body, in slices like all work; what the kernel does on its behalf before (the context switch)
/// is overhead, burnt first as system time.
/// </summary>
public abstract class KernelTask(string comm, CpuMask allowed) : Work
{
    public const int NiceZeroWeight = 1024;

    private long _overheadPs;
    private bool _plannedOverhead;

    public string Comm { get; } = comm;
    public int Pid { get; internal set; }
    public CpuMask Allowed { get; set; } = allowed;
    public SchedulingPolicy Policy { get; init; } = SchedulingPolicy.Fair;

    /// <summary>1 to 99 for FIFO, higher first.</summary>
    public int RtPriority { get; init; }

    public int Weight { get; init; } = NiceZeroWeight;
    public bool IsUserTask { get; init; }
    internal bool IsKsoftirqd { get; init; }

    /// <summary>The processor it runs on, waits on, or last ran on.</summary>
    public Cpu Cpu { get; internal set; } = null!;

    public bool IsSleeping { get; internal set; } = true;

    /// <summary>A wake-up is under way to another processor.</summary>
    internal bool IsWaking { get; set; }

    /// <summary>Time on a processor, and the same weighted: what the fair class orders by.</summary>
    public long RuntimePs { get; private set; }
    public long VruntimePs { get; internal set; }

    /// <summary>Runtime at the moment it was last put on the processor.</summary>
    internal long PickedAtPs { get; set; }

    public long Wakeups { get; internal set; }

    /// <summary>The functions of the kernel it stands in while it does not run a handler, innermost first.</summary>
    internal virtual IReadOnlyList<string> CallPath => IsUserTask ? ["entry_SYSCALL_64_after_hwframe"] : ["kthread", "ret_from_fork", "ret_from_fork_asm"];

    internal void AddOverhead(long ps) => _overheadPs += ps;

    public sealed override long Plan(long nowPs)
    {
        _plannedOverhead = _overheadPs > 0;
        return _plannedOverhead ? nowPs + _overheadPs : PlanBody(nowPs);
    }

    public sealed override void Advance(long fromPs, long toPs, CpuTime time)
    {
        RuntimePs += toPs - fromPs;
        VruntimePs += Weight == NiceZeroWeight ? toPs - fromPs : (toPs - fromPs) * NiceZeroWeight / Weight;
        if (_overheadPs > 0)
        {
            long ps = Math.Min(_overheadPs, toPs - fromPs);
            _overheadPs -= ps;
            time.Add(CpuClass.System, ps);
            fromPs += ps;
            if (fromPs == toPs) return;
        }
        AdvanceBody(fromPs, toPs, time);
    }

    public sealed override void Finish(Cpu cpu, long nowPs)
    {
        if (cpu.TryReschedule(nowPs)) return;
        if (_plannedOverhead) cpu.Continue(nowPs);
        else FinishBody(cpu, nowPs);
    }

    protected abstract long PlanBody(long nowPs);
    protected abstract void AdvanceBody(long fromPs, long toPs, CpuTime time);
    protected abstract void FinishBody(Cpu cpu, long nowPs);

    /// <summary>The task goes to sleep; the processor picks another.</summary>
    protected void Block(Cpu cpu, long nowPs)
    {
        IsSleeping = true;
        cpu.Runqueue.Dequeue(this);
        cpu.Schedule(nowPs);
    }

    public override string ToString() => $"{Comm}/{Pid} on CPU {Cpu?.Id} ({SimTime.Format(RuntimePs)})";
}
