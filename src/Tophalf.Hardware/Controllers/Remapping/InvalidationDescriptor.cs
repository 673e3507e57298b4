namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>Descriptor types of the invalidation queue that a unit without scalable mode knows.</summary>
public enum InvalidationType : byte { ContextCache = 1, Iotlb = 2, DeviceTlb = 3, InterruptEntryCache = 4, Wait = 5 }

/// <summary>
/// An order in the invalidation queue, 16 bytes (VT-d specification, ch. 6 "Queued invalidation interface").
/// <code>
///   interrupt entry cache  47..32 index | 31..27 log2 of how many | 4 selective (0 = all entries) | 3..0 type 4
///   wait                   127..66 status address 63..2 | 63..32 status data | 6 fence | 5 write status | 4 interrupt | 3..0 type 5
/// </code>
/// </summary>
public readonly record struct InvalidationDescriptor(ulong Low, ulong High)
{
    public const int Size = 16;

    public InvalidationType Type => (InvalidationType)(Low & 0xF);

    public bool IsSelective => (Low & 1 << 4) != 0;
    public ushort Index => (ushort)(Low >> 32);
    public int Log2Count => (int)(Low >> 27 & 0x1F);

    public bool Interrupts => (Low & 1 << 4) != 0;
    public bool WritesStatus => (Low & 1 << 5) != 0;
    public uint StatusData => (uint)(Low >> 32);
    public ulong StatusAddress => High & ~3ul;

    /// <summary>An unknown type or a reserved bit stops the queue with an error.</summary>
    public bool IsValid => Type switch
    {
        InvalidationType.ContextCache or InvalidationType.Iotlb or InvalidationType.DeviceTlb => true,
        InvalidationType.InterruptEntryCache => (Low & 0xFFFF_0000_07FF_FFE0) == 0 && High == 0 && Log2Count <= 15,
        InvalidationType.Wait => (Low & 0xFFFF_FF80) == 0 && (High & 3) == 0,
        _ => false,
    };

    public static InvalidationDescriptor AllEntries => new((ulong)InvalidationType.InterruptEntryCache, 0);

    /// <summary>The aligned group of 2^<paramref name="log2Count"/> entries around <paramref name="index"/>.</summary>
    public static InvalidationDescriptor Entries(ushort index, int log2Count = 0) =>
        new((ulong)index << 32 | (ulong)log2Count << 27 | 1 << 4 | (ulong)InvalidationType.InterruptEntryCache, 0);

    /// <summary>When all before it is done, write <paramref name="data"/> to a dword-aligned address.</summary>
    public static InvalidationDescriptor WaitWithStatus(ulong address, uint data) =>
        new((ulong)data << 32 | 1 << 5 | (ulong)InvalidationType.Wait, address);

    /// <summary>When all before it is done, interrupt.</summary>
    public static InvalidationDescriptor WaitWithInterrupt => new(1 << 4 | (ulong)InvalidationType.Wait, 0);
}
