using Tophalf.Simulation;

namespace Tophalf.Hardware.Timers;

/// <summary>The 8254's input clock on a PC: the 14.31818 MHz crystal divided by 12, rounded as Linux has it (include/linux/timex.h, PIT_TICK_RATE).</summary>
public static class PitClock
{
    public const long Hz = 1_193_182;

    /// <summary>Clock pulses that have passed since the machine was switched on.</summary>
    public static long TickAt(long ps) => (long)((Int128)ps * Hz / SimTime.Second);

    /// <summary>The first picosecond at which pulse <paramref name="tick"/> has passed.</summary>
    public static long TimeOf(long tick) => (long)(((Int128)tick * SimTime.Second + Hz - 1) / Hz);
}
