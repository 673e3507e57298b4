using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>What is set for this context alone, and how a task takes it from the softirq to poll it itself (net/core/dev.c, __napi_busy_loop and napi_suspend_irqs).</summary>
public sealed partial class Napi
{
    /// <summary>gro_flush_timeout: how long after a poll the next one comes by timer while interrupts are deferred; 0: never.</summary>
    public long GroFlushTimeoutPs { get; internal set; }

    /// <summary>napi_defer_hard_irqs: empty polls in a row before the interrupt is armed.</summary>
    public int DeferHardIrqs { get; internal set; }

    /// <summary>irq_suspend_timeout: how long interrupts stay off, at most, after a task that prefers to poll has got something; 0: no suspension.</summary>
    public long IrqSuspendTimeoutPs { get; internal set; }

    /// <summary>NAPI_STATE_IN_BUSY_POLL goes on: true when nobody else has the context. A competitor that prefers to poll leaves his wish.</summary>
    internal bool TryBeginBusyPoll(bool prefer)
    {
        if (_enabled && !IsScheduled)
        {
            IsScheduled = true;
            return true;
        }
        if (prefer) PrefersBusyPoll = true;
        return false;
    }

    internal bool IsEnabled => _enabled;

    /// <summary>Begins one poll of so many packets for a task: a turn of its loop, or the last poll.</summary>
    internal long BeginBusyPoll(Cpu cpu, int budget, bool isTurn, long nowPs)
    {
        long costPs = BeginPortion(cpu, nowPs);
        _isBusyTurn = isTurn;
        _budget = budget;
        return costPs;
    }

    /// <summary>The plan of the running poll has packets in it.</summary>
    internal bool HasPlanned => _done < _planned;

    /// <summary>When something will be there to poll for: a packet, or a transmitted frame to clean up after. Never if nothing is in sight.</summary>
    internal long NextForPollPs(long untilPs) => Math.Min(_vector.Rx.FirstPs(untilPs), _vector.HasXdpTx ? Math.Min(_vector.Tx.NthPs(1), _vector.XdpTx.NthPs(1)) : _vector.Tx.NthPs(1));

    /// <summary>So many polls found nothing.</summary>
    internal void PolledInVain(long polls) => Polls += polls;

    /// <summary>
    /// busy_poll_stop(), before the last poll. True when a timer was started that will look after the context: a task that prefers to poll is coming back, so the
    /// interrupt stays off until then.
    /// </summary>
    internal bool BeginBusyPollStop(Cpu cpu, bool prefer, long nowPs)
    {
        IsMissed = false;
        if (!prefer) return false;
        _emptyPollsLeft = DeferHardIrqs;
        if (DeferHardIrqs == 0 || GroFlushTimeoutPs == 0 || !_enabled) return false;
        StartWatchdog(cpu, GroFlushTimeoutPs, nowPs);
        return true;
    }

    /// <summary>__busy_poll_stop(), where the last poll has used up its budget, and so has not completed.</summary>
    internal void EndBusyPoll(Cpu cpu, bool isTimerOn, long nowPs)
    {
        _budget = _weight;
        if (isTimerOn) IsScheduled = false;
        else Enlist(cpu, nowPs);
    }

    /// <summary>The last poll has found less than its budget: napi_complete_done().</summary>
    internal void CompleteBusyPoll(Cpu cpu, long nowPs)
    {
        _budget = _weight;
        Complete(cpu, nowPs);
    }

    /// <summary>napi_suspend_irqs(): a task that prefers to poll has got something, so nobody need look until it comes back, or is late.</summary>
    internal void SuspendInterrupts(Cpu cpu, long nowPs)
    {
        if (IrqSuspendTimeoutPs > 0 && _enabled) StartWatchdog(cpu, IrqSuspendTimeoutPs, nowPs);
    }
}
