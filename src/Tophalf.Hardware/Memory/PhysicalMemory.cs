using System.Buffers.Binary;

namespace Tophalf.Hardware.Memory;

/// <summary>
/// The machine's RAM, as far as interrupts need it: descriptor tables, stacks, remapping tables. Little-endian, byte-addressed from 0.
/// Structures that have bytes in reality have the same bytes here. Where there is no RAM a read returns ones and a write is lost, as on a bus
/// where nobody answers: a table register with a wild address faults, it does not stop the simulator.
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

    public ulong Read64(ulong address) => TrySpan(address, 8, out Span<byte> bytes) ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : ulong.MaxValue;
    public uint Read32(ulong address) => TrySpan(address, 4, out Span<byte> bytes) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : uint.MaxValue;
    public ushort Read16(ulong address) => TrySpan(address, 2, out Span<byte> bytes) ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : ushort.MaxValue;

    public void Write64(ulong address, ulong value)
    {
        if (TrySpan(address, 8, out Span<byte> bytes)) BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
    }

    public void Write32(ulong address, uint value)
    {
        if (TrySpan(address, 4, out Span<byte> bytes)) BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
    }

    public void Write16(ulong address, ushort value)
    {
        if (TrySpan(address, 2, out Span<byte> bytes)) BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
    }

    public ReadOnlySpan<byte> Bytes(ulong address, int count) => _bytes.AsSpan((int)address, count);

    /// <summary>The bytes themselves, if all of them are RAM.</summary>
    public bool TrySpan(ulong address, int count, out Span<byte> bytes)
    {
        bool isRam = address <= (ulong)_bytes.Length && (ulong)count <= (ulong)_bytes.Length - address;
        bytes = isRam ? _bytes.AsSpan((int)address, count) : default;
        return isRam;
    }
}
