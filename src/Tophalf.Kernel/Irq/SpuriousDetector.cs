using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// Cuts a line that nobody answers (kernel/irq/spurious.c, note_interrupt): of 100 000 interrupts more than 99 900 unhandled. The slack is for a healthy
/// device that shares the line with the broken one; a quiet tenth of a second starts the count of unhandled ones again.
/// </summary>
public sealed class SpuriousDetector(Kernel kernel)
{
    public const uint Window = 100_000, Threshold = 99_900;
    private const uint DeferredFlag = 0x8000_0000;

    private readonly MisroutedLines _misrouted = new(kernel);
    private int _badReports;

    internal void NoteInterrupt(IrqDesc desc, IrqReturn result, Cpu cpu)
    {
        if (kernel.Irqs.Parameters.NoIrqDebug) return;
        if ((desc.State & IrqState.PollInProgress) != 0 || (desc.Settings & IrqSettings.IsPolled) != 0) return;
        long nowPs = cpu.LocalPs;
        if ((uint)result > 3)
        {
            if (_badReports++ < 100) Report(desc, $"irq event {desc.Irq}: bogus return value {(uint)result:x}", nowPs);
            return;
        }
        if ((result & IrqReturn.WakeThread) != 0)
        {
            if (result != IrqReturn.WakeThread) desc.ThreadsHandledLast &= ~DeferredFlag;
            else if ((desc.ThreadsHandledLast & DeferredFlag) == 0)
            {
                // The thread has not run yet; whether it handled anything is seen at the next interrupt.
                desc.ThreadsHandledLast |= DeferredFlag;
                return;
            }
            else
            {
                uint handled = desc.ThreadsHandled | DeferredFlag;
                result = handled != desc.ThreadsHandledLast ? IrqReturn.Handled : IrqReturn.None;
                desc.ThreadsHandledLast = handled;
            }
        }
        if (result == IrqReturn.None)
        {
            long jiffies = kernel.Jiffies(nowPs);
            desc.Unhandled = jiffies > desc.LastUnhandledJiffies + kernel.Hz / 10 ? 1 : desc.Unhandled + 1;
            desc.LastUnhandledJiffies = jiffies;
        }
        if (_misrouted.ShouldTry(desc, result) && _misrouted.Find(desc, cpu) && result == IrqReturn.None) desc.Unhandled--;
        if (desc.Unhandled == 0) return;
        if (++desc.IrqCount < Window) return;
        desc.IrqCount = 0;
        if (desc.Unhandled > Threshold)
        {
            Report(desc, $"irq {desc.Irq}: nobody cared (try booting with the \"irqpoll\" option)", nowPs);
            kernel.Log(nowPs, $"Disabling IRQ #{desc.Irq}");
            desc.State |= IrqState.SpuriousDisabled;
            kernel.Irqs.Disable(desc);
            _misrouted.StartPolling(nowPs);
        }
        desc.Unhandled = 0;
    }

    private void Report(IrqDesc desc, string headline, long nowPs)
    {
        kernel.Log(nowPs, headline);
        kernel.Log(nowPs, "handlers:");
        foreach (IrqAction action in desc.Actions)
        {
            string threaded = action.ThreadFunction is { } thread ? $" threaded [<0>] {kernel.Symbols.NameOf(thread)}" : "";
            kernel.Log(nowPs, $"[<0>] {kernel.Symbols.NameOf(action.Handler)}{threaded}");
        }
    }
}
