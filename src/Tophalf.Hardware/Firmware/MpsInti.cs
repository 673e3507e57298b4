namespace Tophalf.Hardware.Firmware;

public enum MadtPolarity : byte { BusDefault = 0, ActiveHigh = 1, Reserved = 2, ActiveLow = 3 }

public enum MadtTrigger : byte { BusDefault = 0, Edge = 1, Reserved = 2, Level = 3 }

/// <summary>
/// Polarity and trigger of an interrupt input (ACPI specification, "MPS INTI flags"): bits 1..0 polarity, 3..2 trigger, the rest reserved.
/// The bus default of ISA is edge-triggered and active high.
/// </summary>
public readonly record struct MpsInti(ushort Raw)
{
    public MadtPolarity Polarity => (MadtPolarity)(Raw & 3);
    public MadtTrigger Trigger => (MadtTrigger)(Raw >> 2 & 3);

    public static MpsInti Of(MadtPolarity polarity, MadtTrigger trigger) => new((ushort)((int)trigger << 2 | (int)polarity));
}
