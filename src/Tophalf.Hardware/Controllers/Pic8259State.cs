namespace Tophalf.Hardware.Controllers;

/// <summary>Which initialisation command word the data port expects next; none when the chip is initialised.</summary>
public enum Pic8259Step : byte { Operating, Icw2, Icw3, Icw4 }

/// <summary>
/// Everything one 8259A remembers, as a value: print it, compare it, keep it, put it back. Bit n of a register belongs to input IRn.
/// </summary>
public record struct Pic8259State
{
    /// <summary>Level of the input pins.</summary>
    public byte Pins { get; internal set; }

    /// <summary>Edge latches: set by a rise, cleared by the acknowledgement or when the pin falls first. Only the bits of edge inputs count.</summary>
    public byte EdgeLatches { get; internal set; }

    /// <summary>Edge/level control register: 1 = level.</summary>
    public byte Elcr { get; internal set; }

    public byte Imr { get; internal set; }
    public byte Isr { get; internal set; }

    /// <summary>High five bits of the vector (ICW2); IRn is signalled as <c>VectorBase + n</c>.</summary>
    public byte VectorBase { get; internal set; }

    /// <summary>The input of lowest priority; the next one up, modulo 8, has the highest.</summary>
    public byte Lowest { get; internal set; }

    public Pic8259Step Step { get; internal set; }
    public bool IsSingle { get; internal set; }
    public bool WantsIcw4 { get; internal set; }
    public bool AutoEoi { get; internal set; }
    public bool RotatesInAutoEoi { get; internal set; }
    public bool SpecialFullyNested { get; internal set; }
    public bool SpecialMask { get; internal set; }
    public bool ReadsIsr { get; internal set; }
    public bool PollIsNext { get; internal set; }

    /// <summary>Interrupt requests: an edge input's latch, a level input's pin.</summary>
    public readonly byte Irr => (byte)((EdgeLatches & ~Elcr) | (Pins & Elcr));

    internal static Pic8259State Reset => new() { Lowest = 7 };
}
