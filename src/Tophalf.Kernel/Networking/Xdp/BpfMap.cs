using System.Buffers.Binary;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>
/// A map of a loaded program (kernel/bpf), with keys of four bytes: what bpf(2) does with it, its errors included.
/// </summary>
public abstract class BpfMap
{
    private protected BpfMap(Kernel kernel, string name, int valueBytes, int maxEntries)
    {
        Kernel = kernel;
        Name = name;
        ValueBytes = valueBytes;
        MaxEntries = maxEntries;
        Id = kernel.Bpf.Add(this);
    }

    private protected Kernel Kernel { get; }

    /// <summary>Counted from 1 in the order of creation.</summary>
    public int Id { get; }

    public string Name { get; }
    public int ValueBytes { get; }
    public int MaxEntries { get; }

    /// <summary>BPF_MAP_UPDATE_ELEM.</summary>
    public Errno Update(uint key, ReadOnlySpan<byte> value)
    {
        Kernel.Sync();
        Errno error = Store(key, value);
        Kernel.Replan();
        return error;
    }

    /// <summary>BPF_MAP_DELETE_ELEM.</summary>
    public Errno Delete(uint key)
    {
        Kernel.Sync();
        Errno error = Remove(key);
        Kernel.Replan();
        return error;
    }

    /// <summary>BPF_MAP_LOOKUP_ELEM: ENOENT where nothing is stored.</summary>
    public Errno Lookup(uint key, Span<byte> value)
    {
        value.Clear();
        return Load(key, value);
    }

    private protected abstract Errno Store(uint key, ReadOnlySpan<byte> value);
    private protected abstract Errno Remove(uint key);
    private protected abstract Errno Load(uint key, Span<byte> value);

    private protected static uint Word(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadUInt32LittleEndian(value);
    private protected static void Word(Span<byte> value, uint word) => BinaryPrimitives.WriteUInt32LittleEndian(value, word);
}
