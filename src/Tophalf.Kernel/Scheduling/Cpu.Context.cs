using Tophalf.Kernel.Context;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// What kind of code is running, by the bits of preempt_count (include/linux/preempt.h), and what becomes of a processor whose code never comes back.
/// <code>
///   23..20 NMI   19..16 hardirq   15..9 BH disabled   8 serving a softirq   7..0 preemption disabled
/// </code>
/// </summary>
public sealed partial class Cpu
{
    public const uint NmiOffset = 0x10_0000, HardirqOffset = 0x1_0000, SoftirqOffset = 0x100;
    private const uint NeedReschedBit = 1u << 31;
    private const uint NmiMask = 0xF0_0000, HardirqMask = 0xF_0000, SoftirqMask = 0xFF00;

    /// <summary>Adds up what <see cref="PreemptCount"/> does not carry: the idle task runs with preemption disabled for ever.</summary>
    internal uint VisiblePreemptCount => PreemptCount + (RunsIdleTask && !_isIdleShareGone ? 1u : 0) & ~NeedReschedBit;

    /// <summary>irq_count(): with PREEMPT_RT the softirq bits are not the processor's but the task's, and keep nobody from preempting it.</summary>
    private uint ContextBits => PreemptCount | _taskSoftirqCount;

    /// <summary>Softirqs run on the interrupt stack, and not in a task's name.</summary>
    internal bool IsSoftirqOnIrqStack => (PreemptCount & SoftirqOffset) != 0;

    public bool InNmi => (PreemptCount & NmiMask) != 0;
    public bool InHardirq => (PreemptCount & HardirqMask) != 0;

    /// <summary>Serving a softirq, or with bottom halves disabled.</summary>
    public bool InSoftirq => (ContextBits & SoftirqMask) != 0;
    public bool InServingSoftirq => (ContextBits & SoftirqOffset) != 0;
    public bool InInterrupt => (ContextBits & (NmiMask | HardirqMask | SoftirqMask)) != 0;
    public bool InTask => (ContextBits & (NmiMask | HardirqMask | SoftirqOffset)) == 0;
    public bool InAtomic => VisiblePreemptCount != 0;

    /// <summary>irqs_disabled(): in an interrupt, or where code has said so.</summary>
    public bool IrqsDisabled => (PreemptCount & (NmiMask | HardirqMask)) != 0 || _irqDisableDepth > 0;

    /// <summary>The task that runs here or is interrupted here is swapper/N.</summary>
    internal bool RunsIdleTask => Runqueue.Current is null;

    /// <summary>current-&gt;comm and pid, as messages print them.</summary>
    internal string CurrentComm => Runqueue.Current?.Comm ?? $"swapper/{Id}";
    internal int CurrentPid => Runqueue.Current?.Pid ?? 0;

    /// <summary>What code of this processor holds of its stacks.</summary>
    public CpuStacks Stacks { get; }

    internal void AddPreemptCount(uint offset) => PreemptCount += offset;
    internal void SubtractPreemptCount(uint offset) => PreemptCount -= offset;

    /// <summary>preempt_count_set(PREEMPT_DISABLED), and schedule()'s own part given back.</summary>
    internal void ResetPreemptCount()
    {
        PreemptCount = 0;
        _isIdleShareGone = RunsIdleTask;
    }

    /// <summary>The idle task's own part of the count went the same way.</summary>
    private bool _isIdleShareGone;

    /// <summary>
    /// Nothing forbids to switch tasks. A count below zero does not: whoever gives a part of it back that schedule() has taken away leaves it so, and the next schedule()
    /// mends it. (The kernel gets there a little later, when the task blocks or returns to user mode.)
    /// </summary>
    private bool MaySchedule => (int)PreemptCount <= 0 && !IsStopped;

    /// <summary>schedule() with a count that is not what it ought to be.</summary>
    private void MendPreemptCount(long nowPs)
    {
        LocalPs = nowPs;
        uint count = VisiblePreemptCount + (RunsIdleTask ? 0u : 1);
        _kernel.SchedulingWhileAtomic(this, count, ["__schedule_bug", "__schedule", RunsIdleTask ? "schedule_idle" : "schedule"]);
        PreemptCount = 0;
        _isIdleShareGone = false;
    }

    // ---- the interrupt flag of task code ---------------------------------------------------------------------------------------

    private const int EnableRank = 1 << 21;
    private readonly CallbackEvent _enableAgain;
    private int _irqDisableDepth;
    private long _irqsOffUntilPs;
    private bool _areIrqsLeftOff;

    internal void SaveIrqs() => _irqDisableDepth++;

    internal void RestoreIrqs()
    {
        if (--_irqDisableDepth == 0) _irqsOffUntilPs = LocalPs;
    }

    /// <summary>Task code has run in one go: while its task burns the time it spent, interrupts are off up to its last restore, or for as long as it left them so.</summary>
    private void SettleInterruptFlag(long nowPs)
    {
        // Softirqs begin before interrupts are on again; that is not this code's doing.
        if (_irqDisableDepth == 0 && _irqsOffUntilPs <= nowPs && !_areIrqsLeftOff) return;
        Processor.DisableInterrupts();
        _areIrqsLeftOff = _irqDisableDepth > 0 || IsStopped;
        if (_areIrqsLeftOff || _taskHoldsInterrupts) return;
        _kernel.Events.Schedule(_enableAgain, Math.Max(_irqsOffUntilPs, nowPs));
    }

    private void EnableAgain(long nowPs)
    {
        if (_irqDisableDepth > 0 || _taskHoldsInterrupts || IsStopped || ReferenceEquals(_current, _hardirq)) return;
        if (IsStolen)
        {
            _takesInterruptsAgain = true;
            return;
        }
        // The flag an NMI has saved is not the one it runs with.
        if (IsInNmi) _kernel.Events.Schedule(_enableAgain, _nmi.EndPs);
        else Processor.EnableInterrupts(nowPs);
    }

    // ---- what stands on each other, for who tells of it ------------------------------------------------------------------------

    internal bool StandsInNmi => IsInNmi;
    internal bool StandsInHardirq => ReferenceEquals(_current, _hardirq) || Array.IndexOf(_suspended, _hardirq, 0, _depth) >= 0;

    /// <summary>The vector of the last interrupt, and the place in its line's chain of the handler that ran last.</summary>
    internal int LastVector { get; set; }
    internal int LastAction { get; set; }

    // ---- code that never returns -----------------------------------------------------------------------------------------------

    /// <summary>The machine has stopped: this processor halts for good, or spins where it panicked.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>What runs in one go here goes on for ever: the processor is busy with it from now on, and only an NMI gets through.</summary>
    internal void LoseItself()
    {
        _kernel.CurrentCpu = null;
        if (IsInNmi) _nmi.EndPs = SimTime.Never;
        else _hardirq.EndPs = SimTime.Never;
        _kernel.Events.Cancel(_end);
    }

    /// <summary>Interrupts off for good; the code that runs goes on to its end.</summary>
    internal void MarkStopped()
    {
        IsStopped = true;
        Processor.DisableInterrupts();
    }

    /// <summary>stop_this_cpu: interrupts off and HLT, once what runs ahead of the clock is through.</summary>
    internal void Stop(long nowPs)
    {
        if (IsStopped) return;
        Sync(nowPs);
        MarkStopped();
        if (IsInNmi || ReferenceEquals(_current, _hardirq)) return;
        Halt(nowPs);
    }

    private void Halt(long nowPs)
    {
        _current = Idle;
        _depth = 0;
        _sincePs = Math.Max(_sincePs, nowPs);
        _kernel.Events.Cancel(_end);
    }
}
