using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Rcu;

/// <summary>The steps of a grace period, which <see cref="GracePeriodThread"/> makes (rcu_gp_init, rcu_gp_fqs, rcu_gp_cleanup).</summary>
public sealed partial class RcuState
{
    private readonly List<KernelTask> _blockedReaders = [];

    /// <summary>No processor is waited for, and no task that was preempted while it had bottom halves disabled (PREEMPT_RT: they are readers, rcu_preempt_blocked_readers_cgp).</summary>
    internal bool IsThrough => _waitingFor.IsEmpty && !_blockedReaders.Exists(task => task.BlocksGracePeriods <= Sequence);

    internal void Begin(Cpu cpu)
    {
        Sequence++;
        _waitingFor = _onlineAtStart = _kernel.OnlineMask;
        _startPs = cpu.LocalPs;
        _startJiffies = _kernel.JiffiesNow;
        _nextStallJiffies = _startJiffies + StallJiffies;
        NoteChanges(_data[cpu.Id]);
    }

    /// <summary>force_qs_rnp: a processor that idles, or has idled since the first look, has passed a quiescent state, and need not be woken to say so.</summary>
    internal void Look(bool isFirst)
    {
        Looks++;
        foreach (int id in _waitingFor)
        {
            RcuData data = _data[id];
            Cpu cpu = data.Cpu;
            cpu.Sync(_kernel.Events.NowPs);
            if (cpu.IsOutsideRcu || !isFirst && cpu.TimesOutsideRcu != data.WatchingSnapshot)
            {
                data.IsUrgent = false;
                Report(cpu);
                continue;
            }
            if (isFirst) data.WatchingSnapshot = cpu.TimesOutsideRcu;
            if (_kernel.JiffiesNow - _startJiffies >= JiffiesToSchedule) Urge(data);
        }
    }

    /// <summary>
    /// rcu_watching_snap_recheck: the next tick makes it switch; one that has no tick, because it is of nohz_full= and in the kernel for long, is interrupted.
    /// </summary>
    private void Urge(RcuData data)
    {
        data.IsUrgent = true;
        if (_kernel.TickParameters.NoHzFull.Contains(data.Cpu.Id)) data.Cpu.AskToReschedule(_kernel.ThisCpu, _kernel.LocalNowPs);
    }

    /// <summary>jiffies_to_sched_qs: a tenth of a second, unless the looks are further apart.</summary>
    private long JiffiesToSchedule => Math.Max(Parameters.JiffiesTillFirstLook + 2 * Parameters.JiffiesTillNextLook, _kernel.Hz / 10 + _kernel.CpuCount / 256);

    internal void End(Cpu cpu)
    {
        foreach (int id in _onlineAtStart.And(_kernel.OnlineMask))
        {
            Cpu other = _kernel.Cpus[id];
            if (!other.RunsIdleTask && !other.IsOutsideRcu && other.LastSwitchPs < _startPs && other.QuietTickPs < _startPs) EndedEarly++;
        }
        _completedStartPs = _startPs;
        Sequence++;
        NoteChanges(_data[cpu.Id]);
        foreach (RcuData data in _data)
        {
            if (data.IsOffloaded && data.Callbacks.Pending > 0) data.GroupThread!.Request(); // rcu_nocb_gp_cleanup
        }
    }

    /// <summary>Times somebody looked who idles.</summary>
    public long Looks { get; private set; }

    // ---- readers that are preempted: PREEMPT_RT ----------------------------------------------------------------------------------------

    /// <summary>rcu_note_context_switch: a task is switched away from that has bottom halves disabled. It blocks the present grace period if that still waits for its processor, else later ones.</summary>
    internal void ReaderPreempted(KernelTask task, Cpu cpu)
    {
        if (task.BlocksGracePeriods >= 0) return;
        task.BlocksGracePeriods = _waitingFor.Contains(cpu.Id) ? Sequence : Sequence + 1;
        _blockedReaders.Add(task);
    }

    /// <summary>rcu_read_unlock_special.</summary>
    internal void ReaderThrough(KernelTask task)
    {
        task.BlocksGracePeriods = -1;
        _blockedReaders.Remove(task);
        if (IsInProgress && IsThrough) _thread.Wake();
    }
}
