using Tophalf.Simulation;

namespace Tophalf.Hardware;

/// <summary>The primitive costs silicon is responsible for, in picoseconds, picked once from a cost set.</summary>
public sealed class HardwareCosts(CostSet set)
{
    public long BusMessage { get; } = set.Ps("bus_message");
    public long ApicAccept { get; } = set.Ps("apic_accept");
    public long RemapCached { get; } = set.Ps("remap_cached");
    public long IpiFlight { get; } = set.Ps("ipi_flight");
    public long TimerLate { get; } = set.Ps("timer_late");
    public long DeviceWrite { get; } = set.Ps("device_write");
}
