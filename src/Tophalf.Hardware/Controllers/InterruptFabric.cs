using Tophalf.Hardware.Controllers.Remapping;
using Tophalf.Hardware.Pci;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Controllers;

/// <summary>
/// What carries interrupt messages: root complex, system bus, and the acceptance at the far end. A message sent now sets its IRR bit
/// one flight later; the flights are events taken from a pool, so that a busy machine allocates nothing.
/// </summary>
public sealed class InterruptFabric(EventQueue queue, HardwareCosts costs)
{
    /// <summary>Ties at one picosecond are broken by what happens, not by who asked first: EOI broadcasts, then messages by destination and vector.</summary>
    internal const int BroadcastRank = 1 << 16, MessageRank = 1 << 17;

    private readonly List<LocalApic> _apics = [];
    private readonly List<IoApic> _ioApics = [];
    private readonly Stack<Flight> _idle = new();
    private bool _indexIsId = true;
    private int _lastLowest = -1;

    public EventQueue Queue { get; } = queue;
    public HardwareCosts Costs { get; } = costs;
    public HopTrace? Trace { get; set; }

    /// <summary>Who hears of reserved registers, illegal commands and the like; null when nobody does.</summary>
    public IHardwareEvents? Events { get; set; }

    /// <summary>The VT-d unit between the devices and the local APICs; null on a board without one.</summary>
    public InterruptRemapping? Remapping { get; set; }

    /// <summary>The INTA cycle as the 8259 pair answers it: given the time, the vector.</summary>
    public Func<long, int>? ExternalAcknowledge { get; set; }

    /// <summary>Messages whose destination matched no local APIC; real hardware drops them in silence.</summary>
    public long Undeliverable { get; private set; }

    public void Attach(LocalApic apic)
    {
        _indexIsId &= apic.Id == _apics.Count;
        _apics.Add(apic);
    }

    /// <summary>An APIC answers to another id than the one it was attached with: from here on every message is offered to all.</summary>
    internal void IdChanged() => _indexIsId = _indexIsId && IndexIsId();

    private bool IndexIsId()
    {
        for (int i = 0; i < _apics.Count; i++)
        {
            if (_apics[i].AddressedId != i) return false;
        }
        return true;
    }

    public void Attach(IoApic ioApic) => _ioApics.Add(ioApic);

    /// <summary>
    /// A device's memory write on its way up, <paramref name="requesterId"/> being its bus, device and function: through the remapping unit if the board has
    /// one, which may forward it, post it, or drop it in silence; else as it stands.
    /// </summary>
    public void SendDeviceWrite(ushort requesterId, MsiMessage write, long nowPs)
    {
        if (Remapping is null) SendDeviceMessage(write.Decode(), nowPs);
        else SendRemapped(requesterId, write, nowPs);
    }

    private void SendRemapped(ushort requesterId, MsiMessage write, long nowPs)
    {
        RemapResult result = Remapping!.Translate(requesterId, write.Address, write.Data, nowPs);
        if (Trace is { IsRaising: true } trace) trace.Add(nowPs, "VT-d", result.ToString(), Costs.RemapCached);
        if (result.Outcome == RemapOutcome.Forwarded || result.Notifies) SendDeviceMessage(result.Message, nowPs + Costs.RemapCached);
    }

    /// <summary>An interrupt message at the root complex: bus, then acceptance.</summary>
    public void SendDeviceMessage(in InterruptMessage message, long nowPs) => Send(message, nowPs + Costs.BusMessage + Costs.ApicAccept);

    /// <summary>One processor to another.</summary>
    public void SendIpi(in InterruptMessage message, long nowPs) => Send(message, nowPs + Costs.IpiFlight + Costs.ApicAccept);

