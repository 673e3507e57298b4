using Tophalf.Kernel.Context;
using Tophalf.Kernel.Scheduling.Delays;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// A schedulable thread. What it does is its body, in slices like all work; what the kernel does on its behalf before (the context switch)
/// is overhead, burnt first as system time, with preemption disabled.
/// </summary>
public abstract class KernelTask(string comm, CpuMask allowed) : Work
{
    private long _overheadPs;
    private bool _plannedOverhead, _paysDebt, _servesSoftirqs;
    private FairEntity? _fair;
    private List<RtMutex>? _heldLocks;
    private readonly int? _weight;

    public string Comm { get; } = comm;

    /// <summary>What /proc shows for its name (fs/proc/array.c, proc_task_name): of a kernel thread all of it, where current-&gt;comm ends after fifteen characters.</summary>
    public virtual string FullName => Comm;

    public int Pid { get; internal set; }
    public CpuMask Allowed { get; set; } = allowed;
    public SchedulingPolicy Policy { get; init; } = SchedulingPolicy.Fair;

    /// <summary>1 to 99 for FIFO and RR, higher first; 0 for the others.</summary>
    public int RtPriority { get; init; }

    /// <summary>-20 to 19, for the fair class.</summary>
    public int Nice { get; init; }

    /// <summary>Its share in the fair class against 1024 for nice 0; comes from policy and nice unless set.</summary>
    public int Weight
    {
        get => _weight ?? Policies.WeightOf(Policy, Nice);
        init => _weight = value;
    }

    /// <summary>What SCHED_DEADLINE promises; needed by that policy, and by no other.</summary>
    public DeadlineParameters? DeadlineParameters
    {
        init => Deadline = value is { } promised ? new DeadlineEntity(promised) : null;
    }

    /// <summary>The slice it asked for with sched_setattr; 0 for the usual one.</summary>
    public long SlicePs { get; init; }

    public bool IsUserTask { get; init; }
    internal bool IsKsoftirqd { get; init; }

    /// <summary>kthread_is_per_cpu: it belongs to one processor, and waits while that is offline.</summary>
    internal bool IsPerCpuThread { get; init; }

    internal FairEntity Fair => _fair ??= new FairEntity(Weight, SlicePs > 0 ? SlicePs : Cpu.Runqueue.BaseSlicePs);
    internal DeadlineEntity? Deadline { get; private init; }

    /// <summary>Its runtime of this period is used up; until the next it stands in no queue.</summary>
    public bool IsThrottled => Deadline is { IsThrottled: true };

    /// <summary>Ticks left of its turn, for SCHED_RR.</summary>
    internal int RoundRobinTicks { get; set; }

    /// <summary>The processor it runs on, waits on, or last ran on.</summary>
    public Cpu Cpu { get; internal set; } = null!;

    public bool IsSleeping { get; internal set; } = true;

    /// <summary>in_iowait: it sleeps, or is about to, in io_schedule().</summary>
    internal bool InIoWait { get; set; }

    /// <summary>A wake-up is under way to another processor.</summary>
    public bool IsWaking { get; internal set; }

    // ---- priority inheritance, PREEMPT_RT only --------------------------------------------------------------------------------------

    /// <summary>The FIFO priority that waiters for its locks lend it; 0 for none.</summary>
    public int LentPriority { get; internal set; }

    /// <summary>The real-time priority it is queued by: its own or the one it was lent (the kernel's p-&gt;prio, turned round).</summary>
    internal int EffectivePriority => Math.Max(RtPriority, LentPriority);

    /// <summary>It is in the fair class, or is a real-time task, for now.</summary>
    internal bool IsFair => LentPriority == 0 && Policy.IsFair();
    internal bool IsRealTime => Policy.IsRealTime() || LentPriority > 0 && Policy.IsFair();

    /// <summary>What it lends whoever holds a lock it waits for: of fair tasks nothing, of a deadline task the most there is (the kernel lends its deadline).</summary>
    internal int LendablePriority => Policy == SchedulingPolicy.Deadline ? Policies.HighestRtPriority : EffectivePriority;

    /// <summary>The lock it waits for; nothing but that lock wakes it meanwhile (TASK_RTLOCK_WAIT).</summary>
    internal RtMutex? BlockedOn { get; set; }

    /// <summary>How that lock wakes it, if it sleeps where its code says so.</summary>
    internal Action? WhenUnlocked { get; set; }

    internal List<RtMutex> HeldLocks => _heldLocks ??= [];

