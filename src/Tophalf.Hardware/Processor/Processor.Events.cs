using Tophalf.Hardware.Controllers;

namespace Tophalf.Hardware.Processors;

/// <summary>What the processor is doing, by the names VMX gives it (SDM 3C §24.4.2).</summary>
public enum ActivityState : byte { Active, Halted, Shutdown, WaitForSipi, SystemManagement }

/// <summary>
/// What is taken at an instruction boundary, in the manual's order (SDM 3A table 6-2): machine check, SMI, INIT, debug trap, NMI, maskable interrupts.
/// Everything but a plain maskable interrupt sets a bit of <see cref="_attention"/>, so that the ordinary way costs one comparison.
/// </summary>
public sealed partial class Processor
{
    private const ushort ResetCode = 0xF000;
    private const ulong ResetRip = 0xFFF0;
    private const ushort ResetIdtLimit = 0xFFFF;

    private Attention _attention;
    private bool _isNmiBlocked;

    public ActivityState Activity { get; private set; }

    /// <summary>A fault while delivering a double fault: nothing but NMI, SMI, INIT or RESET gets the processor out (SDM 3A §6.15, vector 8).</summary>
    public bool IsShutdown => Activity == ActivityState.Shutdown;

    /// <summary>From the delivery of an NMI to the next IRET (SDM 3A §6.7.1). One more is latched, others are lost.</summary>
    public bool IsNmiBlocked => _isNmiBlocked;
    public bool IsNmiPending => (_attention & Attention.Nmi) != 0;

    /// <summary>NMIs that came, and those of them that found one latched already and were lost in it.</summary>
    public long NmisSignalled { get; private set; }
    public long NmisMerged { get; private set; }

    /// <summary>SMIs taken, as MSR_SMI_COUNT counts them.</summary>
    public long SmiCount { get; private set; }

    // ---- IF and the shadows ----------------------------------------------------------------------------------------------------

    public void DisableInterrupts() => Rflags &= ~InterruptFlagBit;

    /// <summary>STI and the instruction after it: from here on a pending interrupt is taken, at once if there is one.</summary>
    public void EnableInterrupts(long nowPs)
    {
        Rflags |= InterruptFlagBit;
        InterruptRequested(nowPs);
    }

    /// <summary>STI alone: where IF was clear, maskable interrupts wait until the next instruction is over (SDM 2B, STI).</summary>
    public void Sti()
    {
        if (InterruptFlag) return;
        Rflags |= InterruptFlagBit;
        _attention |= Attention.StiShadow;
    }

    /// <summary>MOV SS or POP SS: interrupts, NMI and debug traps wait until the next instruction is over, so that SS and RSP change together.</summary>
    public void LoadStackSegment() => _attention |= Attention.MovSsShadow;

    /// <summary>An instruction is over: shadows end, and what waited for the boundary is taken.</summary>
    public void CompleteInstruction(long nowPs)
    {
        _attention &= ~Attention.Shadows;
        InterruptRequested(nowPs);
    }

    /// <summary>HLT, with the boundary after it: what is pending and allowed keeps the processor from sleeping.</summary>
    public void Halt(long nowPs)
    {
        Activity = ActivityState.Halted;
        CompleteInstruction(nowPs);
    }

    // ---- signals from outside --------------------------------------------------------------------------------------------------

    /// <summary>INTR rose, IF was set, priorities fell: take what nothing forbids.</summary>
    public void InterruptRequested(long nowPs)
    {
        if (_attention != 0 || Activity > ActivityState.Halted)
        {
            ServeAttention(nowPs);
            return;
        }
        if (InterruptFlag && Apic.HasDeliverable) TakeMaskable(nowPs);
    }

    /// <summary>An edge on NMI, from LINT1 or a message. TPR and IF have no say.</summary>
    public void SignalNmi(long nowPs)
    {
        NmisSignalled++;
        if (IsNmiPending) NmisMerged++;
        Signal(Attention.Nmi, nowPs);
    }

    public void SignalSmi(long nowPs) => Signal(Attention.Smi, nowPs);

    /// <summary>A machine check, from a bank of this processor.</summary>
    public void SignalMachineCheck(long nowPs) => Signal(Attention.MachineCheck, nowPs);

    /// <summary>The instruction that is ending leaves a debug trap: single step, or a data breakpoint.</summary>
    public void SignalDebugTrap(long nowPs) => Signal(Attention.DebugTrap, nowPs);

    public void SignalInit(long nowPs)
    {
        // One that waits for its start-up has nothing left to reset.
        if (Activity != ActivityState.WaitForSipi) Signal(Attention.Init, nowPs);
    }

    /// <summary>
    /// Start-up IPI: a processor waiting for one begins in real mode at page <paramref name="vector"/>, any other ignores it (SDM 3A §8.4).
    /// Code placed there is called.
    /// </summary>
    public void SignalStartup(byte vector, long nowPs)
    {
        if (Activity != ActivityState.WaitForSipi) return;
        Activity = ActivityState.Active;
        Cs = (ushort)(vector << 8);
        Rip = 0;
        _code.At((ulong)vector << 12)?.Invoke(this, vector, nowPs);
    }