    /// <summary>Shorthand "all excluding self" (SDM 3A §11.6.1); with lowest priority one of the others.</summary>
    internal void SendIpiToOthers(byte vector, DeliveryMode mode, LocalApic self, long nowPs)
    {
        if (mode == DeliveryMode.LowestPriority)
        {
            LocalApic? chosen = ChooseLowest(new InterruptMessage(vector, InterruptMessage.AllIds, Mode: mode), self);
            if (chosen is not null) SendIpi(new InterruptMessage(vector, chosen.AddressedId), nowPs);
            return;
        }
        foreach (LocalApic apic in _apics)
        {
            if (apic != self) SendIpi(new InterruptMessage(vector, apic.AddressedId, Mode: mode), nowPs);
        }
    }

    /// <summary>A level-triggered vector was ended: every I/O APIC hears of it (unless the local APIC suppresses it).</summary>
    public void BroadcastEoi(byte vector, long atPs)
    {
        Flight flight = Take();
        flight.Message = new InterruptMessage(vector, 0);
        flight.IsEoi = true;
        flight.Rank = BroadcastRank + vector;
        Queue.Schedule(flight, atPs);
    }

    private void Send(in InterruptMessage message, long atPs)
    {
        Flight flight = Take();
        flight.Message = message;
        flight.IsEoi = false;
        flight.Rank = MessageRank + (int)(message.Destination << 8) + message.Vector;
        Queue.Schedule(flight, atPs);
    }

    private Flight Take() => _idle.TryPop(out Flight? flight) ? flight : new Flight(this);

    private void Arrive(Flight flight, long nowPs)
    {
        InterruptMessage message = flight.Message;
        bool isEoi = flight.IsEoi;
        _idle.Push(flight);
        if (isEoi)
        {
            foreach (IoApic ioApic in _ioApics) ioApic.EndOfInterrupt(message.Vector, nowPs);
            return;
        }
        if (!Deliver(message, nowPs))
        {
            Undeliverable++;
            Events?.Report(new HardwareEvent(nowPs, HardwareEventKind.NoTarget, "system bus", "interrupt message", message.Destination, message.Vector));
        }
    }

    private bool Deliver(in InterruptMessage message, long nowPs)
    {
        if (message.Mode == DeliveryMode.LowestPriority)
        {
            LocalApic? chosen = ChooseLowest(message, except: null);
            chosen?.Accept(message, nowPs);
            return chosen is not null;
        }
        // The common case: one processor, named by its id.
        if (!message.Logical && _indexIsId && message.Destination < (uint)_apics.Count && _apics[(int)message.Destination] is { } target && target.Matches(message)
            && message.Destination != InterruptMessage.AllXApics)
        {
            target.Accept(message, nowPs);
            return true;
        }
        bool matched = false;
        foreach (LocalApic apic in _apics)
        {
            if (!apic.Matches(message)) continue;
            matched = true;
            apic.Accept(message, nowPs);
        }
        return matched;
    }

    /// <summary>
    /// Lowest priority: the lowest arbitration priority among the enabled processors named wins; among equals the next one after the last winner,
    /// so that equals take turns (SDM 3A §11.6.2.4, where rotating arbitration ids do the same). Chipsets since the P4 compare less than that, and each differently.
    /// </summary>
    private LocalApic? ChooseLowest(in InterruptMessage message, LocalApic? except)
    {
        int best = -1;
        for (int step = 1; step <= _apics.Count; step++)
        {
            int i = (_lastLowest + step) % _apics.Count;
            LocalApic apic = _apics[i];
            if (apic == except || !apic.IsSoftwareEnabled || !apic.Matches(message)) continue;
            if (best < 0 || apic.Apr < _apics[best].Apr) best = i;
        }
        if (best < 0) return null;
        _lastLowest = best;
        return _apics[best];
    }

    private sealed class Flight(InterruptFabric fabric) : SimEvent
    {
        public InterruptMessage Message;
        public bool IsEoi;

        protected override void Fire(long nowPs) => fabric.Arrive(this, nowPs);
    }
}
