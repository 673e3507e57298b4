using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Rcu;

/// <summary>
/// Read-copy-update with preemption (kernel/rcu/tree.c, one level of the tree): what is taken out of a structure is given back when every processor has passed a quiescent
/// state since, in which it holds nothing. A quiescent state is a switch of tasks, idling, user mode of a processor of nohz_full=, or a tick that finds preemption and bottom
/// halves enabled. Handlers, softirqs and all code that runs in one go are readers without saying so.
/// </summary>
public sealed partial class RcuState
{
    /// <summary>Callbacks of one processor beyond which nobody waits any longer for the tick (DEFAULT_RCU_QHIMARK), and below which batches are small again (QLOMARK).</summary>
    private const int TooMany = 10_000, FewAgain = 100;
    private const int LargestBatch = 10_000;

    private readonly Kernel _kernel;
    private readonly RcuData[] _data;
    private readonly GracePeriodThread _thread;
    private long _needed;
    private CpuMask _waitingFor;

    internal RcuState(Kernel kernel)
    {
        _kernel = kernel;
        Parameters = RcuParameters.Parse(kernel.Options, kernel.TickParameters.NoHzFull, kernel.Preemption == PreemptionModel.Rt);
        foreach (string message in Parameters.Messages) kernel.Log(0, message);
        CpuMask offloaded = Parameters.Offloaded ?? CpuMask.Empty;
        _data = [.. kernel.Cpus.Select(cpu => new RcuData(cpu, offloaded.Contains(cpu.Id)) { BatchLimit = Parameters.BatchLimit })];
        _thread = new GracePeriodThread(kernel, this);
        kernel.AddTask(_thread, kernel.Cpus[0]);
        foreach (RcuData data in _data)
        {
            var core = new RcuCore(kernel, this, data);
            data.Cpu.Softirqs.Open(SoftirqVector.RCU, core);
            if (!Parameters.UsesSoftirq) kernel.AddTask(data.CoreThread = new RcuCoreThread(core, data, Parameters.ThreadPriority), data.Cpu);
        }
        if (Parameters.Offloaded is not null) AddOffloadThreads();
        if (kernel.Preemption == PreemptionModel.Rt) kernel.AddTask(new DormantThread("rcub/0", Housekeeping) { Policy = SchedulingPolicy.Fifo, RtPriority = Parameters.ThreadPriority }, kernel.Cpus[0]);
    }

    internal RcuParameters Parameters { get; }

    /// <summary>Where RCU's threads that belong to no processor may run: nohz_full= keeps them away (HK_TYPE_KTHREAD).</summary>
    internal CpuMask Housekeeping => CpuMask.FirstCpus(_kernel.CpuCount).AndNot(_kernel.TickParameters.NoHzFull);

    /// <summary>rcu_state.gp_seq: twice the grace periods that are over, and odd while one lasts.</summary>
    public long Sequence { get; private set; }

    public bool IsInProgress => (Sequence & 1) != 0;
    public long GracePeriods => Sequence >> 1;

    // ---- books for the checkers ------------------------------------------------------------------------------------------------------

    /// <summary>Callbacks taken, called, and waiting.</summary>
    public long Queued { get; private set; }
    public long Invoked { get; private set; }
    public long Waiting => _data.Sum(data => data.Callbacks.Count) + _taken;

    /// <summary>Callbacks that were called before a grace period was over that began behind them, and grace periods that ended while a processor had not passed a quiescent state. Always 0.</summary>
    public long CalledEarly { get; private set; }
    public long EndedEarly { get; private set; }

    private long _startPs = -1, _completedStartPs = -1;
    private CpuMask _onlineAtStart;
    private int _taken;

    // ---- asking for a grace period ---------------------------------------------------------------------------------------------------

