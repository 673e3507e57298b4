using Tophalf.Hardware.Timers;

namespace Tophalf.Kernel.Scheduling.Broadcast;

/// <summary>Timer 0 of an HPET, whose legacy replacement puts it on line 0 (arch/x86/kernel/hpet.c).</summary>
public sealed class HpetClockEvent : ClockEventDevice
{
    /// <summary>HPET_MIN_PROG_DELTA: one and a half of HPET_MIN_CYCLES, 128.</summary>
    private const uint FewestCycles = 192;
    private const ulong TimerEnable = 1 << 2, Only32Bits = 1 << 8;
    private const long FemtosecondsPerSecond = 1_000_000_000_000_000;

    private readonly Hpet _hpet;

    /// <param name="hpet">The device, as it comes out of reset.</param>
    /// <param name="costs">hpet_clkevt_set_next_event reads the counter, writes the comparator, and looks whether the counter has overtaken it.</param>
    /// <param name="nowPs">When it is set up: hpet_enable_legacy_int, hpet_clkevt_set_state_oneshot.</param>
    public HpetClockEvent(Hpet hpet, KernelCosts costs, long nowPs)
        : base("hpet", FemtosecondsPerSecond / (hpet.Read32(Hpet.CapabilitiesOffset + 4, nowPs)), FewestCycles, int.MaxValue, 2 * costs.DeviceRead + costs.DeviceWrite)
    {
        _hpet = hpet;
        hpet.Write32(Hpet.TimerOffset, (uint)(TimerEnable | Only32Bits), nowPs);
        hpet.Write32(Hpet.ConfigurationOffset, (uint)(Hpet.Enable | Hpet.LegacyReplacement), nowPs);
    }

    protected override void SetNextEvent(uint cycles, long nowPs) =>
        _hpet.Write32(Hpet.TimerOffset + Hpet.ComparatorOffset, _hpet.Read32(Hpet.CounterOffset, nowPs) + cycles, nowPs);
}
