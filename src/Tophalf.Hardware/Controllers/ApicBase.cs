namespace Tophalf.Hardware.Controllers;

/// <summary>What a local APIC answers to: nothing, its page of memory, or its MSRs.</summary>
public enum ApicMode : byte { Disabled = 0, XApic = 2, X2Apic = 3 }

/// <summary>
/// IA32_APIC_BASE, MSR 0x1B (SDM 3A §11.4.4 and §11.12.1).
/// <code>
///   51..12 base address    11 EN    10 EXTD (x2APIC)    8 BSP (read-only)
///   EN EXTD   00 disabled   10 xAPIC   11 x2APIC   01 illegal
/// </code>
/// </summary>
public readonly record struct ApicBase(ulong Raw)
{
    public const uint Msr = 0x1B;
    public const ulong DefaultAddress = 0xFEE0_0000;
    private const ulong EnableBit = 1 << 11, ExtendBit = 1 << 10, BootstrapBit = 1 << 8;
    private const ulong AddressBits = 0x000F_FFFF_FFFF_F000;

    public static ApicBase Reset(bool isBootstrap) => new(DefaultAddress | EnableBit | (isBootstrap ? BootstrapBit : 0));

    public ulong Address => Raw & AddressBits;
    public bool IsBootstrap => (Raw & BootstrapBit) != 0;
    public ApicMode Mode => (ApicMode)(Raw >> 10 & 3);

    /// <summary>
    /// The value after a WRMSR, or false for #GP(0): reserved bits, EXTD without EN, and the two moves the manual forbids,
    /// disabled → x2APIC and x2APIC → xAPIC. The BSP bit keeps its value.
    /// </summary>
    public bool TryWrite(ulong value, out ApicBase written)
    {
        written = new((value & ~BootstrapBit) | (Raw & BootstrapBit));
        if ((value & ~(AddressBits | EnableBit | ExtendBit | BootstrapBit)) != 0) return false;
        return (Mode, (int)(value >> 10 & 3)) switch
        {
            (_, 1) => false,
            (ApicMode.Disabled, (int)ApicMode.X2Apic) => false,
            (ApicMode.X2Apic, (int)ApicMode.XApic) => false,
            _ => true,
        };
    }
}