    /// <summary>call_rcu: the function is called after a grace period, in the RCU softirq of this processor or by a thread.</summary>
    public void Call(RcuHead head)
    {
        Cpu cpu = _kernel.ThisCpu;
        RcuData data = _data[cpu.Id];
        _kernel.Spend(_kernel.Costs.CallRcu);
        head.QueuedPs = _kernel.LocalNowPs;
        Queued++;
        bool hadPending = data.Callbacks.Pending > 0;
        data.Callbacks.Add(head);
        if (data.IsOffloaded)
        {
            if (!hadPending) data.GroupThread!.Request();
            return;
        }
        if (!cpu.IrqsDisabled && data.Callbacks.Count > data.LengthAtForce + TooMany) Hurry(data);
        if (_kernel.CurrentCpu is null && cpu.IsIdle) cpu.Tick.IdleAgain(_kernel.Events.NowPs); // it has a reason to keep its tick now
    }

    /// <summary>synchronize_rcu: a sleep until a grace period has begun and ended.</summary>
    public Sleep Synchronize() => Sleep.Until(over =>
    {
        Call(new RcuHead(over));
        return true;
    });

    /// <summary>rcu_barrier: a sleep until all callbacks of before have been called, wherever they wait.</summary>
    public Sleep Barrier() => Sleep.Until(over =>
    {
        int left = 0;
        foreach (RcuData data in _data)
        {
            if (!data.Callbacks.TryEntrain(new RcuHead(() => { if (--left == 0) over(); }) { QueuedPs = -1 })) continue;
            left++;
            Queued++;
            if (data.IsOffloaded) data.GroupThread!.Request();
        }
        return left > 0;
    });

    /// <summary>__call_rcu_core: a grace period is asked for at once, or the batches become large.</summary>
    private void Hurry(RcuData data)
    {
        NoteChanges(data);
        if (!IsInProgress) Accelerate(data);
        else
        {
            data.BatchLimit = LargestBatch;
            data.LengthAtForce = data.Callbacks.Count;
            _thread.LookNow();
        }
    }

    /// <summary>rcu_seq_snap: the number at which a grace period is over that has not begun.</summary>
    private long NextEnd => Sequence + 3 >> 1 << 1;

    /// <summary>rcu_accelerate_cbs.</summary>
    internal void Accelerate(RcuData data)
    {
        long end = NextEnd;
        if (!data.Callbacks.Accelerate(end) || end <= _needed) return;
        _needed = end; // rcu_start_this_gp
        if (!IsInProgress) _thread.Wake();
    }

    internal bool IsNeeded => _needed > Sequence;

    // ---- what a processor does for it ------------------------------------------------------------------------------------------------

    /// <summary>rcu_qs, when tasks are switched.</summary>
    internal void NoteContextSwitch(Cpu cpu) => _data[cpu.Id].HasNoQuiescentState = false;

    /// <summary>rcu_needs_cpu: an idle processor with callbacks keeps its tick.</summary>
    internal bool Needs(Cpu cpu) => _data[cpu.Id] is { IsOffloaded: false, Callbacks.Count: > 0 };

    /// <summary>rcu_sched_clock_irq, in the tick.</summary>
    internal void Tick(Cpu cpu)
    {
        RcuData data = _data[cpu.Id];
        data.TicksThisPeriod++;
        bool isQuiet = cpu.InterruptsIdle || cpu.InterruptsUserMode;
        if (data.IsUrgent && !isQuiet)
        {
            cpu.Reschedule(lazily: false);
            data.IsUrgent = false;
        }
        if (cpu.IsPreemptible)
        {
            data.HasNoQuiescentState = false;
            cpu.QuietTickPs = cpu.LocalPs;
        }
        if (IsInProgress) CheckStall(cpu);
        if (HasWork(data, isQuiet)) InvokeCore(data);
    }

    /// <summary>rcu_pending.</summary>
    private bool HasWork(RcuData data, bool isQuiet)
    {
        if (isQuiet && _kernel.TickParameters.NoHzFull.Contains(data.Cpu.Id)) return false;
        if (data.IsWaitedFor && !data.HasNoQuiescentState && IsInProgress) return true;
        if (!data.IsOffloaded && (data.Callbacks.Ready > 0 || !IsInProgress && data.Callbacks.HasUnassigned)) return true;
        return data.Sequence != Sequence;
    }

