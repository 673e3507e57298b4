using Tophalf.Kernel.Nmi;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// Non-maskable interrupts on the stack of contexts: above everything, and charged to what they interrupt, since the kernel keeps no time for them.
/// What a hard interrupt below has run ahead of the clock is not run again; it only ends later.
/// </summary>
public sealed partial class Cpu
{
    private readonly NmiSection _nmi = new();
    private long _nmiStartPs, _belowNmiPs;

    /// <summary>exc_nmi and its books.</summary>
    public CpuNmi Nmi { get; }

    private bool IsInNmi => ReferenceEquals(_current, _nmi);
    private bool IsHardirqBelowNmi => IsInNmi && _depth > 0 && ReferenceEquals(_suspended[_depth - 1], _hardirq);

    /// <summary>What an NMI interrupted is the idle task's halt.</summary>
    internal bool IdlesBelowNmi => IsInNmi && _depth == 1 && ReferenceEquals(_suspended[0], Idle);

    /// <summary>An NMI takes the processor; <see cref="LocalPs"/> stands at exc_nmi.</summary>
    internal void BeginNmi(long nowPs)
    {
        Sync(nowPs);
        // A core on its way out of an idle state comes to it when it is out.
        long startPs = Math.Max(nowPs, _sincePs);
        if (IsIdle) startPs = SpendSteal(startPs + SpendIdleExit(nowPs));
        // A processor that lost its way in an NMI has nothing to come back to.
        if (!IsInNmi)
        {
            _nmi.Class = ClassBelowNmi;
            _belowNmiPs = LocalPs;
            _suspended[_depth++] = _current;
            _current = _nmi;
        }
        _sincePs = _nmiStartPs = startPs;
        LocalPs = startPs + _kernel.Costs.InstructionBoundary + _kernel.Costs.Vectoring + _kernel.Costs.KernelEntry;
    }

    private CpuClass ClassBelowNmi =>
        IsIdle ? CpuClass.Idle
        : ReferenceEquals(_current, _hardirq) ? CpuClass.Irq
        : ReferenceEquals(_current, Softirqs.Context) ? CpuClass.Softirq
        : CpuClass.System;

    /// <summary>irqentry_nmi_enter.</summary>
    internal void EnterNmiCode()
    {
        PreemptCount += NmiOffset + HardirqOffset;
        _kernel.CurrentCpu = this;
    }

    /// <summary>The handlers have run; the processor is busy with them until their local time.</summary>
    internal void LeaveNmiCode()
    {
        Spend(_kernel.Costs.IrqReturn);
        PreemptCount -= NmiOffset + HardirqOffset;
        _kernel.CurrentCpu = null;
        _nmi.EndPs = LocalPs;
        _kernel.Events.Schedule(_end, LocalPs);
    }

    /// <summary>Another NMI came in and left again at once.</summary>
    internal void ProlongNmi(long ps)
    {
        if (!IsInNmi || _nmi.EndPs == SimTime.Never) return;
        _nmi.EndPs += ps;
        _kernel.Events.Schedule(_end, _nmi.EndPs);
    }

    /// <summary>IRET to what was interrupted; what is latched or pending follows at once.</summary>
    internal void ReturnFromNmi(long nowPs)
    {
        Work interrupted = _suspended[--_depth];
        _current = interrupted;
        _sincePs = nowPs;
        if (ReferenceEquals(interrupted, _hardirq))
        {
            long lostPs = nowPs - _nmiStartPs;
            LocalPs = _belowNmiPs + lostPs;
            if (_hardirq.EndPs != SimTime.Never) _hardirq.EndPs += lostPs;
        }
        if (_depth == 0 && MayPreempt())
        {
            Schedule(nowPs);
            return;
        }
        if (_depth == 0 && ReferenceEquals(interrupted, Idle)) Idle.Enter(nowPs);
        Processor.InterruptRequested(nowPs);
        if (ReferenceEquals(_current, interrupted)) Replan(nowPs);
    }

    /// <summary>The time between the delivery of an NMI and its IRET.</summary>
    private sealed class NmiSection : Work
    {
        public long EndPs;
        public CpuClass Class;

        public override long Plan(long nowPs) => EndPs;
        public override void Advance(long fromPs, long toPs, CpuTime time) => time.Add(Class, toPs - fromPs);
        public override void Finish(Cpu cpu, long nowPs) => cpu.Nmi.RoundEnded(nowPs);
    }
}
