using Tophalf.Hardware.Processors;

namespace Tophalf.Hardware.Controllers;

/// <summary>
/// Local APIC of one processor (SDM 3A ch. 11). This file is the way of an interrupt: acceptance into IRR, priority, INTA, EOI.
/// Registers are in LocalApic.Registers.cs (memory page) and LocalApic.Msr.cs (x2APIC), sending in LocalApic.Ipi.cs,
/// the local sources in LocalApic.Sources.cs.
/// </summary>
public sealed partial class LocalApic
{
    private const uint SvrReset = 0xFF, SvrEnable = 1 << 8, SvrSuppressEoiBroadcast = 1 << 12;

    private readonly InterruptFabric _fabric;
    private readonly string _name;
    private Processor _processor = null!;
    private readonly long[] _requestedPs = new long[256];
    private Bitmap256 _irr, _isr, _tmr;
    private uint _tpr, _ppr, _svr = SvrReset, _ldr, _dfr = 0xFFFF_FFFF, _xApicId;
    private ApicBase _base;

    public LocalApic(uint id, InterruptFabric fabric)
    {
        Id = _xApicId = id;
        _fabric = fabric;
        _name = $"local APIC {id}";
        _base = ApicBase.Reset(IsBootstrap);
        Timer = new ApicTimer(fabric.Queue, (int)id, TimerExpired) { LatePs = fabric.Costs.TimerLate };
        fabric.Attach(this);
    }

    /// <summary>The id hardware gave it: all of the x2APIC id, and the xAPIC id until software writes another.</summary>
    public uint Id { get; }

    /// <summary>The processor with id 0 boots the machine.</summary>
    public bool IsBootstrap => Id == 0;

    public ApicMode Mode => _base.Mode;

    /// <summary>The id physical destinations name it by, now.</summary>
    public uint AddressedId => Mode == ApicMode.X2Apic ? Id : _xApicId;

    /// <summary>Requests accepted into IRR, requests merged into a bit that was already set, and acknowledgements: the account the checkers balance.</summary>
    public long Accepted { get; private set; }
    public long Merged { get; private set; }
    public long Acknowledged { get; private set; }

    /// <summary>EOI writes that found nothing in service. Harmless on hardware, always a bug in software.</summary>
    public long EoiWithoutService { get; private set; }

    /// <summary>Acknowledge cycles that found no request any more and were answered with the spurious vector.</summary>
    public long Spurious { get; private set; }

    public int Pending => _irr.Count();
    public bool IsRequested(int vector) => _irr.Contains(vector);

    /// <summary>When the request came that was acknowledged last, or is pending; no register, but what a logic analyser would show.</summary>
    public long RequestedPs(int vector) => _requestedPs[vector];

    public bool IsInService(int vector) => _isr.Contains(vector);
    public bool IsLevelTriggered(int vector) => _tmr.Contains(vector);
    public bool IsSoftwareEnabled => (_svr & SvrEnable) != 0;

    internal void Attach(Processor processor) => _processor = processor;

    /// <summary>Processor priority (SDM 3A §11.8.3.1); kept up to date, since every delivery asks for it.</summary>
    public uint Ppr => _ppr;

    /// <summary>Arbitration priority (SDM 3A §11.6.2.4).</summary>
    public uint Apr => ApicPriority.Arbitration(_tpr, (uint)Math.Max(_irr.Highest(), 0), HighestInService);

    /// <summary>Task priority class, as MOV CR8 sees it; writing clears the sub-class.</summary>
    public uint Cr8 => _tpr >> 4;

    public bool HasDeliverable
    {
        get
        {
            int requested = _irr.Highest();
            return requested >= 0 && (uint)requested >> 4 > _ppr >> 4;
        }
    }

    private uint HighestInService => (uint)Math.Max(_isr.Highest(), 0);

    private void UpdatePpr() => _ppr = ApicPriority.Processor(_tpr, HighestInService);

    /// <summary>
    /// Does the message's destination name this APIC? Physical by id; logical by LDR and DFR, or by the x2APIC's cluster (SDM 3A §11.6.2, §11.12.10).
    /// </summary>
    public bool Matches(in InterruptMessage message)
    {
        uint destination = message.Destination;
        switch (_base.Mode)
        {
            case ApicMode.Disabled: return false;
            case ApicMode.X2Apic:
                if (destination == InterruptMessage.AllIds) return true;
                return message.Logical ? LogicalDestination.MatchesX2Apic(LogicalDestination.X2ApicLdr(Id), destination) : destination == Id;
            default:
                if (destination is InterruptMessage.AllXApics or InterruptMessage.AllIds) return true;
                return message.Logical ? LogicalDestination.MatchesXApic(_ldr, _dfr, destination) : destination == _xApicId;
        }
    }

    /// <summary>A message arrived. Fixed and lowest-priority go through IRR; the others bypass IRR, ISR, TMR and TPR, and need no EOI.</summary>
    public void Accept(in InterruptMessage message, long nowPs)
    {
        if (message.Mode <= DeliveryMode.LowestPriority) Request(message.Vector, message.Level, nowPs);
        else AcceptPastPriority(message, nowPs);
    }

