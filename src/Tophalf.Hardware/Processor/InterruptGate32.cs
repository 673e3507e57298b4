namespace Tophalf.Hardware.Processors;

/// <summary>
/// 32-bit IDT gate, 8 bytes (SDM 3A §6.11, figure 6-2).
/// <code>
///   63..48 offset 31..16 | 47 P | 46..45 DPL | 44 0 | 43..40 type | 39..37 0 | 31..16 selector | 15..0 offset 15..0
/// </code>
/// A 16-bit gate has no upper offset; a task gate has a TSS selector and no offset at all.
/// </summary>
public readonly record struct InterruptGate32(ulong Raw)
{
    public const int Size = 8;

    public uint Offset => (uint)(Raw & 0xFFFF) | (Is16Bit ? 0 : (uint)(Raw >> 32) & 0xFFFF_0000);
    public ushort Selector => (ushort)(Raw >> 16);
    public GateType Type => (GateType)(Raw >> 40 & 0xF);
    public int Dpl => (int)(Raw >> 45) & 3;
    public bool Present => (Raw >> 47 & 1) != 0;
    public bool Is16Bit => Type is GateType.Interrupt16 or GateType.Trap16;
    public bool ClearsInterruptFlag => Type is GateType.Interrupt or GateType.Interrupt16;
    public bool IsLegalType => Type is GateType.Task or GateType.Interrupt16 or GateType.Trap16 or GateType.Interrupt or GateType.Trap && (Raw >> 44 & 1) == 0;

    public static InterruptGate32 Create(uint offset, ushort selector, GateType type = GateType.Interrupt, int dpl = 0) => new(
        (offset & 0xFFFF) | ((ulong)selector << 16) | ((ulong)type << 40) | ((ulong)dpl << 45) | (1ul << 47) | ((ulong)(offset >> 16) << 48));
}