    /// <summary>INTR as the 8259 drives it, by level.</summary>
    internal void SetExternalInterrupt(bool active, long nowPs)
    {
        if (active) Signal(Attention.External, nowPs);
        else _attention &= ~Attention.External;
    }

    /// <summary>RSM: back from system management; what was held off is taken.</summary>
    public void ResumeFromSystemManagement(long nowPs)
    {
        if (Activity != ActivityState.SystemManagement) return;
        Activity = ActivityState.Active;
        InterruptRequested(nowPs);
    }

    private void Signal(Attention what, long nowPs)
    {
        _attention |= what;
        ServeAttention(nowPs);
    }

    // ---- taking them -----------------------------------------------------------------------------------------------------------

    private void ServeAttention(long nowPs)
    {
        // Between INTA and the gate nothing else is looked at, whatever the 8259 does to its line meanwhile.
        if ((_attention & Attention.Acknowledging) != 0) return;
        while (TryTakeHighest(nowPs))
        {
        }
        if (MayTakeMaskable && Apic.HasDeliverable) TakeMaskable(nowPs);
    }

    private bool IsShadowedByMovSs => (_attention & Attention.MovSsShadow) != 0;
    private bool MayTakeMaskable => InterruptFlag && Activity <= ActivityState.Halted && (_attention & Attention.Shadows) == 0;
    private bool MayTakeNmi => !_isNmiBlocked && !IsShadowedByMovSs && Activity <= ActivityState.Shutdown;

    private bool TryTakeHighest(long nowPs)
    {
        if (Activity is ActivityState.WaitForSipi) return false;
        if (Activity is not (ActivityState.SystemManagement or ActivityState.Shutdown) && Take(Attention.MachineCheck))
        {
            Wake();
            Deliver(18, EventSource.Exception, 0, nowPs);
            return true;
        }
        if (Activity is not ActivityState.SystemManagement && Take(Attention.Smi))
        {
            SmiCount++;
            Activity = ActivityState.SystemManagement;
            return true;
        }
        if (Activity is not ActivityState.SystemManagement && Take(Attention.Init))
        {
            ResetByInit();
            return true;
        }
        if (Activity <= ActivityState.Halted && !IsShadowedByMovSs && Take(Attention.DebugTrap))
        {
            Wake();
            Deliver(1, EventSource.Exception, 0, nowPs);
            return true;
        }
        if (MayTakeNmi && Take(Attention.Nmi))
        {
            Wake();
            _isNmiBlocked = true;
            Deliver(2, EventSource.Hardware, 0, nowPs);
            return true;
        }
        return MayTakeMaskable && Take(Attention.External) && TakeExternal(nowPs);
    }

    private bool Take(Attention what)
    {
        if ((_attention & what) == 0) return false;
        _attention &= ~what;
        return true;
    }

    private void TakeMaskable(long nowPs)
    {
        Wake();
        Deliver(Apic.Acknowledge(), EventSource.Hardware, 0, nowPs);
    }

    /// <summary>INTA goes to the 8259. It is asked before the local APIC, as hypervisors do; the manual leaves the order open.</summary>
    private bool TakeExternal(long nowPs)
    {
        _attention |= Attention.Acknowledging;
        int vector = Apic.AcknowledgeExternal(nowPs);
        _attention &= ~Attention.Acknowledging;
        if (vector < 0)
        {
            // Nobody drives the data bus. The line may still be up; asking again would never end.
            _attention &= ~Attention.External;
            return false;
        }
        Wake();
        Deliver(vector, EventSource.Hardware, 0, nowPs);
        return true;
    }

    private void Wake() => Activity = ActivityState.Active;

    /// <summary>
    /// INIT: power-up state without RESET. The bootstrap processor starts at the reset vector, the others wait for a start-up IPI (SDM 3A §8.4, table 9-1).
    /// </summary>
    private void ResetByInit()
    {
        _attention = 0;
        _isNmiBlocked = false;
        Rflags = FlagsReset;
        Cs = ResetCode;
        Rip = ResetRip;
        Idtr = new DescriptorTableRegister(0, ResetIdtLimit);
        Gdtr = null;
        Activity = Apic.IsBootstrap ? ActivityState.Active : ActivityState.WaitForSipi;
        Apic.Reset();
    }

    private void Shutdown(string why)
    {
        Activity = ActivityState.Shutdown;
        Report(HardwareEventKind.Shutdown, why, 0);
    }

    private void Report(HardwareEventKind kind, string what, uint value) => Apic.ReportFromProcessor(Index, kind, what, value);

    [Flags]
    private enum Attention : ushort
    {
        StiShadow = 1, MovSsShadow = 2, Shadows = StiShadow | MovSsShadow,
        MachineCheck = 4, Smi = 8, Init = 16, DebugTrap = 32, Nmi = 64, External = 128, Acknowledging = 256,
    }
}
