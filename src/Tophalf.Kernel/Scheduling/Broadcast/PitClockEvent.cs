using Tophalf.Hardware.Timers;

namespace Tophalf.Kernel.Scheduling.Broadcast;

/// <summary>Counter 0 of the 8254, for boards without an HPET that may be used (drivers/clocksource/i8253.c). It can wait 27 ms at most.</summary>
public sealed class PitClockEvent : ClockEventDevice
{
    private const long Hz = 1_193_182;
    private const uint FewestCycles = 0xF, MostCycles = 0x7FFF;

    /// <summary>Counter 0, low byte then high byte, mode 4, binary.</summary>
    private const byte SoftwareStrobe = 0x38;

    private readonly Pit8254 _pit;

    /// <param name="pit">The device.</param>
    /// <param name="costs">pit_next_event writes two bytes to a port, and waits for each.</param>
    /// <param name="nowPs">When it is set up: pit_set_oneshot.</param>
    public PitClockEvent(Pit8254 pit, KernelCosts costs, long nowPs) : base("pit", Hz, FewestCycles, MostCycles, 2 * costs.DeviceRead)
    {
        _pit = pit;
        pit.Write(Pit8254.ControlPort, SoftwareStrobe, nowPs);
    }

    protected override void SetNextEvent(uint cycles, long nowPs)
    {
        _pit.Write(Pit8254.FirstPort, (byte)cycles, nowPs);
        _pit.Write(Pit8254.FirstPort, (byte)(cycles >> 8), nowPs);
    }
}