    /// <summary>The most that waiters lend it now. What is no more than its own counts as nothing, and a deadline task needs none.</summary>
    internal int MostLent()
    {
        int most = 0;
        foreach (RtMutex held in HeldLocks) most = Math.Max(most, held.LentPriority);
        return most > RtPriority && Policy != SchedulingPolicy.Deadline ? most : 0;
    }

    /// <summary>migrate_disable: a task that holds such a lock, or waits for one, stays where it is.</summary>
    internal bool IsMigrationDisabled => BlockedOn is not null || _heldLocks is { Count: > 0 };

    // ---- bottom halves --------------------------------------------------------------------------------------------------------------

    /// <summary>current-&gt;softirq_disable_cnt: with PREEMPT_RT the softirq bits of preempt_count are the task's.</summary>
    internal uint SoftirqDisableCount { get; set; }

    /// <summary>It has enabled bottom halves; when the time that took has passed, softirqs run or the lock is given back.</summary>
    internal bool LeavesBottomHalves { get; set; }

    /// <summary>The first grace period, by its sequence number, that cannot end since the task was preempted as a reader; negative for none.</summary>
    internal long BlocksGracePeriods { get; set; } = -1;

    private Kernel.RemoteWakeEvent? _remoteWake;

    /// <summary>Made with the first wake-up that needs it.</summary>
    internal Kernel.RemoteWakeEvent RemoteWake(Kernel kernel) => _remoteWake ??= new Kernel.RemoteWakeEvent(kernel, this);

    /// <summary>Time on a processor, and the part of it in kernel mode.</summary>
    public long RuntimePs { get; private set; }
    public long SystemPs { get; private set; }

    /// <summary>The runtime weighted: what the fair class orders by.</summary>
    public long VruntimePs => Fair.VruntimePs;

    /// <summary>When somebody woke it; negative when it has run since.</summary>
    internal long WokenPs { get; set; } = -1;

    /// <summary>Since when it waits for the processor.</summary>
    internal long QueuedSincePs { get; set; }

    /// <summary>Time spent waiting for a processor, and times it got one.</summary>
    public long RunDelayPs { get; private set; }
    public long Arrivals { get; private set; }

    /// <summary>When it last had the processor it belongs to now (se.exec_start); 0 if it has not run there.</summary>
    internal long RanUntilPs { get; set; }

    /// <summary>Times it was moved to another processor while it wanted to run.</summary>
    public long Migrations { get; internal set; }

    public long Wakeups { get; internal set; }

    /// <summary>The functions of the kernel it stands in while it does not run a handler, innermost first.</summary>
    internal virtual IReadOnlyList<string> CallPath => IsUserTask ? ["entry_SYSCALL_64_after_hwframe"] : ["kthread", "ret_from_fork", "ret_from_fork_asm"];

    /// <summary>The class its time in user mode is accounted to.</summary>
    protected CpuClass UserClass => Nice > 0 ? CpuClass.Nice : CpuClass.User;

    /// <summary>Between switches: its own code runs, and in user mode.</summary>
    internal bool IsInUserMode => _overheadPs == 0 && !_servesSoftirqs && BodyIsInUserMode;

    /// <summary>The switch to it is still going on.</summary>
    internal bool IsSwitching => _overheadPs > 0;

    /// <summary>The body is at a point where an interrupt finds it in user mode.</summary>
    protected virtual bool BodyIsInUserMode => IsUserTask;

    /// <summary>Time until the body is back in user mode, if it is in the kernel now; Never for a kernel thread.</summary>
    protected virtual long UntilUserModePs => SimTime.Never;

    internal void AddOverhead(long ps)
    {
        _overheadPs += ps;
        _paysDebt = false;
    }

    /// <summary>Interrupts that its wake-ups sent; unlike a switch their end is no point at which the kernel gives way.</summary>
    private void PayDebt(long owedPs)
    {
        _paysDebt = _overheadPs == 0;
        _overheadPs += owedPs;
    }

    /// <summary>A wake-up is through: the first instruction after it.</summary>
    private void Runs(long nowPs)
    {
        Cpu.Delays.Wakeup(this, Cpu, WokenPs, nowPs);
        WokenPs = -1;
        Woken(nowPs);
    }

    /// <summary>Called at the first instruction after each wake-up.</summary>
    protected virtual void Woken(long nowPs) { }

    /// <summary>Interrupts took time while it ran, and nobody else is charged (no IRQ_TIME_ACCOUNTING).</summary>
    internal void ChargeInterrupts(long ps)
    {
        if (IsFair) Fair.Charge(ps);
        else Deadline?.Charge(ps);
    }

