using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Nmi;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Entry;

/// <summary>
/// The kernel's side of the IDT (arch/x86/kernel/idt.c, irq.c, entry_64.S): which gate points at which stub, and what the stubs do.
/// </summary>
internal sealed class KernelEntry
{
    public const byte RescheduleVector = 0xFD, CallFunctionSingleVector = 0xFB, CallFunctionVector = 0xFC, IrqWorkVector = 0xF6, SpuriousVector = 0xFF;
    private const int NmiVector = 2, BreakpointVector = 3, PageFaultVector = 14;
    private const int FirstSystemVector = VectorMatrix.AllocEnd;
    private const ulong IrqEntriesStart = 0xFFFF_FFFF_8200_0200, ExceptionEntriesStart = 0xFFFF_FFFF_8200_2000;
    private const int StubBytes = 16;

    private readonly Kernel _kernel;

    public KernelEntry(Kernel kernel, PhysicalMemory memory, CodeMap code)
    {
        _kernel = kernel;
        IdtBase = memory.Allocate(256 * InterruptGate.Size, 4096);
        for (int vector = 0; vector < 256; vector++)
        {
            ulong address = vector == NmiVector ? NmiEntryCode.Start : (vector < 32 ? ExceptionEntriesStart : IrqEntriesStart) + (ulong)(vector * StubBytes);
            // #BP, #OF and int 0x80 may be raised from user space.
            int dpl = vector is 3 or 4 or 0x80 ? 3 : 0;
            InterruptGate gate = InterruptGate.Create(address, Processor.KernelCode, dpl: dpl, ist: IstOf(vector));
            memory.Write64(IdtBase + (ulong)(vector * InterruptGate.Size), gate.Low);
            memory.Write64(IdtBase + (ulong)(vector * InterruptGate.Size) + 8, gate.High);
            EntryPoint entry = vector switch
            {
                NmiVector => NonMaskable,
                BreakpointVector or PageFaultVector => HarmlessException,
                < 32 => UnexpectedException,
                < FirstSystemVector => CommonInterrupt,
                _ => SystemVector,
            };
            code.Place(address, entry);
        }
    }

    public ulong IdtBase { get; }

    /// <summary>Only these five have a stack of their own; device interrupts do not (arch/x86/include/asm/page_64_types.h).</summary>
    private static int IstOf(int vector) => vector switch { 8 => 1, 2 => 2, 1 => 3, 18 => 4, 29 => 5, _ => 0 };

    private void UnexpectedException(Processor processor, int vector, long nowPs) =>
        throw new InvalidOperationException($"CPU {processor.Index}: exception {vector} at {nowPs} ps, and the twin's kernel raises none");

    private void NonMaskable(Processor processor, int vector, long nowPs) => _kernel.Cpus[processor.Index].Nmi.Interrupt(nowPs);

    /// <summary>
    /// exc_int3 of a probe, or exc_page_fault on a page of the vmalloc area: mended, and back. Their IRET lets NMIs in, whatever they interrupted.
    /// </summary>
    private void HarmlessException(Processor processor, int vector, long nowPs)
    {
        if (vector == PageFaultVector) processor.Rsp += sizeof(ulong); // the error code
        processor.InterruptReturn();
        processor.InterruptRequested(nowPs);
    }

    /// <summary>common_interrupt: a device vector, looked up in this processor's vector_irq.</summary>
    private void CommonInterrupt(Processor processor, int vector, long nowPs)
    {
        Cpu cpu = _kernel.Cpus[processor.Index];
        TraceDelivery(cpu, vector, nowPs);
        try
        {
            HandleDevice(cpu, vector, nowPs);
        }
        catch (CodeNeverReturnsException)
        {
            cpu.LoseItself();
            return;
        }
        cpu.LeaveHardirq();
    }

    private void HandleDevice(Cpu cpu, int vector, long nowPs)
    {
        IrqDesc? desc = _kernel.Vectors[cpu.Id, vector];
        Enter(cpu, vector, desc is null ? Unhandled : desc, nowPs);
        if (desc is null)
        {
            if (!_kernel.Vectors.TakeShutdown(cpu.Id, vector)) _kernel.Log(cpu.LocalPs, $"No irq handler for {cpu.Id}.{vector}");
            cpu.Spend(_kernel.Costs.Eoi);
            cpu.Apic.EndOfInterrupt(cpu.LocalPs);
        }
        else
        {
            TraceDescriptor(cpu, vector, desc);
            if (cpu.Id != desc.Cpu && cpu.Id != desc.PreviousCpu) desc.StrayDeliveries++;
            _kernel.Irqs.HandleVector(desc, cpu);
        }
    }

    /// <summary>sysvec_*: no descriptor, the EOI comes first.</summary>
    private void SystemVector(Processor processor, int vector, long nowPs)
    {
        Cpu cpu = _kernel.Cpus[processor.Index];
        TraceDelivery(cpu, vector, nowPs);
        Enter(cpu, vector, NameOf(vector), nowPs);
        try
        {
            HandleSystem(cpu, vector);
        }
        catch (CodeNeverReturnsException)
        {
            cpu.LoseItself();
            return;
        }
        cpu.LeaveHardirq();
    }

