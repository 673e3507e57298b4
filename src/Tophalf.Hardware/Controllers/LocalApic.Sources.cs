using Tophalf.Simulation;

namespace Tophalf.Hardware.Controllers;

/// <summary>Interrupts that arise at the processor itself, each through its LVT entry (SDM 3A §11.5): timer, sensors, counters, errors, and the two pins.</summary>
public sealed partial class LocalApic
{
    private readonly LocalVectorTable _lvt = new();
    private readonly bool[] _lintActive = new bool[2];
    private ErrorStatus _errors;
    private bool _externalMessage;

    public ApicTimer Timer { get; }

    /// <summary>Length of one tick of the timer's input clock before division.</summary>
    public long TimerClockPs { get => Timer.ClockPs; init => Timer.ClockPs = value; }

    public LvtEntry this[LvtSource source] => _lvt[source];

    /// <summary>A local source wants attention: thermal sensor, overflow of a performance counter, corrected machine check.</summary>
    public void RaiseLocal(LvtSource source, long nowPs)
    {
        LvtEntry entry = _lvt[source];
        if (entry.IsMasked) return;
        // Set by hardware, so that the handler does not meet a second one before it is ready (SDM 3B, IA32_PERF_GLOBAL_STATUS).
        if (source == LvtSource.Performance) _lvt[source] = entry.Masked;
        Deliver(source, entry, nowPs);
    }

    private void Deliver(LvtSource source, LvtEntry entry, long nowPs)
    {
        switch (entry.Mode)
        {
            case DeliveryMode.Fixed: Request(entry.Vector, entry.IsLevel, nowPs); break;
            case DeliveryMode.Nmi: _processor.SignalNmi(nowPs); break;
            case DeliveryMode.Smi: _processor.SignalSmi(nowPs); break;
            case DeliveryMode.Init: _processor.SignalInit(nowPs); break;
            case DeliveryMode.ExtInt when source is LvtSource.Lint0 or LvtSource.Lint1: break; // the line itself, see UpdateExternalLine
            default: Report(nowPs, HardwareEventKind.IllegalCommand, $"LVT {source} with delivery mode", 0, (uint)entry.Mode); break;
        }
    }

    private void Raise(ApicErrors error, long nowPs)
    {
        if (!_errors.Add(error)) return;
        LvtEntry entry = _lvt[LvtSource.Error];
        if (!entry.IsMasked) Request(entry.Vector, level: false, nowPs);
    }

    // ---- LINT0 and LINT1 -------------------------------------------------------------------------------------------------------

    /// <summary>
    /// A pin changed; active or not, whatever its polarity. Globally disabled, the pins are the processor's own INTR and NMI (SDM 3A §11.4.3).
    /// </summary>
    public void SetLint(int pin, bool active, long nowPs)
    {
        bool rose = active && !_lintActive[pin];
        _lintActive[pin] = active;
        if (Mode == ApicMode.Disabled)
        {
            if (pin == 1 && rose) _processor.SignalNmi(nowPs);
            UpdateExternalLine(nowPs);
            return;
        }
        LvtSource source = Lint(pin);
        LvtEntry entry = _lvt[source];
        if (entry.IsLevel) ServiceLint(pin, nowPs);
        else if (rose && !entry.IsMasked) Deliver(source, entry, nowPs);
        UpdateExternalLine(nowPs);
    }

    private static LvtSource Lint(int pin) => pin == 0 ? LvtSource.Lint0 : LvtSource.Lint1;

    /// <summary>Level and fixed: one request, and the next only after its EOI.</summary>
    private void ServiceLint(int pin, long nowPs)
    {
        LvtSource source = Lint(pin);
        LvtEntry entry = _lvt[source];
        if (!_lintActive[pin] || !entry.IsLevel || entry.IsMasked || entry.RemoteIrr) return;
        if (entry.Vector >= 16) _lvt[source] = entry.WithRemoteIrr(true);
        Deliver(source, entry, nowPs);
    }

    private void EndLocalLevel(byte vector, long nowPs)
    {
        LvtEntry entry = _lvt[LvtSource.Lint0];
        if (!entry.RemoteIrr || entry.Vector != vector) return;
        _lvt[LvtSource.Lint0] = entry.WithRemoteIrr(false);
        ServiceLint(0, nowPs);
    }

    // ---- ExtINT ----------------------------------------------------------------------------------------------------------------

    private void RequestExternal(long nowPs)
    {
        _externalMessage = true;
        UpdateExternalLine(nowPs);
    }

    /// <summary>INTR as the 8259 drives it: through a pin set to ExtINT, by a message of that mode, or straight where there is no APIC.</summary>
    private void UpdateExternalLine(long nowPs) =>
        _processor?.SetExternalInterrupt(_externalMessage || IsExternal(0) || IsExternal(1), nowPs);

    private bool IsExternal(int pin)
    {
        if (Mode == ApicMode.Disabled) return pin == 0 && _lintActive[0];
        LvtEntry entry = _lvt[Lint(pin)];
        return _lintActive[pin] && entry is { Mode: DeliveryMode.ExtInt, IsMasked: false };
    }

    /// <summary>The processor's INTA cycle goes to the 8259 pair, which gives the vector; -1 where no such thing is wired.</summary>
    internal int AcknowledgeExternal(long nowPs)
    {
        _externalMessage = false;
        int vector = _fabric.ExternalAcknowledge?.Invoke(nowPs) ?? -1;
        if (vector < 0) Report(nowPs, HardwareEventKind.NoAnswer, "INTA cycle for ExtINT", 0, 0);
        else _requestedPs[vector] = nowPs; // an 8259 does not tell how long it asked
        UpdateExternalLine(nowPs);
        return vector;
    }

    // ---- writes and the timer --------------------------------------------------------------------------------------------------

    private void WriteLvt(LvtSource source, uint value, long nowPs)
    {
        _lvt.Write(source, value, IsSoftwareEnabled);
        switch (source)
        {
            case LvtSource.Timer: Timer.SetMode(_lvt[source].TimerMode); break;
            case LvtSource.Lint0 or LvtSource.Lint1:
                ServiceLint(source == LvtSource.Lint0 ? 0 : 1, nowPs);
                UpdateExternalLine(nowPs);
                break;
        }
    }

    /// <summary>IA32_TSC_DEADLINE with the deadline as a time: see <see cref="ApicTimer.WriteDeadline"/>.</summary>
    public void WriteDeadline(long atPs, long nowPs) => Timer.WriteDeadline(atPs, nowPs);

    private void TimerExpired(long nowPs)
    {
        LvtEntry entry = _lvt[LvtSource.Timer];
        if (!entry.IsMasked) Request(entry.Vector, level: false, nowPs);
    }
}
