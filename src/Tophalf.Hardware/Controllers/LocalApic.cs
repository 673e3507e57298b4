using Tophalf.Hardware.Processors;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Controllers;

/// <summary>
/// Local APIC of one processor (SDM 3A ch. 11): the three 256-bit registers, priorities, EOI, the fixed IPI, the timer.
/// Registers are read and written through their xAPIC offsets; the x2APIC MSR of a register is 0x800 + (offset &gt;&gt; 4).
/// </summary>
public sealed class LocalApic
{
    public const uint IdOffset = 0x020, VersionOffset = 0x030, TprOffset = 0x080, PprOffset = 0x0A0, EoiOffset = 0x0B0, LdrOffset = 0x0D0,
        DfrOffset = 0x0E0, SvrOffset = 0x0F0, IsrOffset = 0x100, TmrOffset = 0x180, IrrOffset = 0x200, EsrOffset = 0x280, IcrOffset = 0x300,
        IcrHighOffset = 0x310, LvtTimerOffset = 0x320, TimerInitialOffset = 0x380, TimerCurrentOffset = 0x390, TimerDivideOffset = 0x3E0;

    private const uint VersionRegister = 0x0105_0014; // integrated APIC, six LVT entries, EOI broadcast can be suppressed
    private const uint SvrEnable = 1 << 8, SvrSuppressEoiBroadcast = 1 << 12, LvtMask = 1 << 16;
    private const uint EsrSendIllegalVector = 1 << 5, EsrReceiveIllegalVector = 1 << 6, EsrIllegalRegister = 1 << 7;

    private readonly InterruptFabric _fabric;
    private readonly TimerEvent _timer;
    private Processor _processor = null!;
    private Bitmap256 _irr, _isr, _tmr;
    private uint _tpr, _svr = 0xFF, _ldr, _dfr = 0xFFFF_FFFF, _icrHigh, _icr;
    private uint _lvtTimer = LvtMask, _timerInitial, _timerDivide, _esrAccumulated, _esr;

    public LocalApic(uint id, InterruptFabric fabric)
    {
        Id = id;
        _fabric = fabric;
        _timer = new TimerEvent(this) { Rank = (int)id };
        fabric.Attach(this);
    }

    public uint Id { get; }

    /// <summary>Length of one tick of the timer's input clock before division; 40 ns is the 25 MHz crystal of many servers.</summary>
    public long TimerClockPs { get; init; } = 40 * SimTime.Nanosecond;

    /// <summary>Requests accepted into IRR, requests merged into a bit that was already set, and acknowledgements: the account the checkers balance.</summary>
    public long Accepted { get; private set; }
    public long Merged { get; private set; }
    public long Acknowledged { get; private set; }

    /// <summary>EOI writes that found nothing in service. Harmless on hardware, always a bug in software.</summary>
    public long EoiWithoutService { get; private set; }

    public int Pending => _irr.Count();
    public bool IsRequested(int vector) => _irr.Contains(vector);
    public bool IsInService(int vector) => _isr.Contains(vector);
    public bool IsSoftwareEnabled => (_svr & SvrEnable) != 0;

    internal void Attach(Processor processor) => _processor = processor;

    /// <summary>Processor priority: the task priority, or the class of the highest vector in service if that is above it (SDM 3A §11.8.3.1).</summary>
    public uint Ppr
    {
        get
        {
            int inService = Math.Max(_isr.Highest(), 0);
            return _tpr >> 4 >= (uint)inService >> 4 ? _tpr : (uint)inService & 0xF0;
        }
    }

    public bool HasDeliverable
    {
        get
        {
            int requested = _irr.Highest();
            return requested >= 0 && (uint)requested >> 4 > Ppr >> 4;
        }
    }