    private void AcceptPastPriority(in InterruptMessage message, long nowPs)
    {
        switch (message.Mode)
        {
            case DeliveryMode.Nmi: _processor.SignalNmi(nowPs); break;
            case DeliveryMode.Smi: _processor.SignalSmi(nowPs); break;
            case DeliveryMode.Init: _processor.SignalInit(nowPs); break;
            case DeliveryMode.Startup: _processor.SignalStartup(message.Vector, nowPs); break;
            case DeliveryMode.ExtInt: RequestExternal(nowPs); break;
            default: Report(nowPs, HardwareEventKind.IllegalCommand, "message with delivery mode", 0, (uint)message.Mode); break;
        }
    }

    private void Request(byte vector, bool level, long nowPs)
    {
        if (!IsSoftwareEnabled) return;
        if (vector < 16)
        {
            RefuseVector(vector, nowPs);
            return;
        }
        Accepted++;
        if (_irr.Contains(vector)) Merged++;
        else _requestedPs[vector] = nowPs;
        if (level) _tmr.Set(vector);
        else _tmr.Clear(vector);
        _irr.Set(vector);
        if (_fabric.Trace is { } trace) Follow(trace, vector, nowPs);
        _processor.InterruptRequested(nowPs);
    }

    private void RefuseVector(byte vector, long nowPs)
    {
        Report(nowPs, HardwareEventKind.IllegalVector, "received interrupt", 0, vector);
        Raise(ApicErrors.ReceivedIllegalVector, nowPs);
    }

    private void Follow(HopTrace trace, byte vector, long nowPs)
    {
        if (trace.WantsDelivery((int)Id, vector))
            trace.Add(nowPs, $"local APIC {Id}", $"IRR bit 0x{vector:x2} set, PPR 0x{Ppr:x2}", _fabric.Costs.ApicAccept);
    }

    /// <summary>
    /// INTA: the highest requested vector moves from IRR to ISR. Where the request has gone below the processor's priority since INTR rose,
    /// the answer is the spurious vector: ISR stays as it is, and no EOI may follow (SDM 3A §11.9).
    /// </summary>
    public int Acknowledge()
    {
        int vector = _irr.Highest();
        if (vector < 0 || (uint)vector >> 4 <= _ppr >> 4)
        {
            Spurious++;
            return (byte)_svr;
        }
        _irr.Clear(vector);
        _isr.Set(vector);
        // What is delivered is above everything in service and above the task priority.
        _ppr = (uint)vector & 0xF0;
        Acknowledged++;
        return vector;
    }

    /// <summary>
    /// Ends the highest vector in service; a level-triggered one is told to the I/O APICs, unless SVR bit 12 suppresses that. Returns that vector, or -1.
    /// The processor is not asked for what became deliverable: handlers call this with IF clear. A write to the register asks it.
    /// </summary>
    public int EndOfInterrupt(long nowPs)
    {
        int vector = _isr.Highest();
        if (vector < 0)
        {
            EoiWithoutService++;
            return -1;
        }
        _isr.Clear(vector);
        UpdatePpr();
        if (!_tmr.Contains(vector)) return vector;
        EndLocalLevel((byte)vector, nowPs);
        if ((_svr & SvrSuppressEoiBroadcast) == 0) _fabric.BroadcastEoi((byte)vector, nowPs);
        return vector;
    }

    /// <summary>MOV CR8. False is #GP(0): bits above 3 are reserved.</summary>
    public bool TryWriteCr8(ulong value, long nowPs)
    {
        if (value > 15) return false;
        SetTaskPriority((uint)value << 4, nowPs);
        return true;
    }

    private void SetTaskPriority(uint tpr, long nowPs)
    {
        _tpr = tpr;
        UpdatePpr();
        _processor.InterruptRequested(nowPs);
    }

    /// <summary>Power-up state of everything but the id and IA32_APIC_BASE: what INIT does, and re-enabling a disabled APIC (SDM 3A §11.4.7).</summary>
    internal void Reset()
    {
        // Requests that reset wipes out were neither delivered nor are they pending: they leave the account as if they had merged.
        Merged += _irr.Count();
        _irr = _isr = _tmr = default;
        _tpr = _ldr = _icrHigh = _icr = 0;
        _svr = SvrReset;
        _dfr = 0xFFFF_FFFF;
        _errors = default;
        _lvt.Reset();
        Timer.Reset();
        _externalMessage = false;
        UpdatePpr();
        UpdateExternalLine(EventTime);
    }

    private long EventTime => _fabric.Queue.NowPs;

    internal void ReportFromProcessor(int processor, HardwareEventKind kind, string register, ulong value) =>
        _fabric.Events?.Report(new HardwareEvent(EventTime, kind, $"processor {processor}", register, 0, value));

    private void Report(long nowPs, HardwareEventKind kind, string register, ulong address, ulong value) =>
        _fabric.Events?.Report(new HardwareEvent(nowPs, kind, _name, register, address, value));
}