    /// <summary>sched_info_arrive: it got the processor after waiting for so long.</summary>
    internal void Arrived(long waitedPs)
    {
        RunDelayPs += waitedPs;
        Arrivals++;
    }

    public sealed override long Plan(long nowPs)
    {
        long owedPs = Cpu.TakeDebt();
        if (owedPs > 0) PayDebt(owedPs);
        _plannedOverhead = _overheadPs > 0;
        if (_plannedOverhead) return nowPs + _overheadPs;
        if (WokenPs >= 0) Runs(nowPs);
        if (_servesSoftirqs) return Cpu.Softirqs.Context.Plan(nowPs);
        long endPs = PlanBody(nowPs);
        // A task that should give way does so at the latest where it returns to user mode.
        if (!Cpu.WantsReschedule || BodyIsInUserMode) return endPs;
        long untilPs = UntilUserModePs;
        return untilPs == SimTime.Never ? endPs : Math.Min(endPs, nowPs + untilPs);
    }

    public sealed override void Advance(long fromPs, long toPs, CpuTime time)
    {
        long ps = toPs - fromPs;
        RuntimePs += ps;
        if (IsFair)
        {
            Fair.Charge(ps);
            Cpu.Runqueue.ChargeServer(ps);
        }
        else Cpu.Runqueue.ChargeUrgent(this, ps);
        long systemPs = time[CpuClass.System];
        if (_overheadPs > 0)
        {
            long burntPs = Math.Min(_overheadPs, ps);
            _overheadPs -= burntPs;
            time.Add(CpuClass.System, burntPs);
            Cpu.Timeline.Add(Occupation.Switch, null, fromPs, fromPs + burntPs);
            fromPs += burntPs;
        }
        if (fromPs < toPs)
        {
            Cpu.Timeline.Add(Cpu.TaskOccupation, this, fromPs, toPs);
            if (_servesSoftirqs) Cpu.Softirqs.Context.Advance(fromPs, toPs, time);
            else AdvanceBody(fromPs, toPs, time);
        }
        SystemPs += time[CpuClass.System] - systemPs;
    }

    public sealed override void Finish(Cpu cpu, long nowPs)
    {
        if (LeavesBottomHalves && cpu.LeaveBottomHalves(this, nowPs) || cpu.TryDoSoftirq(nowPs)) return;
        // schedule() looks again when the switch is through; for a lazy wish, so does the return to user mode.
        if (_plannedOverhead && !_paysDebt && cpu.CondReschedule(nowPs) || cpu.TryReschedule(nowPs)) return;
        if (_plannedOverhead) cpu.Continue(nowPs);
        else if (_servesSoftirqs) FinishSoftirqs(cpu, nowPs);
        else FinishBody(cpu, nowPs);
    }

    /// <summary>
    /// handle_softirqs in this task's name: all that ksoftirqd does, and with PREEMPT_RT what any task does that enables bottom halves. There it may be preempted,
    /// and has the processor's softirq lock meanwhile.
    /// </summary>
    internal void ServeSoftirqs(Cpu cpu, long nowPs)
    {
        _servesSoftirqs = true;
        cpu.BeginSoftirqs();
        cpu.Softirqs.Context.Begin(nowPs);
        cpu.Continue(nowPs);
    }

    private void FinishSoftirqs(Cpu cpu, long nowPs)
    {
        if (!cpu.Softirqs.Context.Step(nowPs))
        {
            cpu.Continue(nowPs);
            return;
        }
        _servesSoftirqs = false;
        cpu.EndSoftirqs();
        cpu.UnlockSoftirqs(this, nowPs);
        SoftirqsServed(cpu, nowPs);
    }

    /// <summary>The softirqs that ran in this task's name are through; it goes on.</summary>
    private protected virtual void SoftirqsServed(Cpu cpu, long nowPs)
    {
        if (!cpu.TryReschedule(nowPs)) cpu.Continue(nowPs);
    }

    protected abstract long PlanBody(long nowPs);
    protected abstract void AdvanceBody(long fromPs, long toPs, CpuTime time);
    protected abstract void FinishBody(Cpu cpu, long nowPs);

    /// <summary>The task goes to sleep; the processor picks another.</summary>
    protected void Block(Cpu cpu, long nowPs)
    {
        if (LeavesBottomHalves && cpu.LeaveBottomHalves(this, nowPs)) return;
        IsSleeping = true;
        if (InIoWait) cpu.IoWait.Begins();
        cpu.Runqueue.Dequeue(this);
        cpu.Schedule(nowPs);
    }

    public override string ToString() => $"{Comm}/{Pid} on CPU {Cpu?.Id} ({SimTime.Format(RuntimePs)})";
}
