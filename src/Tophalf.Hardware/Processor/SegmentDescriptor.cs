namespace Tophalf.Hardware.Processors;

/// <summary>
/// Segment descriptor, 8 bytes, as far as an interrupt asks (SDM 3A §3.4.5, figure 3-8).
/// <code>
///   54 D/B    53 L (64-bit code)    47 P    46..45 DPL    44 S (code or data)    43 code    42 conforming
/// </code>
/// </summary>
public readonly record struct SegmentDescriptor(ulong Raw)
{
    public const int Size = 8;

    public bool IsDefault32 => (Raw >> 54 & 1) != 0;
    public bool IsLong => (Raw >> 53 & 1) != 0;
    public bool Present => (Raw >> 47 & 1) != 0;
    public int Dpl => (int)(Raw >> 45) & 3;
    public bool IsCode => (Raw >> 43 & 3) == 3;
    public bool IsConforming => (Raw >> 42 & 1) != 0;

    /// <summary>A flat code segment, accessed and readable: what every kernel uses.</summary>
    public static SegmentDescriptor Code(int dpl, bool isLong, bool conforming = false) => new(
        0x00CF_9B00_0000_FFFFul & ~(isLong ? 1ul << 54 : 0) | (isLong ? 1ul << 53 : 0) | (ulong)dpl << 45 | (conforming ? 1ul << 42 : 0));
}

/// <summary>IDTR or GDTR: where a table lies and its last valid byte (SDM 3A §2.4).</summary>
public readonly record struct DescriptorTableRegister(ulong Base, ushort Limit);
