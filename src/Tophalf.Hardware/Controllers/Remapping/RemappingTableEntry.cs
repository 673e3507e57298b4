namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// Interrupt-remapping table entry, IRTE, 16 bytes (VT-d specification, ch. 9 "Interrupt remapping table entry", for remapped and for
/// posted interrupts).
/// <code>
///   remapped  127..84 0 | 83..82 SVT | 81..80 SQ | 79..64 SID | 63..32 destination | 31..24 0 | 23..16 vector
///             15 IM = 0 | 14..12 0 | 11..8 available | 7..5 delivery mode | 4 level | 3 redirection hint | 2 logical | 1 FPD | 0 P
///   posted    127..96 descriptor 63..32 | 95..84 0 | 83..64 as above | 63..38 descriptor 31..6 | 37..32 0 | 31..24 0 | 23..16 vector
///             15 IM = 1 | 14 urgent | 13..12 0 | 11..8 available | 7..2 0 | 1 FPD | 0 P
/// </code>
/// The destination is 32 bits wide in extended interrupt mode; otherwise it is bits 47..40 and the rest is reserved.
/// </summary>
public readonly record struct RemappingTableEntry(ulong Low, ulong High)
{
    public const int Size = 16;

    public bool IsPresent => (Low & 1) != 0;

    /// <summary>FPD: qualified faults of this entry are not logged. Honoured whether or not the entry is present.</summary>
    public bool FaultProcessingDisabled => (Low & FpdBit) != 0;

    public bool IsPosted => (Low & PostedBit) != 0;
    public byte Vector => (byte)(Low >> 16);

    /// <summary>Bits software may use as it likes.</summary>
    public byte Available => (byte)(Low >> 8 & 0xF);

    public SourceValidation Source => new((SourceValidationType)(High >> 18 & 3), (byte)(High >> 16 & 3), (ushort)High);

    // Remapped interrupts.
    public bool IsLogical => (Low & LogicalBit) != 0;
    public bool HasRedirectionHint => (Low & RedirectionHintBit) != 0;
    public bool IsLevel => (Low & LevelBit) != 0;
    public DeliveryMode Mode => (DeliveryMode)(Low >> 5 & 7);
    public uint Destination(bool extended) => extended ? (uint)(Low >> 32) : (byte)(Low >> 40);

    // Posted interrupts.
    public bool IsUrgent => (Low & UrgentBit) != 0;

    /// <summary>Physical address of the 64-byte posted-interrupt descriptor.</summary>
    public ulong DescriptorAddress => (High & 0xFFFF_FFFF_0000_0000) | (Low >> 32 & 0xFFFF_FFC0);

    /// <summary>A present entry with this true is fault 0x24. Delivery modes 3 and 6 are reserved encodings and count.</summary>
    public bool HasReservedBits(RemappingCapabilities unit, bool extended)
    {
        if (!IsPosted)
        {
            return (Low & RemappedReservedLow) != 0 || High >> 20 != 0 || (int)Mode is 3 or 6
                || (!extended && (Low & XApicReservedDestination) != 0);
        }
        return !unit.PostedInterrupts || (Low & PostedReservedLow) != 0 || (High >> 20 & 0xFFF) != 0;
    }

    /// <summary>
    /// The message a remapped entry stands for. A redirection hint with a logical destination asks for the one processor with the lowest
    /// priority, as lowest-priority delivery does (arch/x86/kvm/irq.c, msi_redir_hint).
    /// </summary>
    public InterruptMessage ToMessage(bool extended) => new(
        Vector, Destination(extended), IsLogical, IsLevel,
        Mode == DeliveryMode.Fixed && HasRedirectionHint && IsLogical ? DeliveryMode.LowestPriority : Mode);

    /// <summary>A present entry for <paramref name="message"/>.</summary>
    public static RemappingTableEntry Remapped(in InterruptMessage message, SourceValidation source, bool extended, bool redirectionHint = false) =>
        new(1 | (message.Logical ? LogicalBit : 0) | (redirectionHint ? RedirectionHintBit : 0) | (message.Level ? LevelBit : 0)
            | (ulong)message.Mode << 5 | (ulong)message.Vector << 16
            | (extended ? (ulong)message.Destination << 32 : (ulong)(byte)message.Destination << 40),
        HighOf(source));

    /// <summary>A present entry that posts <paramref name="vector"/> to the descriptor at a 64-byte aligned physical address.</summary>
    public static RemappingTableEntry Posted(byte vector, ulong descriptorAddress, bool urgent, SourceValidation source) => new(
        1 | PostedBit | (urgent ? UrgentBit : 0) | (ulong)vector << 16 | (descriptorAddress & 0xFFFF_FFC0) << 32,
        (descriptorAddress & 0xFFFF_FFFF_0000_0000) | HighOf(source));

    public RemappingTableEntry WithFaultProcessingDisabled() => this with { Low = Low | FpdBit };

    private static ulong HighOf(SourceValidation source) =>
        source.SourceId | (ulong)(source.Qualifier & 3) << 16 | (ulong)((int)source.Type & 3) << 18;

    private const ulong FpdBit = 1 << 1, LogicalBit = 1 << 2, RedirectionHintBit = 1 << 3, LevelBit = 1 << 4;
    private const ulong UrgentBit = 1 << 14, PostedBit = 1 << 15;
    private const ulong RemappedReservedLow = 0xFF00_7000, XApicReservedDestination = 0xFFFF_00FF_0000_0000;
    private const ulong PostedReservedLow = 0x0000_003F_FF00_30FC;
}
