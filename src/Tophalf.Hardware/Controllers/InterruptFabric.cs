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

    public EventQueue Queue { get; } = queue;
    public HardwareCosts Costs { get; } = costs;
    public HopTrace? Trace { get; set; }

    /// <summary>Messages whose destination matched no local APIC; real hardware drops them in silence.</summary>
    public long Undeliverable { get; private set; }

    public void Attach(LocalApic apic) => _apics.Add(apic);
    public void Attach(IoApic ioApic) => _ioApics.Add(ioApic);

    /// <summary>A device's posted write to 0xFEEx_xxxx: bus, then acceptance.</summary>
    public void SendDeviceMessage(in InterruptMessage message, long nowPs) => Send(message, nowPs + Costs.BusMessage + Costs.ApicAccept);

    /// <summary>One processor to another.</summary>
    public void SendIpi(in InterruptMessage message, long nowPs) => Send(message, nowPs + Costs.IpiFlight + Costs.ApicAccept);

    /// <summary>Shorthand "all excluding self" (SDM 3A §11.6.1).</summary>
    internal void SendIpiToOthers(byte vector, DeliveryMode mode, LocalApic self, long nowPs)
    {
        foreach (LocalApic apic in _apics)
        {
            if (apic != self) SendIpi(new InterruptMessage(vector, apic.Id, Mode: mode), nowPs);
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
        bool matched = false;
        foreach (LocalApic apic in _apics)
        {
            if (!apic.Matches(message)) continue;
            matched = true;
            apic.Accept(message, nowPs);
            if (message.Mode == DeliveryMode.LowestPriority) break;
        }
        if (!matched) Undeliverable++;
    }

    private sealed class Flight(InterruptFabric fabric) : SimEvent
    {
        public InterruptMessage Message;
        public bool IsEoi;

        protected override void Fire(long nowPs) => fabric.Arrive(this, nowPs);
    }
}
