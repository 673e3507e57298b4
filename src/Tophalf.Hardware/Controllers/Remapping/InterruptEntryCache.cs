namespace Tophalf.Hardware.Controllers.Remapping;

/// <summary>
/// The unit's cache of remapping table entries (VT-d specification, ch. 6 "Interrupt entry cache"). It never looks at memory again by
/// itself: after a change of the table the old entry works on until software invalidates it or another index takes its slot. Only entries
/// that are present and free of reserved bits are kept (no caching mode). Direct mapped; size and placement are the twin's choice.
/// </summary>
public sealed class InterruptEntryCache
{
    public const int Slots = 256;

    private readonly int[] _tags = new int[Slots]; // index + 1; 0 is an empty slot
    private readonly RemappingTableEntry[] _entries = new RemappingTableEntry[Slots];

    public long Hits { get; private set; }
    public long Misses { get; private set; }

    /// <summary>Hits on an entry that no longer equals the one in memory: an invalidation is missing or on its way.</summary>
    public long StaleUses { get; internal set; }

    public bool Contains(int index) => _tags[index & (Slots - 1)] == index + 1;

    internal bool TryGet(int index, out RemappingTableEntry entry)
    {
        entry = _entries[index & (Slots - 1)];
        bool hit = Contains(index);
        if (hit) Hits++;
        else Misses++;
        return hit;
    }

    internal void Fill(int index, in RemappingTableEntry entry)
    {
        _tags[index & (Slots - 1)] = index + 1;
        _entries[index & (Slots - 1)] = entry;
    }

    internal void InvalidateAll() => Array.Clear(_tags);

    /// <summary>Drops the aligned group of 2^<paramref name="log2Count"/> entries that <paramref name="index"/> is in.</summary>
    internal void Invalidate(int index, int log2Count)
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            if (_tags[slot] != 0 && _tags[slot] - 1 >> log2Count == index >> log2Count) _tags[slot] = 0;
        }
    }
}
