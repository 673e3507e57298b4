namespace Tophalf.Hardware.Controllers;

/// <summary>
/// I/O APIC redirection table entry (82093AA data sheet §3.2.4; the 8-bit destination is that of the xAPIC, the data sheet itself has 4 bits).
/// <code>
///   63..56 destination    16 mask       15 trigger (1 = level)   14 remote IRR (RO)
///   13     polarity       12 busy (RO)  11 logical               10..8 delivery   7..0 vector
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

    /// <summary>Software cannot set or clear the two read-only bits; an entry that becomes edge-triggered loses its remote IRR.</summary>
    public RedirectionEntry WrittenBy(ulong value)
    {
        ulong raw = (value & ~ReadOnlyBits) | (Raw & ReadOnlyBits);
        return new((raw & TriggerBit) != 0 ? raw : raw & ~RemoteIrrBit);
    }

    public RedirectionEntry WithRemoteIrr(bool set) => new(set ? Raw | RemoteIrrBit : Raw & ~RemoteIrrBit);

    public static RedirectionEntry Create(byte vector, byte destination, bool level, bool activeLow, bool masked) => new(
        vector | (level ? TriggerBit : 0) | (activeLow ? PolarityBit : 0) | (masked ? MaskBit : 0) | ((ulong)destination << 56));

    public InterruptMessage ToMessage() => new(Vector, Destination, IsLogical, IsLevel, Mode);

    private const ulong LogicalBit = 1ul << 11, BusyBit = 1ul << 12, PolarityBit = 1ul << 13, RemoteIrrBit = 1ul << 14, TriggerBit = 1ul << 15;
    private const ulong MaskBit = 1ul << 16;
    private const ulong ReadOnlyBits = RemoteIrrBit | BusyBit;
}
