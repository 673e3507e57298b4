using System.Buffers.Binary;

namespace Tophalf.Hardware.Memory;

/// <summary>
/// The machine's RAM, as far as interrupts need it: descriptor tables, stacks, remapping tables. Little-endian, byte-addressed from 0.
/// Structures that have bytes in reality have the same bytes here.
/// </summary>
public sealed class PhysicalMemory(int size)
{
    private readonly byte[] _bytes = new byte[size];
    private int _free = 0x1000; // page 0 stays empty, so that a null pointer never points at a table

    public int Size => _bytes.Length;

    /// <summary>Reserves <paramref name="size"/> bytes at a multiple of <paramref name="alignment"/> (a power of two) and returns their address.</summary>
    public ulong Allocate(int size, int alignment)
    {
        int at = (_free + alignment - 1) & -alignment;
        if (at + size > _bytes.Length) throw new InvalidOperationException($"simulated memory of {_bytes.Length} bytes is full");
        _free = at + size;
        return (ulong)at;
    }

    public ulong Read64(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan((int)address, 8));
    public void Write64(ulong address, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan((int)address, 8), value);
    public uint Read32(ulong address) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan((int)address, 4));
    public void Write32(ulong address, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan((int)address, 4), value);
    public ReadOnlySpan<byte> Bytes(ulong address, int count) => _bytes.AsSpan((int)address, count);
}
