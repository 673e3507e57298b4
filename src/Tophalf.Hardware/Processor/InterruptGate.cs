using System.Runtime.InteropServices;

namespace Tophalf.Hardware.Processors;

/// <summary>Gate types (SDM 3A, table 3-2). In 64-bit mode only the last two are legal.</summary>
public enum GateType : byte { Task = 0x5, Interrupt16 = 0x6, Trap16 = 0x7, Interrupt = 0xE, Trap = 0xF }

/// <summary>
/// 64-bit IDT gate, 16 bytes (SDM 3A §6.14.1, figure 6-8).
/// <code>
///  Low : 63..48 offset 31..16 | 47 P | 46..45 DPL | 44 0 | 43..40 type | 34..32 IST | 31..16 selector | 15..0 offset 15..0
///  High: 63..32 reserved (0)  | 31..0 offset 63..32
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct InterruptGate(ulong Low, ulong High)
{
    public const int Size = 16;
    private const ulong HighZeros = 0x1Ful << 40;

    public ulong Offset => (Low & 0xFFFF) | ((Low >> 32) & 0xFFFF_0000) | (High << 32);
    public ushort Selector => (ushort)(Low >> 16);
    public int Ist => (int)(Low >> 32) & 7;
    public int TypeBits => (int)(Low >> 40) & 0xF;
    public int Dpl => (int)(Low >> 45) & 3;
    public bool Present => (Low >> 47 & 1) != 0;

    /// <summary>Interrupt or trap, with the five bits zero that would be the type of a second descriptor.</summary>
    public bool IsLegalType => TypeBits is (int)GateType.Interrupt or (int)GateType.Trap && (Low >> 44 & 1) == 0 && (High & HighZeros) == 0;

    public bool ClearsInterruptFlag => TypeBits == (int)GateType.Interrupt;

    public static InterruptGate Create(ulong offset, ushort selector, GateType type = GateType.Interrupt, int dpl = 0, int ist = 0) => new(
        (offset & 0xFFFF) | ((ulong)selector << 16) | ((ulong)ist << 32) | ((ulong)type << 40) | ((ulong)dpl << 45) | (1ul << 47)
            | ((offset >> 16 & 0xFFFF) << 48),
        offset >> 32);
}