    /// <summary>Does the message's destination name this APIC? Physical by id, 0xFF all; logical by LDR/DFR, flat or cluster (SDM 3A §11.6.2).</summary>
    public bool Matches(in InterruptMessage message)
    {
        uint destination = message.Destination;
        if (!message.Logical) return destination == Id || destination == 0xFF;
        if (destination == 0xFF) return true;
        uint logicalId = _ldr >> 24;
        if (_dfr >> 28 == 0xF) return (logicalId & destination) != 0;
        return logicalId >> 4 == destination >> 4 && (logicalId & destination & 0xF) != 0;
    }

    /// <summary>A message arrived: fixed and lowest-priority set the IRR and TMR bits and may interrupt the processor.</summary>
    public void Accept(in InterruptMessage message, long nowPs)
    {
        if (message.Mode is DeliveryMode.Nmi)
        {
            _processor.Deliver(2, nowPs, errorCode: -1);
            return;
        }
        Request(message.Vector, message.Level, nowPs);
    }

    private void Request(byte vector, bool level, long nowPs)
    {
        if (!IsSoftwareEnabled) return;
        if (vector < 16)
        {
            _esrAccumulated |= EsrReceiveIllegalVector;
            return;
        }
        Accepted++;
        if (_irr.Contains(vector)) Merged++;
        if (level) _tmr.Set(vector);
        else _tmr.Clear(vector);
        _irr.Set(vector);
        if (_fabric.Trace is { } trace && trace.WantsDelivery((int)Id, vector))
            trace.Add(nowPs, $"local APIC {Id}", $"IRR bit 0x{vector:x2} set, PPR 0x{Ppr:x2}", _fabric.Costs.ApicAccept);
        _processor.InterruptRequested(nowPs);
    }

    /// <summary>INTA: the highest requested vector moves from IRR to ISR. Only called while <see cref="HasDeliverable"/>.</summary>
    public int Acknowledge()
    {
        int vector = _irr.Highest();
        _irr.Clear(vector);
        _isr.Set(vector);
        Acknowledged++;
        return vector;
    }

    /// <summary>Ends the highest vector in service; a level-triggered one is told to the I/O APICs. Returns that vector, or -1.</summary>
    public int EndOfInterrupt(long nowPs)
    {
        int vector = _isr.Highest();
        if (vector < 0)
        {
            EoiWithoutService++;
            return -1;
        }
        _isr.Clear(vector);
        if (_tmr.Contains(vector) && (_svr & SvrSuppressEoiBroadcast) == 0) _fabric.BroadcastEoi((byte)vector, nowPs);
        return vector;
    }

    public uint Read(uint offset, long nowPs) => offset switch
    {
        IdOffset => Id << 24,
        VersionOffset => VersionRegister,
        TprOffset => _tpr,
        PprOffset => Ppr,
        LdrOffset => _ldr,
        DfrOffset => _dfr,
        SvrOffset => _svr,
        >= IsrOffset and < IsrOffset + 0x80 => _isr.Register((int)(offset - IsrOffset) >> 4),
        >= TmrOffset and < TmrOffset + 0x80 => _tmr.Register((int)(offset - TmrOffset) >> 4),
        >= IrrOffset and < IrrOffset + 0x80 => _irr.Register((int)(offset - IrrOffset) >> 4),
        EsrOffset => _esr,
        IcrOffset => _icr,
        IcrHighOffset => _icrHigh,
        LvtTimerOffset => _lvtTimer,
        TimerInitialOffset => _timerInitial,
        TimerCurrentOffset => TimerCurrent(nowPs),
        TimerDivideOffset => _timerDivide,
        _ => IllegalRegister(),
    };

