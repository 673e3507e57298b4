namespace Tophalf.Hardware.Controllers;

/// <summary>Destination shorthands of the ICR.</summary>
public enum IpiShorthand : byte { None = 0, Self = 1, AllIncludingSelf = 2, AllExcludingSelf = 3 }

/// <summary>What a write to the ICR amounts to.</summary>
public enum IpiVerdict : byte { Send, NoEffect, IllegalVector, Forbidden }

/// <summary>
/// Interrupt command register, low half (SDM 3A §11.6.1).
/// <code>
///   19..18 shorthand   15 trigger (1 = level)   14 level (1 = assert)   12 delivery status (RO)   11 logical   10..8 delivery   7..0 vector
/// </code>
/// </summary>
public readonly record struct InterruptCommand(uint Raw)
{
    /// <summary>Reserved bits that raise #GP(0) when the x2APIC's ICR is written with one set.</summary>
    public const uint X2ApicReserved = 0xFFF3_2000;

    public byte Vector => (byte)Raw;
    public DeliveryMode Mode => (DeliveryMode)(Raw >> 8 & 7);
    public bool IsLogical => (Raw >> 11 & 1) != 0;
    public bool IsAssert => (Raw >> 14 & 1) != 0;
    public bool IsLevel => (Raw >> 15 & 1) != 0;
    public IpiShorthand Shorthand => (IpiShorthand)(Raw >> 18 & 3);

    /// <summary>
    /// The valid combinations (SDM 3A tables 11-3 and 11-4). The level bit means something for INIT only: a de-assert synchronised arbitration ids
    /// on the old bus and does nothing since. Every other IPI is edge, whatever bit 15 says.
    /// </summary>
    public IpiVerdict Verdict => Mode switch
    {
        (DeliveryMode)3 or DeliveryMode.ExtInt => IpiVerdict.Forbidden,
        DeliveryMode.Init when IsLevel && !IsAssert => IpiVerdict.NoEffect,
        not DeliveryMode.Fixed when Shorthand is IpiShorthand.Self or IpiShorthand.AllIncludingSelf => IpiVerdict.Forbidden,
        DeliveryMode.Smi when Vector != 0 => IpiVerdict.Forbidden,
        DeliveryMode.Fixed or DeliveryMode.LowestPriority when Vector < 16 => IpiVerdict.IllegalVector,
        _ => IpiVerdict.Send,
    };

    public static InterruptCommand Create(
        byte vector, DeliveryMode mode = DeliveryMode.Fixed, bool logical = false, bool assert = false, bool level = false, IpiShorthand shorthand = IpiShorthand.None) =>
        new(vector | (uint)mode << 8 | (logical ? 1u << 11 : 0) | (assert ? 1u << 14 : 0) | (level ? 1u << 15 : 0) | (uint)shorthand << 18);
}
