using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Nmi;

/// <summary>
/// exc_nmi on one processor (arch/x86/kernel/nmi.c), between the entry code and the handlers. An NMI that came from user mode left the NMI stack, so a further one
/// gets as far as here; three states turn it into another round of the first.
/// </summary>
public sealed class CpuNmi
{
    private enum State { NotRunning, Executing, Latched }

    private readonly Kernel _kernel;
    private readonly Cpu _cpu;
    private readonly NmiEntryCode _entry;
    private State _state;
    private InterruptFrame _regs;
    private long _returnedPs = -1;

    internal CpuNmi(Kernel kernel, Cpu cpu, PhysicalMemory memory)
    {
        _kernel = kernel;
        _cpu = cpu;
        _entry = new NmiEntryCode(cpu.Processor, memory, kernel.Options.HasNaiveNmiEntry);
    }

    /// <summary>NMIs the processor delivered.</summary>
    public long Delivered { get; private set; }

    /// <summary>Rounds of handlers, as the NMI row counts them; deliveries that found another NMI at work and left it to that.</summary>
    public long Rounds { get; private set; }
    public long Nested { get; private set; }

    /// <summary>The frame of an NMI led back into its own handler: the interrupted code is lost, and the processor goes round for ever.</summary>
    public bool IsLost { get; private set; }

    /// <summary>struct nmi_stats: events handled by local handlers, unknown, from port 0x61, and swallowed.</summary>
    public long Normal { get; internal set; }
    public long Unknown { get; internal set; }
    public long External { get; internal set; }
    public long Swallowed { get; internal set; }

    /// <summary>RIP of the last NMI: the same again means that one was latched while the other ran.</summary>
    internal ulong LastRip { get; set; }

    /// <summary>More than one event was handled at once; the NMI right behind may be one of them.</summary>
    internal bool Swallows { get; set; }

    /// <summary>
    /// A probe's breakpoint in the code that runs: its IRET lets the next NMI in, at this moment of the code's own time.
    /// </summary>
    public void HitBreakpoint() => RaiseLater(nowPs => _cpu.Processor.Execute(EventSource.Int3, 3, nowPs));

    /// <summary>A page fault in the code that runs, mended without sleeping, as one on the vmalloc area; likewise.</summary>
    public void HitPageFault() => RaiseLater(nowPs => _cpu.Processor.Raise(14, errorCode: 0, nowPs));

    private void RaiseLater(Action<long> exception)
    {
        _cpu.Spend(_kernel.Costs.Vectoring + _kernel.Costs.KernelEntry + _kernel.Costs.IrqReturn);
        _kernel.Events.Schedule(new Simulation.CallbackEvent(exception), Math.Max(_cpu.LocalPs, _kernel.Events.NowPs));
    }

    /// <summary>Vector 2, delivered.</summary>
    internal void Interrupt(long nowPs)
    {
        Delivered++;
        InterruptFrame regs = _cpu.Processor.FrameOnStack();
        bool isOutermost = _entry.Run() == NmiEntryStop.Handler;
        if (isOutermost && _state != State.NotRunning)
        {
            _state = State.Latched;
            _entry.ReturnFromHandler();
            _entry.Run();
            isOutermost = false;
        }
        if (!isOutermost)
        {
            Nested++;
            _cpu.ProlongNmi(_kernel.Costs.Vectoring);
            _cpu.Processor.InterruptRequested(nowPs);
            return;
        }
        // The twin's code has one address however long it runs; the kernel's does not, and an idle one forgets the last (local_touch_nmi).
        if (nowPs > _returnedPs) LastRip = 0;
        _regs = regs;
        _cpu.BeginNmi(nowPs);
        RunRound();
    }

    /// <summary>The round that was run ahead of the clock is over: once more if an NMI came meanwhile, else back.</summary>
    internal void RoundEnded(long nowPs)
    {
        if (--_state != State.NotRunning)
        {
            RunRound();
            return;
        }
        _entry.ReturnFromHandler();
        if (_entry.Run() == NmiEntryStop.Handler) RunRound();
        else if (_cpu.Processor.Rip == NmiEntryCode.Handler)
        {
            IsLost = true;
            _cpu.LoseItself();
        }
        else
        {
            _returnedPs = nowPs;
            _cpu.ReturnFromNmi(nowPs);
        }
    }

    private void RunRound()
    {
        _state = State.Executing;
        Rounds++;
        _cpu.Counts.Add(ArchInterrupt.NMI);
        _cpu.EnterNmiCode();
        try
        {
            _kernel.Nmi.Handle(_cpu, _regs);
        }
        catch (CodeNeverReturnsException)
        {
            _cpu.LoseItself();
            return;
        }
        _cpu.LeaveNmiCode();
    }
}