    /// <summary>invoke_rcu_core.</summary>
    private void InvokeCore(RcuData data)
    {
        Cpu cpu = data.Cpu;
        if (data.CoreThread is { } thread) thread.Request();
        else cpu.Softirqs.Raise(SoftirqVector.RCU, cpu.LocalPs);
    }

    /// <summary>rcu_core, but for the callbacks.</summary>
    internal void Core(RcuData data)
    {
        NoteChanges(data);
        if (data.IsWaitedFor && !data.HasNoQuiescentState) ReportQuiescentState(data);
        if (!IsInProgress && !data.IsOffloaded && data.Callbacks.HasUnassigned) Accelerate(data);
    }

    /// <summary>__note_gp_changes.</summary>
    internal void NoteChanges(RcuData data)
    {
        if (data.Sequence == Sequence) return;
        bool hasEnded = data.Sequence < (Sequence & ~1L), hasBegun = (data.Sequence + 1 & ~1L) < Sequence;
        if (hasEnded)
        {
            data.IsWaitedFor = false;
            if (!data.IsOffloaded) data.Callbacks.Advance(Sequence);
        }
        if (hasBegun)
        {
            data.IsWaitedFor = data.HasNoQuiescentState = _waitingFor.Contains(data.Cpu.Id);
            data.TicksThisPeriod = 0;
            data.SoftirqsAtStart = data.Cpu.Softirqs[SoftirqVector.RCU];
        }
        data.Sequence = Sequence;
        if (!data.IsOffloaded) Accelerate(data);
    }

    /// <summary>rcu_report_qs_rdp.</summary>
    private void ReportQuiescentState(RcuData data)
    {
        data.IsWaitedFor = false;
        data.IsUrgent = false;
        Report(data.Cpu);
        if (!data.IsOffloaded) Accelerate(data);
    }

    /// <summary>rcu_report_qs_rnp: the grace period waits no longer for this processor; the last one wakes the thread.</summary>
    private void Report(Cpu cpu)
    {
        if (!_waitingFor.Contains(cpu.Id)) return;
        _waitingFor = _waitingFor.Without(cpu.Id);
        if (IsThrough) _thread.Wake();
    }

    // ---- callbacks -------------------------------------------------------------------------------------------------------------------

    internal void Take(RcuData data, Queue<RcuHead> into)
    {
        data.Callbacks.TakeReady(into);
        _taken += into.Count;
    }

    internal void Invoke(RcuHead head)
    {
        _kernel.Spend(_kernel.Costs.RcuCallback);
        Invoked++;
        _taken--;
        if (head.QueuedPs > _completedStartPs) CalledEarly++;
        head.Run();
    }

    /// <summary>The end of rcu_do_batch: the rest waits for another batch.</summary>
    internal void EndBatch(RcuData data, Queue<RcuHead> rest)
    {
        _taken -= rest.Count;
        data.Callbacks.PutBack(rest);
        if (data.BatchLimit == LargestBatch && data.Callbacks.Count <= FewAgain) data.BatchLimit = Parameters.BatchLimit;
        if (data.Callbacks.Count < data.LengthAtForce) data.LengthAtForce = data.Callbacks.Count;
        if (data.Callbacks.Ready > 0) InvokeCore(data);
    }

    // ---- processors that go ------------------------------------------------------------------------------------------------------------

    /// <summary>rcutree_report_cpu_dead and rcutree_migrate_callbacks: nobody waits for it any more, and its callbacks are another's.</summary>
    internal void CpuDead(Cpu cpu, Cpu heir)
    {
        RcuData dead = _data[cpu.Id];
        dead.IsWaitedFor = dead.HasNoQuiescentState = false;
        Report(cpu);
        if (dead.IsOffloaded || dead.Callbacks.Count == 0) return;
        RcuData data = _data[heir.Id];
        dead.Callbacks.MoveTo(data.Callbacks);
        if (data.IsOffloaded) data.GroupThread!.Request();
        else
        {
            Accelerate(data);
            if (heir.IsIdle) heir.Tick.IdleAgain(_kernel.Events.NowPs);
        }
    }

    internal void CpuOnline(Cpu cpu) => _data[cpu.Id].CoreThread?.WakeIfAsked();
}
