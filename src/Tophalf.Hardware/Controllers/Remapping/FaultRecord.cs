namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// Fault recording register, 16 bytes, for an interrupt (VT-d specification, FRCD_REG).
/// <code>
///   127 F, write 1 to clear | 103..96 fault reason | 79..64 requester id | 63..48 interrupt index | the rest describes DMA faults: 0
/// </code>
/// </summary>
public readonly record struct FaultRecord(ulong Low, ulong High)
{
    public const int Size = 16;

    public bool IsRecorded => High >> 63 != 0;
    public RemapFault Reason => (RemapFault)(byte)(High >> 32);
    public ushort RequesterId => (ushort)High;
    public ushort Index => (ushort)(Low >> 48);

    public static FaultRecord Of(RemapFault reason, ushort requesterId, ushort index) =>
        new((ulong)index << 48, 1ul << 63 | (ulong)reason << 32 | requesterId);

    /// <summary>Software clears F; the rest stays readable until the register is used again.</summary>
    public FaultRecord Cleared() => this with { High = High & ~(1ul << 63) };
}
