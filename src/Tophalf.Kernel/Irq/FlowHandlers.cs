using Tophalf.Hardware.Controllers;
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
        cpu.Spend(kernel.Costs.FlowHandler);
        switch (desc.Flow)
        {
            case FlowKind.Edge: HandleEdge(desc, cpu); break;
            case FlowKind.FastEoi: HandleFastEoi(desc, cpu); break;
            case FlowKind.Level: HandleLevel(desc, cpu); break;
            case FlowKind.Simple: HandleSimple(desc, cpu); break;
            case FlowKind.Untracked: HandleUntracked(desc, cpu); break;
            case FlowKind.PerCpu: HandlePerCpu(desc, cpu); break;
            case FlowKind.PerCpuDevid: HandlePerCpuDevid(desc, cpu); break;
            case FlowKind.Chained: HandleChained(desc, cpu); break;
            case FlowKind.Nested: HandleNested(desc, cpu); break;
            default: HandleBad(desc, cpu); break;
        }
    }

    // ---- what stands between an interrupt and its actions ----------------------------------------------------------------------

    /// <summary>irq_may_run: not when the line is to wake the machine, nor while the handlers run on another processor, whose local time is still ahead of this one's.</summary>
    private bool MayRun(IrqDesc desc, Cpu cpu)
    {
        bool elsewhere = desc.InProgressUntilPs > cpu.LocalPs && desc.InProgressCpu != cpu.Id;
        if (!desc.InProgress && !elsewhere && !desc.IsWakeupArmed) return true;
        if (kernel.Irqs.TakeWakeup(desc)) return false;
        if ((desc.State & IrqState.PollInProgress) == 0) return false;
        if (!elsewhere)
        {
            kernel.LogOnce(cpu.LocalPs, $"irq poll in progress on cpu {cpu.Id} for irq {desc.Irq}");
            return false;
        }
        cpu.Spend(desc.InProgressUntilPs - cpu.LocalPs); // irq_wait_for_poll spins
        desc.State &= ~IrqState.PollInProgress;
        return CanHandle(desc);
    }

    private static bool CanHandle(IrqDesc desc) => !desc.IsDisabled && desc.Chain.Length > 0;

    private static void ClearReplay(IrqDesc desc) => desc.State &= ~(IrqState.Replay | IrqState.Waiting);

    private void HandleEdge(IrqDesc desc, Cpu cpu)
    {
        ClearReplay(desc);
        bool mayRun = MayRun(desc, cpu);
        if (!mayRun || !CanHandle(desc))
        {
            desc.State |= IrqState.Pending;
            Mask(desc, cpu);
            Ack(desc, cpu);
            if (!mayRun) RunAgainWhereItRuns(desc, cpu);
            return;
        }
        desc.Count(cpu);
        Ack(desc, cpu);
        HandleWhilePending(desc, cpu);
    }

    private void HandleWhilePending(IrqDesc desc, Cpu cpu)
    {
        do
        {
            if (desc.Chain.Length == 0)
            {
                Mask(desc, cpu);
                return;
            }
            if (desc.IsPending && !desc.IsDisabled && desc.IsMasked) Unmask(desc, cpu);
            HandleEvent(desc, cpu);
        }
        while (desc.IsPending && !desc.IsDisabled);
    }

    /// <summary>
    /// An edge that comes while the handlers run elsewhere is theirs: their loop finds it pending and goes round once more. They have already run here,
    /// ahead of the clock, so their processor's interrupt is made longer by that round.
    /// </summary>
    private void RunAgainWhereItRuns(IrqDesc desc, Cpu cpu)
    {
        if (desc.InProgress || desc.InProgressCpu < 0) return;
        Cpu owner = kernel.Cpus[desc.InProgressCpu];
        if (owner == cpu || desc.IsDisabled || !owner.TryResumeHardirq()) return;
        kernel.CurrentCpu = owner;
        HandleWhilePending(desc, owner);
        owner.EndResumedHardirq();
        kernel.CurrentCpu = cpu;
    }

    private void HandleFastEoi(IrqDesc desc, Cpu cpu)
    {
        if (!MayRun(desc, cpu))
        {
            EoiUnlessHandledOnly(desc, cpu);
            return;
        }
        ClearReplay(desc);
        if (!CanHandle(desc))
        {
            desc.State |= IrqState.Pending;
            Mask(desc, cpu);
            EoiUnlessHandledOnly(desc, cpu);
            return;
        }
        desc.Count(cpu);
        if (desc.IsOneShot) Mask(desc, cpu);
        HandleEvent(desc, cpu);
        CondUnmaskEoi(desc, cpu);
        if (desc.IsPending) kernel.Irqs.Resend(desc, inject: false);
    }

    private void EoiUnlessHandledOnly(IrqDesc desc, Cpu cpu)
    {
        if ((desc.Chip.Flags & IrqChipFlags.EoiIfHandled) == 0) Eoi(desc, cpu);
    }

    /// <summary>cond_unmask_eoi_irq: a ONESHOT line with threads at work stays masked, and with EOI_THREADED unended.</summary>
    private void CondUnmaskEoi(IrqDesc desc, Cpu cpu)
    {
        bool open = desc.IsOneShot && !desc.IsDisabled && desc.IsMasked && desc.ThreadsOneShot == 0;
        if (!desc.IsOneShot || open || (desc.Chip.Flags & IrqChipFlags.EoiThreaded) == 0) Eoi(desc, cpu);
        if (open) Unmask(desc, cpu);
    }

    private void HandleLevel(IrqDesc desc, Cpu cpu)
    {
        Mask(desc, cpu);
        Ack(desc, cpu);
        if (!MayRun(desc, cpu)) return;
        ClearReplay(desc);
        if (!CanHandle(desc))
        {
            desc.State |= IrqState.Pending;
            return;
        }
        desc.Count(cpu);
        HandleEvent(desc, cpu);
        if (!desc.IsDisabled && desc.IsMasked && desc.ThreadsOneShot == 0) Unmask(desc, cpu);
    }

    private void HandleSimple(IrqDesc desc, Cpu cpu)
    {
        if (!MayRun(desc, cpu)) return;
        ClearReplay(desc);
        if (!CanHandle(desc))
        {
            desc.State |= IrqState.Pending;
            return;
        }
        desc.Count(cpu);
        HandleEvent(desc, cpu);
    }

    private void HandleUntracked(IrqDesc desc, Cpu cpu)
    {
        if (!MayRun(desc, cpu)) return;
        ClearReplay(desc);
        if (!CanHandle(desc))
        {
            desc.State |= IrqState.Pending;
            return;
        }
        desc.State &= ~IrqState.Pending;
        desc.InProgress = true;
        RunActions(desc, cpu);
        EndProgress(desc, cpu);
    }

    /// <summary>No lock, no state: nobody else can be in it.</summary>
    private void HandlePerCpu(IrqDesc desc, Cpu cpu)
    {
        desc.Count(cpu);
        Ack(desc, cpu);
        IrqReturn result = RunActions(desc, cpu);
        if ((desc.Settings & IrqSettings.NoDebug) == 0) kernel.Spurious.NoteInterrupt(desc, result, cpu);
        if (!desc.Chip.UsesVectors) desc.Chip.Eoi(desc, cpu.LocalPs);
    }

    private void HandlePerCpuDevid(IrqDesc desc, Cpu cpu)
    {
        desc.Count(cpu);
        desc.Chip.Ack(desc, cpu.LocalPs);
        if (desc.Chain is [var action, ..])
            RunAction(desc, action, action.PerCpuDevId![cpu.Id], cpu);
        else
        {
            bool enabled = desc.EnabledOn![cpu.Id];
            if (enabled) kernel.Irqs.DisablePerCpuIrq(desc.Irq, cpu);
            kernel.LogOnce(cpu.LocalPs, $"Spurious{(enabled ? " and unmasked" : "")} percpu IRQ{desc.Irq} on CPU{cpu.Id}");
        }
        desc.Chip.Eoi(desc, cpu.LocalPs);
    }

    private void HandleChained(IrqDesc desc, Cpu cpu)
    {
        if (desc.Chip.UsesVectors) Ack(desc, cpu); // of any other chip its demultiplexer knows what it needs
        desc.ChainedHandler!(desc, cpu);
    }

    /// <summary>In the thread of the line this one hangs on; its thread functions run at once.</summary>
    public void HandleNested(IrqDesc desc, Cpu cpu)
    {
        ClearReplay(desc);
        if (!CanHandle(desc))
        {
            desc.State |= IrqState.Pending;
            return;
        }
        desc.Count(cpu);
        desc.ThreadsActive++;
        IrqReturn result = IrqReturn.None;
        foreach (IrqAction action in desc.Chain) result |= action.ThreadFunction!(desc.Irq, action.DevId);
        if ((desc.Settings & IrqSettings.NoDebug) == 0) kernel.Spurious.NoteInterrupt(desc, result, cpu);
        kernel.Irqs.ThreadDone(desc);
    }

    private void HandleBad(IrqDesc desc, Cpu cpu)
    {
        desc.Count(cpu);
        kernel.Log(cpu.LocalPs, $"unexpected IRQ trap at vector {desc.Irq:x2}");
        if (desc.Chip.UsesVectors) EndOfInterrupt(desc, cpu, kernel.Costs.Eoi);
    }

    // ---- the actions -----------------------------------------------------------------------------------------------------------

    /// <summary>handle_irq_event.</summary>
    internal IrqReturn HandleEvent(IrqDesc desc, Cpu cpu)
    {
        desc.State &= ~IrqState.Pending;
        desc.InProgress = true;
        IrqReturn result = RunActions(desc, cpu);
        if ((desc.Settings & IrqSettings.NoDebug) == 0) kernel.Spurious.NoteInterrupt(desc, result, cpu);
        EndProgress(desc, cpu);
        return result;
    }

    private static void EndProgress(IrqDesc desc, Cpu cpu)
    {
        desc.InProgress = false;
        desc.InProgressCpu = cpu.Id;
        desc.InProgressUntilPs = cpu.LocalPs;
    }

    /// <summary>Runs all actions, in the order in which they were registered; none is skipped because an earlier one claimed the interrupt.</summary>
    private IrqReturn RunActions(IrqDesc desc, Cpu cpu)
    {
        IrqReturn result = IrqReturn.None;
        IrqAction[] chain = desc.Chain;
        for (int i = 0; i < chain.Length; i++)
        {
            cpu.LastAction = i;
            result |= RunAction(desc, chain[i], chain[i].DevId, cpu);
        }
        return result;
    }

    private IrqReturn RunAction(IrqDesc desc, IrqAction action, object? devId, Cpu cpu)
    {
        long enteredPs = cpu.LocalPs;
        if (kernel.Trace is { HandlerEntryPs: < 0 } entering && entering.Wants(cpu.Id)) entering.HandlerEntryPs = enteredPs;
        Tracing.Tracepoints events = kernel.Tracer.Events;
        if (events.IrqHandlerEntry.IsEnabled) kernel.Tracer.Record(events.IrqHandlerEntry, cpu, cpu.LocalPs, irqsOff: true, 0, action.Name, desc.Irq);
        IrqReturn returned = action.Handler(desc.Irq, devId);
        if (events.IrqHandlerExit.IsEnabled) kernel.Tracer.Record(events.IrqHandlerExit, cpu, cpu.LocalPs, irqsOff: true, 0, null, desc.Irq, (int)returned);
        if (kernel.Trace is { } trace && trace.Wants(cpu.Id))
            trace.Add(cpu.LocalPs, $"CPU {cpu.Id}", $"handler {action.Name} of irq {desc.Irq} returned {returned}", cpu.LocalPs - enteredPs);
        // The kernel looks at the whole value: what is not exactly WAKE_THREAD wakes nobody.
        if (returned == IrqReturn.WakeThread) kernel.Irqs.WakeThread(desc, action, cpu);
        return returned;
    }

    // ---- acknowledging and ending ----------------------------------------------------------------------------------------------

    /// <summary>apic_ack_edge: finish an earlier move, start a pending one, end the interrupt.</summary>
    private void Ack(IrqDesc desc, Cpu cpu)
    {
        if (!desc.Chip.UsesVectors)
        {
            desc.Chip.Ack(desc, cpu.LocalPs);
            return;
        }
        kernel.Vectors.CompleteMove(desc, cpu);
        kernel.Irqs.MovePending(desc, cpu.LocalPs);
        EndOfInterrupt(desc, cpu, kernel.Costs.Eoi);
    }

    /// <summary>
    /// ioapic_ack_level: the EOI is broadcast to the I/O APICs, and a pending move is made after it, with the line masked. The broadcast clears remote IRR
    /// only where it finds its vector, so the entry keeps the old one until then; a line that has already sent again is left for its next interrupt.
    /// </summary>
    internal void Eoi(IrqDesc desc, Cpu cpu)
    {
        if (!desc.Chip.UsesVectors)
        {
            desc.Chip.Eoi(desc, cpu.LocalPs);
            return;
        }
        kernel.Vectors.CompleteMove(desc, cpu);
        bool cameAsEdge = desc.IsLevel && !CameAsLevel(desc, cpu);
        EndOfInterrupt(desc, cpu, kernel.Costs.Eoi + kernel.Costs.EoiIoApic);
        if (cameAsEdge) EndAtPin(desc, cpu);
        if (desc.PendingAffinity is not null) MoveBehindEoi(desc, cpu);
    }

    /// <summary>The TMR bit of the vector in service: clear for a level line that was sent again by software, whose EOI is then not broadcast.</summary>
    private static bool CameAsLevel(IrqDesc desc, Cpu cpu)
    {
        int vector = cpu.Id == desc.Cpu ? desc.Vector : desc.PreviousVector;
        return (cpu.Apic.Read(LocalApic.TmrOffset + ((uint)vector >> 5 << 4), 0) >> (vector & 31) & 1) != 0;
    }

    /// <summary>The rest of ioapic_ack_level: the pin still has its remote IRR set and is ended by hand; this is what the MIS row counts.</summary>
    private void EndAtPin(IrqDesc desc, Cpu cpu)
    {
        kernel.Irqs.MisCount++;
        kernel.Events.Schedule(new CallbackEvent(nowPs => desc.Chip.EoiPin(desc, nowPs)), Math.Max(cpu.LocalPs, kernel.Events.NowPs));
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
        if (desc.Chip.IsSoftware)
        {
            desc.Chip.Unmask(desc, cpu.LocalPs);
            return;
        }
        cpu.Spend(kernel.Costs.DeviceWrite);
        kernel.Events.Schedule(new CallbackEvent(nowPs =>
        {
            if (!desc.IsMasked) desc.Chip.Unmask(desc, nowPs);
        }), Math.Max(cpu.LocalPs, kernel.Events.NowPs));
    }
}