    public void Write(uint offset, uint value, long nowPs)
    {
        switch (offset)
        {
            case TprOffset: _tpr = value & 0xFF; _processor.InterruptRequested(nowPs); break;
            case EoiOffset: EndOfInterrupt(nowPs); break;
            case LdrOffset: _ldr = value & 0xFF00_0000; break;
            case DfrOffset: _dfr = value | 0x0FFF_FFFF; break;
            case SvrOffset: _svr = value & 0x13FF; if (!IsSoftwareEnabled) _lvtTimer |= LvtMask; break;
            case EsrOffset: _esr = _esrAccumulated; _esrAccumulated = 0; break;
            case IcrHighOffset: _icrHigh = value & 0xFF00_0000; break;
            case IcrOffset: _icr = value & ~(1u << 12); SendIpi(nowPs); break;
            case LvtTimerOffset: _lvtTimer = (value & 0x0007_00FF) | (IsSoftwareEnabled ? 0 : LvtMask); break;
            case TimerInitialOffset: _timerInitial = value; StartTimer(nowPs); break;
            case TimerDivideOffset: _timerDivide = value & 0xB; break;
            default: IllegalRegister(); break;
        }
    }

    private uint IllegalRegister()
    {
        _esrAccumulated |= EsrIllegalRegister;
        return 0;
    }

    /// <summary>Writing the low half of ICR sends. Fixed delivery with its shorthands; other modes go out as they are.</summary>
    private void SendIpi(long nowPs)
    {
        byte vector = (byte)_icr;
        var mode = (DeliveryMode)(_icr >> 8 & 7);
        if (mode == DeliveryMode.Fixed && vector < 16)
        {
            _esrAccumulated |= EsrSendIllegalVector;
            return;
        }
        switch (_icr >> 18 & 3)
        {
            case 1: Request(vector, level: false, nowPs); break;
            case 2: _fabric.SendIpi(new InterruptMessage(vector, 0xFF, Mode: mode), nowPs); break;
            case 3: _fabric.SendIpiToOthers(vector, mode, this, nowPs); break;
            default: _fabric.SendIpi(new InterruptMessage(vector, _icrHigh >> 24, (_icr >> 11 & 1) != 0, Mode: mode), nowPs); break;
        }
    }

    /// <summary>The way the kernel of the twin sends: one message, as the x2APIC's single ICR write does.</summary>
    public void SendFixed(byte vector, uint destination, long nowPs) => _fabric.SendIpi(new InterruptMessage(vector, destination), nowPs);

    // ---- timer -----------------------------------------------------------------------------------------------------------------

    private bool TimerIsPeriodic => (_lvtTimer >> 17 & 3) == 1;
    private bool TimerIsDeadline => (_lvtTimer >> 17 & 3) == 2;

    /// <summary>Divide configuration: bits 3, 1, 0 count 2, 4, 8 … 128, then 1 (SDM 3A figure 11-10).</summary>
    private int TimerShift => (int)(((_timerDivide & 3) | ((_timerDivide & 8) >> 1)) + 1) & 7;

    private long TimerPeriodPs => (_timerInitial * TimerClockPs) << TimerShift;

    private void StartTimer(long nowPs)
    {
        if (TimerIsDeadline) return;
        if (_timerInitial == 0) _fabric.Queue.Cancel(_timer);
        else _fabric.Queue.Schedule(_timer, nowPs + TimerPeriodPs);
    }

    private uint TimerCurrent(long nowPs) =>
        !_timer.IsScheduled || TimerIsDeadline ? 0 : (uint)((_timer.AtPs - nowPs) / (TimerClockPs << TimerShift));

    /// <summary>IA32_TSC_DEADLINE, with the deadline as a time instead of a TSC value; 0 disarms, a time gone by fires at once.</summary>
    public void WriteDeadline(long atPs, long nowPs)
    {
        if (!TimerIsDeadline) return;
        if (atPs == 0) _fabric.Queue.Cancel(_timer);
        else _fabric.Queue.Schedule(_timer, Math.Max(atPs, nowPs));
    }

    private void TimerExpired(long nowPs)
    {
        if (TimerIsPeriodic) _fabric.Queue.Schedule(_timer, nowPs + TimerPeriodPs);
        if ((_lvtTimer & LvtMask) == 0) Request((byte)_lvtTimer, level: false, nowPs);
    }

    private sealed class TimerEvent(LocalApic apic) : SimEvent
    {
        protected override void Fire(long nowPs) => apic.TimerExpired(nowPs);
    }
}
