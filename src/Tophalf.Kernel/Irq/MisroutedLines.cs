using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// Handlers called without an interrupt of their own line (kernel/irq/spurious.c): the search for the line an unclaimed interrupt belongs to
/// (irqfixup, irqpoll), and the ten polls a second that keep the devices of a line alive that was cut.
/// </summary>
internal sealed class MisroutedLines
{
    private const int PollsPerSecond = 10;

    private readonly Kernel _kernel;
    private readonly TimerList _timer;
    private bool _polling, _armed;

    public MisroutedLines(Kernel kernel)
    {
        _kernel = kernel;
        _timer = new TimerList(_ => Poll());
    }

    /// <summary>try_misrouted_irq.</summary>
    public bool ShouldTry(IrqDesc desc, IrqReturn result) => _kernel.Irqs.Parameters.Fixup switch
    {
        IrqFixup.None => false,
        _ when result == IrqReturn.None => true,
        IrqFixup.Poll => desc.Irq == 0 || (desc.Chain is [var first, ..] && (first.Flags & IrqFlags.IrqPoll) != 0),
        _ => false,
    };

    /// <summary>misrouted_irq: asks the handlers of all other lines. One poller at a time.</summary>
    public bool Find(IrqDesc unclaimed, Cpu cpu)
    {
        if (_polling) return false;
        _polling = true;
        bool found = false;
        foreach (IrqDesc desc in _kernel.Irqs.All)
        {
            if (desc.Irq != 0 && desc != unclaimed) found |= TryOne(desc, cpu, force: false);
        }
        _polling = false;
        return found;
    }

    /// <summary>
    /// try_one_irq: runs a line's actions if they may be run without an interrupt: shared, and not a timer. A cut line is asked
    /// only by the timer, which forces it.
    /// </summary>
    private bool TryOne(IrqDesc desc, Cpu cpu, bool force)
    {
        const IrqSettings unfit = IrqSettings.PerCpu | IrqSettings.NestedThread | IrqSettings.IsPolled;
        if ((desc.Settings & unfit) != 0 || (desc.IsDisabled && !force)) return false;
        if (desc.Chain is not [var first, ..] || (first.Flags & (IrqFlags.Shared | IrqFlags.TimerBit)) != IrqFlags.Shared) return false;
        if (desc.InProgress)
        {
            desc.State |= IrqState.Pending; // whoever is in it goes round once more
            return false;
        }
        desc.State |= IrqState.PollInProgress;
        bool handled = false;
        do
        {
            handled |= _kernel.Irqs.RunEvent(desc, cpu) == IrqReturn.Handled;
        }
        while (desc.IsPending && desc.Chain.Length > 0);
        desc.State &= ~IrqState.PollInProgress;
        return handled;
    }

    /// <summary>Arms poll_spurious_irq_timer; once a line has been cut it never stops.</summary>
    public void StartPolling(long nowPs)
    {
        if (_armed) return;
        _armed = true;
        Arm(nowPs);
    }

    private void Arm(long nowPs) => _kernel.Timers.ModTimer(_timer, _kernel.Jiffies(nowPs) + _kernel.Hz / PollsPerSecond);

    /// <summary>poll_spurious_irqs, a timer function: the handlers run with interrupts off, in softirq context.</summary>
    private void Poll()
    {
        if (!_polling)
        {
            _polling = true;
            foreach (IrqDesc desc in _kernel.Irqs.All)
            {
                if (desc.Irq != 0 && desc.IsSpuriousDisabled) TryOne(desc, _kernel.ThisCpu, force: true);
            }
            _polling = false;
        }
        Arm(_kernel.LocalNowPs);
    }
}
