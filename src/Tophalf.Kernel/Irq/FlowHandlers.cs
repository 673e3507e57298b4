using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// What happens between the vector and the handlers (kernel/irq/chip.c, handle.c). An edge interrupt is acknowledged before its handlers,
/// so that a new edge is not lost; a level interrupt after them, because before that the line is still active.
/// </summary>
internal sealed class FlowHandlers(Kernel kernel)
{
    /// <summary>Behind an EOI broadcast of the same moment.</summary>
    private const int AfterBroadcastRank = 1 << 19;

    public void Handle(IrqDesc desc, Cpu cpu)
    {
        if (desc.Flow == FlowKind.Edge) HandleEdge(desc, cpu);
        else HandleFastEoi(desc, cpu);
    }

    private void HandleEdge(IrqDesc desc, Cpu cpu)
    {
        cpu.Spend(kernel.Costs.FlowHandler);
        if (desc.InProgress || desc.IsDisabled || desc.Actions.Count == 0)
        {
            desc.IsPending = true;
            Mask(desc, cpu);
            Ack(desc, cpu);
            return;
        }
        desc.Count(cpu);
        Ack(desc, cpu);
        do
        {
            if (desc.IsPending && !desc.IsDisabled && desc.IsMasked) Unmask(desc, cpu);
            HandleEvent(desc, cpu);
        }
        while (desc.IsPending && !desc.IsDisabled);
    }

    private void HandleFastEoi(IrqDesc desc, Cpu cpu)
    {
        cpu.Spend(kernel.Costs.FlowHandler);
        if (desc.InProgress)
        {
            Eoi(desc, cpu);
            return;
        }
        if (desc.IsDisabled || desc.Actions.Count == 0)
        {
            desc.IsPending = true;
            Mask(desc, cpu);
            Eoi(desc, cpu);
            return;
        }
        desc.Count(cpu);
        if (desc.IsOneShot) Mask(desc, cpu);
        HandleEvent(desc, cpu);
        Eoi(desc, cpu);
        if (desc.IsOneShot && desc.ThreadsOneShot == 0 && !desc.IsDisabled) Unmask(desc, cpu);
    }

    /// <summary>Runs all actions, in the order in which they were registered; none is skipped because an earlier one claimed the interrupt.</summary>
    private void HandleEvent(IrqDesc desc, Cpu cpu)
    {
        desc.IsPending = false;
        desc.InProgress = true;
        IrqReturn result = IrqReturn.None;
        foreach (IrqAction action in desc.Actions)
        {
            long enteredPs = cpu.LocalPs;
            if (kernel.Trace is { HandlerEntryPs: < 0 } entering && entering.Wants(cpu.Id)) entering.HandlerEntryPs = enteredPs;
            IrqReturn returned = action.Handler(desc.Irq, action.DevId);
            if (kernel.Trace is { } trace && trace.Wants(cpu.Id))
                trace.Add(cpu.LocalPs, $"CPU {cpu.Id}", $"handler {action.Name} of irq {desc.Irq} returned {returned}", cpu.LocalPs - enteredPs);
            if ((returned & IrqReturn.WakeThread) != 0) kernel.Irqs.WakeThread(desc, action, cpu);
            result |= returned;
        }
        kernel.Spurious.NoteInterrupt(desc, result, cpu.LocalPs);
        desc.InProgress = false;
    }

    /// <summary>apic_ack_edge: finish an earlier move, start a pending one, end the interrupt.</summary>
    private void Ack(IrqDesc desc, Cpu cpu)
    {
        kernel.Vectors.CompleteMove(desc, cpu);
        kernel.Irqs.MovePending(desc, cpu.LocalPs);
        EndOfInterrupt(desc, cpu, kernel.Costs.Eoi);
    }

    /// <summary>
    /// ioapic_ack_level: the EOI is broadcast to the I/O APICs, and a pending move is made after it, with the line masked. The broadcast clears remote IRR
    /// only where it finds its vector, so the entry keeps the old one until then; a line that has already sent again is left for its next interrupt.
    /// </summary>
    private void Eoi(IrqDesc desc, Cpu cpu)
    {
        kernel.Vectors.CompleteMove(desc, cpu);
        EndOfInterrupt(desc, cpu, kernel.Costs.Eoi + kernel.Costs.EoiIoApic);
        if (desc.PendingAffinity is not null) MoveBehindEoi(desc, cpu);
    }

    private void MoveBehindEoi(IrqDesc desc, Cpu cpu)
    {
        bool masked = desc.IsMasked;
        if (!masked)
        {
            Mask(desc, cpu);
            cpu.Spend(kernel.Costs.DeviceWrite);
            desc.IsMasked = false;
        }
        kernel.Events.Schedule(new CallbackEvent(nowPs =>
        {
            if (desc.Chip.IsSettled(desc)) kernel.Irqs.MovePending(desc, nowPs);
            if (!desc.IsMasked) desc.Chip.Unmask(desc, nowPs);
        })
        {
            Rank = AfterBroadcastRank,
        }, Math.Max(cpu.LocalPs, kernel.Events.NowPs));
    }

    private void EndOfInterrupt(IrqDesc desc, Cpu cpu, long costPs)
    {
        cpu.Spend(costPs);
        cpu.Apic.EndOfInterrupt(cpu.LocalPs);
        if (kernel.Trace is { } trace && trace.Wants(cpu.Id))
            trace.Add(cpu.LocalPs, $"local APIC {cpu.Apic.Id}", $"EOI: ISR bit cleared{(desc.IsLevel ? ", broadcast to the I/O APIC" : "")}", costPs);
    }

    internal void Mask(IrqDesc desc, Cpu cpu)
    {
        if (desc.IsMasked) return;
        desc.IsMasked = true;
        cpu.Spend(kernel.Costs.DeviceWrite);
        desc.Chip.Mask(desc, kernel.Events.NowPs);
    }

    /// <summary>Opens the line again. A level line still active sends at once, so the write takes effect at its own time, not ahead of it.</summary>
    internal void Unmask(IrqDesc desc, Cpu cpu)
    {
        if (desc.IsMasked) UnmaskLater(desc, cpu);
    }

    private void UnmaskLater(IrqDesc desc, Cpu cpu)
    {
        desc.IsMasked = false;
        cpu.Spend(kernel.Costs.DeviceWrite);
        kernel.Events.Schedule(new CallbackEvent(nowPs =>
        {
            if (!desc.IsMasked) desc.Chip.Unmask(desc, nowPs);
        }), Math.Max(cpu.LocalPs, kernel.Events.NowPs));
    }
}
