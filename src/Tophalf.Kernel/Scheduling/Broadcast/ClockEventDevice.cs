using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Broadcast;

/// <summary>
/// A timer of the board as the kernel programs it, once for each interrupt (struct clock_event_device, kernel/time/clockevents.c): it counts so many of its cycles and raises
/// ISA line 0.
/// </summary>
/// <param name="name">As sysfs prints it.</param>
/// <param name="hz">Cycles a second.</param>
/// <param name="fewest">Cycles that it can be programmed for, at least (min_delta_ticks).</param>
/// <param name="most">And at most (max_delta_ticks); what is further away takes several interrupts.</param>
/// <param name="programPs">How long its registers keep the processor that programs it.</param>
public abstract class ClockEventDevice(string name, long hz, uint fewest, uint most, long programPs)
{
    public string Name { get; } = name;

    internal long ProgramPs { get; } = programPs;

    /// <summary>clockevents_program_event with force: no moment is too near.</summary>
    internal void Program(long expiresPs, long nowPs)
    {
        Int128 cycles = (Int128)Math.Max(0, expiresPs - nowPs) * hz / SimTime.Second;
        SetNextEvent((uint)Int128.Clamp(cycles, fewest, most), nowPs);
    }

    /// <summary>set_next_event: it interrupts once, when so many cycles have passed.</summary>
    protected abstract void SetNextEvent(uint cycles, long nowPs);
}
