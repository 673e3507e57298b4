using Tophalf.Hardware.Pci;

namespace Tophalf.Hardware.Controllers;

/// <summary>
/// I/O APIC redirection table entry (82093AA data sheet §3.2.4; the 8-bit destination is that of the xAPIC, the data sheet itself has 4 bits;
/// bits 14..8 of a wider one are the extension hypervisors offer).
/// <code>
///   63..56 destination    55..49 its bits 14..8   16 mask       15 trigger (1 = level)   14 remote IRR (RO)
///   13     polarity       12 busy (RO)            11 logical    10..8 delivery           7..0 vector
/// </code>
/// </summary>
public readonly record struct RedirectionEntry(ulong Raw)
{
    public static RedirectionEntry Reset => new(MaskBit);

    public byte Vector => (byte)Raw;
    public DeliveryMode Mode => (DeliveryMode)(Raw >> 8 & 7);
    public bool IsLogical => (Raw & LogicalBit) != 0;
    public bool IsActiveLow => (Raw & PolarityBit) != 0;
    public bool RemoteIrr => (Raw & RemoteIrrBit) != 0;
    public bool IsLevel => (Raw & TriggerBit) != 0;
    public bool IsMasked => (Raw & MaskBit) != 0;
    public byte Destination => (byte)(Raw >> 56);
    public uint ExtendedDestination => (uint)(Raw >> 49 & 0x7F) << 8 | Destination;

    /// <summary>Bits 47..17 mean nothing, and bit 48 nothing without interrupt remapping.</summary>
    public ulong ReservedBitsSet => Raw & ReservedBits;

    /// <summary>Sent for as long as the line is active. The data sheet has SMI, NMI, INIT and ExtINT as edges whatever bit 15 says.</summary>
    public bool IsLevelService => IsLevel && Mode is DeliveryMode.Fixed or DeliveryMode.LowestPriority;

    /// <summary>Sending sets remote IRR: an EOI will come. None comes for a vector below 16, which no local APIC accepts.</summary>
    public bool WaitsForEoi => IsLevelService && Vector >= 16;

    /// <summary>Delivery modes 3 and 6 are reserved: such an entry sends nothing.</summary>
    public bool HasLegalMode => Mode is not ((DeliveryMode)3 or DeliveryMode.Startup);

    /// <summary>Software cannot set or clear the two read-only bits; an entry that becomes edge-triggered loses its remote IRR.</summary>
    public RedirectionEntry WrittenBy(ulong value)
    {
        ulong raw = (value & ~ReadOnlyBits) | (Raw & ReadOnlyBits);
        return new((raw & TriggerBit) != 0 ? raw : raw & ~RemoteIrrBit);
    }

    public RedirectionEntry WithRemoteIrr(bool set) => new(set ? Raw | RemoteIrrBit : Raw & ~RemoteIrrBit);

    public static RedirectionEntry Create(byte vector, byte destination, bool level, bool activeLow, bool masked) => new(
        vector | (level ? TriggerBit : 0) | (activeLow ? PolarityBit : 0) | (masked ? MaskBit : 0) | ((ulong)destination << 56));

    public InterruptMessage ToMessage() => new(Vector, InterruptMessage.Widen(ExtendedDestination), IsLogical, IsLevelService, Mode);

    /// <summary>
    /// The memory write the message is on the way to a remapping unit (VT-d specification §5.1.5.1): the upper half of the entry becomes address bits 19..4,
    /// so that a remappable entry's handle and format bit stand where a device would write them.
    /// </summary>
    public MsiMessage ToWrite() => new(
        0xFEE0_0000 | (Raw >> 48 << 4) | (IsLogical ? 4u : 0),
        (Raw >> 48 & 1) != 0 ? 0 : (uint)(Vector | (uint)Mode << 8 | (IsLevelService ? 1u << 15 | 1u << 14 : 0)));

    private const ulong LogicalBit = 1ul << 11, BusyBit = 1ul << 12, PolarityBit = 1ul << 13, RemoteIrrBit = 1ul << 14, TriggerBit = 1ul << 15;
    private const ulong MaskBit = 1ul << 16;
    private const ulong ReadOnlyBits = RemoteIrrBit | BusyBit;
    private const ulong ReservedBits = 0x0001_FFFF_FFFE_0000;
}
