namespace Tophalf.Kernel.Scheduling;

/// <summary>Where this processor holds nothing that RCU protects, as its interrupts, its idle loop and its scheduler know it.</summary>
public sealed partial class Cpu
{
    /// <summary>rcu_is_cpu_rrupt_from_idle: the interrupt that runs came in the idle loop.</summary>
    internal bool InterruptsIdle => _depth == 1 && RunsIdleTask;

    /// <summary>user_mode(get_irq_regs()).</summary>
    internal bool InterruptsUserMode => _depth == 1 && _suspended[0] is KernelTask { IsInUserMode: true };

    /// <summary>What was interrupted had neither preemption nor bottom halves disabled.</summary>
    internal bool IsPreemptible => (VisiblePreemptCount & PreemptMask) == 0 && !InSoftirq;

    private const uint PreemptMask = 0xFF;

    /// <summary>rcu_watching_snap_in_eqs: it idles, is offline, or is of nohz_full= and in user mode.</summary>
    internal bool IsOutsideRcu => IsIdle || IsStopped || (IsTickless && _depth == 0 && _current is KernelTask { IsInUserMode: true });

    /// <summary>How often it got there.</summary>
    internal long TimesOutsideRcu => Idle.Entered + (IsTickless ? Runqueue.Switches : 0);

    private bool IsTickless => _kernel.TickParameters.NoHzFull.Contains(Id);

    /// <summary>When it last chose a task, and when a tick last found it preemptible, for the checker of grace periods.</summary>
    internal long LastSwitchPs { get; private set; } = -1;
    internal long QuietTickPs { get; set; } = -1;

    /// <summary>resched_cpu, by another processor.</summary>
    internal void AskToReschedule(Cpu from, long nowPs)
    {
        if (_toldToReschedule || from == this) return;
        _toldToReschedule = true;
        _kernel.TellReschedule(from, this, nowPs);
    }

    /// <summary>wake_up_process, by code that runs here.</summary>
    internal void Wake(KernelTask task) => _kernel.Wake(task, this, LocalPs);
}