    private void HandleSystem(Cpu cpu, int vector)
    {
        cpu.Spend(_kernel.Costs.Eoi);
        cpu.Apic.EndOfInterrupt(cpu.LocalPs);
        (Tracing.Tracepoint Entry, Tracing.Tracepoint Exit) traced = TracepointsOf(vector);
        Trace(traced.Entry, cpu, vector);
        switch (vector)
        {
            case Tick.LocalTimerVector:
                cpu.Counts.Add(ArchInterrupt.LOC);
                cpu.Tick.Interrupt();
                break;
            case RescheduleVector:
                cpu.Counts.Add(ArchInterrupt.RES);
                break;
            case CallFunctionSingleVector or CallFunctionVector:
                cpu.Counts.Add(ArchInterrupt.CAL);
                _kernel.SmpCalls.Run(cpu);
                for (; cpu.PendingTlbFlushes > 0; cpu.PendingTlbFlushes--) cpu.Counts.Add(ArchInterrupt.TLB);
                _kernel.FinishRemoteWakes(cpu);
                break;
            case IrqWorkVector:
                cpu.Counts.Add(ArchInterrupt.IWI);
                _kernel.IrqWorks.Run(cpu);
                break;
            default:
                cpu.Counts.Add(ArchInterrupt.SPU);
                break;
        }
        Trace(traced.Exit, cpu, vector);
    }

    private (Tracing.Tracepoint Entry, Tracing.Tracepoint Exit) TracepointsOf(int vector)
    {
        Tracing.Tracepoints events = _kernel.Tracer.Events;
        return vector switch
        {
            Tick.LocalTimerVector => events.LocalTimer,
            RescheduleVector => events.Reschedule,
            CallFunctionSingleVector => events.CallFunctionSingle,
            CallFunctionVector => events.CallFunction,
            IrqWorkVector => events.IrqWork,
            _ => events.SpuriousApic,
        };
    }

    private void Trace(Tracing.Tracepoint traced, Cpu cpu, int vector)
    {
        if (traced.IsEnabled) _kernel.Tracer.Record(traced, cpu, cpu.LocalPs, irqsOff: true, 0, null, vector);
    }

    private const string Unhandled = "no handler";

    private static string NameOf(int vector) => vector switch
    {
        Tick.LocalTimerVector => nameof(ArchInterrupt.LOC),
        RescheduleVector => nameof(ArchInterrupt.RES),
        CallFunctionSingleVector or CallFunctionVector => nameof(ArchInterrupt.CAL),
        IrqWorkVector => nameof(ArchInterrupt.IWI),
        _ => nameof(ArchInterrupt.SPU),
    };

    /// <summary>Entry code and irq_enter; how long the interrupt took to get here is noted.</summary>
    private void Enter(Cpu cpu, int vector, object who, long nowPs)
    {
        long startPs = cpu.EnterHardirq(nowPs);
        cpu.HardirqBy = who;
        cpu.LastVector = vector;
        _kernel.Delays.Interrupt(who, cpu, cpu.Apic.RequestedPs(vector), startPs, cpu.LocalPs);
        TraceEntry(cpu);
    }

    // ---- what a followed interrupt shows ---------------------------------------------------------------------------------------

    private void TraceDelivery(Cpu cpu, int vector, long nowPs)
    {
        if (_kernel.Trace is not { } trace) return;
        if (trace.WantsDelivery(cpu.Id, vector))
        {
            trace.Taken();
            long atPs = nowPs;
            if (cpu.IsIdle && cpu.Idle.ExitPs(nowPs) is > 0 and var exitPs) trace.Add(atPs += exitPs, $"CPU {cpu.Id}", "left the idle state", exitPs);
            trace.Add(atPs += _kernel.Costs.InstructionBoundary, $"CPU {cpu.Id}", "instruction boundary, IF=1: INTA", _kernel.Costs.InstructionBoundary);
            InterruptFrame frame = cpu.Processor.FrameOnStack();
            trace.Add(atPs + _kernel.Costs.Vectoring, $"CPU {cpu.Id}",
                $"IRR→ISR 0x{vector:x2}, gate 0x{vector:x2} → 0x{cpu.Processor.Rip:x}, frame pushed: rip 0x{frame.Rip:x} cs 0x{frame.Cs:x2} rflags 0x{frame.Rflags:x}, IF=0",
                _kernel.Costs.Vectoring);
        }
    }

    private void TraceEntry(Cpu cpu)
    {
        if (_kernel.Trace is not { } trace || !trace.Wants(cpu.Id)) return;
        if (trace.KernelEntryPs < 0) trace.KernelEntryPs = cpu.LocalPs;
        trace.Add(cpu.LocalPs, $"CPU {cpu.Id}", $"registers saved, irq_enter: preempt_count 0x{cpu.PreemptCount:x8}", _kernel.Costs.KernelEntry);
    }

    private void TraceDescriptor(Cpu cpu, int vector, IrqDesc desc)
    {
        if (_kernel.Trace is { } trace && trace.Wants(cpu.Id))
            trace.Add(cpu.LocalPs + _kernel.Costs.FlowHandler, $"CPU {cpu.Id}", $"vector_irq[0x{vector:x2}] → irq_desc {desc.Irq}, {desc.Chip.Name} {desc.Hwirq}: handle_{desc.FlowName}_irq", _kernel.Costs.FlowHandler);
    }
}
