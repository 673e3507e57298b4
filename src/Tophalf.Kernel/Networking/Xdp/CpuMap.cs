using Tophalf.Linux;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>BPF_MAP_TYPE_CPUMAP (kernel/bpf/cpumap.c): a queue and a thread for each processor that has an entry. The value is the queue's size, and a program's number, which the twin has none for.</summary>
internal sealed class CpuMap(Kernel kernel, string name, NetDevice device, Action<long> changing) : BpfMap(kernel, name, valueBytes: 8, kernel.CpuCount)
{
    private const uint LargestQueue = 16384;

    private readonly CpuMapEntry?[] _entries = new CpuMapEntry?[kernel.CpuCount];
    private readonly List<CpuMapEntry> _present = [];

    public CpuMapEntry? this[uint cpu] => cpu < _entries.Length ? _entries[cpu] : null;

    /// <summary>Entries there are.</summary>
    public IReadOnlyList<CpuMapEntry> Present => _present;

    private protected override Errno Store(uint key, ReadOnlySpan<byte> value)
    {
        uint size = Word(value), program = Word(value[sizeof(uint)..]);
        if (key >= _entries.Length) return Errno.E2BIG;
        if (size > LargestQueue) return Errno.EOVERFLOW;
        if (size > 0 && program > 0) return Errno.ENOMEM; // no such program: __cpu_map_entry_alloc() has no other word for it
        Replace(key, size == 0 ? null : new CpuMapEntry(Kernel, device, Id, Kernel.Cpus[(int)key], (int)size));
        return Errno.None;
    }

    private protected override Errno Remove(uint key)
    {
        if (key >= _entries.Length) return Errno.EINVAL;
        Replace(key, null);
        return Errno.None;
    }

    private void Replace(uint key, CpuMapEntry? entry)
    {
        changing(Kernel.Events.NowPs);
        if (_entries[key] is { } old)
        {
            _present.Remove(old);
            old.Thread.Stop(Kernel.Events.NowPs);
        }
        _entries[key] = entry;
        if (entry is not null) _present.Add(entry);
    }

    /// <summary>The map goes: each thread takes what is in its queue, and ends.</summary>
    public void Free()
    {
        for (uint cpu = 0; cpu < _entries.Length; cpu++) Replace(cpu, null);
    }

    private protected override Errno Load(uint key, Span<byte> value)
    {
        if (this[key] is not { } entry) return Errno.ENOENT;
        Word(value, (uint)entry.Size);
        return Errno.None;
    }
}
