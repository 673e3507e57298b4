namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>How an entry checks who sends (IRTE bits 83..82). The value 3 is reserved.</summary>
public enum SourceValidationType : byte { None = 0, RequesterId = 1, BusRange = 2 }

/// <summary>
/// The right to use a table entry (IRTE bits 83..64). A requester id is bus 15..8, device 7..3, function 2..0.
/// <code>
///   type 1 compares with SourceId; Qualifier 0: all 16 bits, 1: not bit 2, 2: not bits 2..1, 3: not bits 2..0 (phantom functions)
///   type 2 wants the bus within SourceId 15..8 (first) and 7..0 (last), for devices whose requests a bridge renames
/// </code>
/// The manual gives type 3 no meaning; as in QEMU's unit nobody passes it.
/// </summary>
public readonly record struct SourceValidation(SourceValidationType Type, byte Qualifier, ushort SourceId)
{
    /// <summary>Everybody may send.</summary>
    public static SourceValidation Anybody => default;

    public static SourceValidation Only(ushort requesterId, byte qualifier = 0) => new(SourceValidationType.RequesterId, qualifier, requesterId);

    public static SourceValidation Buses(byte first, byte last) => new(SourceValidationType.BusRange, 0, (ushort)(first << 8 | last));

    public bool Accepts(ushort requesterId) => Type switch
    {
        SourceValidationType.None => true,
        SourceValidationType.RequesterId => ((requesterId ^ SourceId) & ~IgnoredBits) == 0,
        SourceValidationType.BusRange => SourceId >> 8 <= requesterId >> 8 && requesterId >> 8 <= (SourceId & 0xFF),
        _ => false,
    };

    private int IgnoredBits => (Qualifier & 3) switch { 0 => 0, 1 => 0b100, 2 => 0b110, _ => 0b111 };
}
