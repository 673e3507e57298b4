namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// Offsets and bits of a remapping unit's registers (VT-d specification, ch. 11 "Register descriptions"). The registers of DMA translation
/// (RTADDR, CCMD, IOTLB, PMEN, page requests) are absent; they read 0 and ignore writes.
/// </summary>
public static class RemappingRegisters
{
    public const uint UnitVersion = 0x00, Capability = 0x08, ExtendedCapability = 0x10, GlobalCommand = 0x18, GlobalStatus = 0x1C;
    public const uint FaultStatus = 0x34, FaultEvent = 0x38;
    public const uint QueueHead = 0x80, QueueTail = 0x88, QueueAddress = 0x90, CompletionStatus = 0x9C, CompletionEvent = 0xA0;
    public const uint TableAddress = 0xB8;

    /// <summary>First of the 16-byte fault recording registers (CAP.FRO × 16).</summary>
    public const uint FaultRecords = 0x200;

    /// <summary>An event is four registers: control, data, address, upper address.</summary>
    internal const uint EventSize = 16;

    // Global command and, at the same bits, status.
    public const uint QueuedInvalidationEnable = 1u << 26, RemappingEnable = 1u << 25, SetTablePointer = 1u << 24;
    public const uint CompatibilityFormatEnable = 1u << 23;

    // Fault status.
    public const uint FaultOverflow = 1u << 0, FaultPending = 1u << 1, QueueError = 1u << 4;

    // Event control.
    public const uint EventMasked = 1u << 31, EventPending = 1u << 30;

    // Completion status.
    public const uint WaitComplete = 1u << 0;

    // Table address: 63..12 base, 3..0 size: 2^(size + 1) entries.
    public const ulong ExtendedMode = 1ul << 11;
}
