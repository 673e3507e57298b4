using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tophalf.Hardware.Controllers;

/// <summary>256 bits, one per vector: the shape of IRR, ISR, TMR and of a posted-interrupt request field.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Bitmap256
{
    private ulong _word0;
#pragma warning disable IDE0044 // written through Word(): the four words are one array
    private ulong _word1;
    private ulong _word2;
    private ulong _word3;
#pragma warning restore IDE0044

    [UnscopedRef]
    private ref ulong Word(int index) => ref Unsafe.Add(ref _word0, index);

    public readonly bool Contains(int bit) => (WordOf(bit >> 6) >> (bit & 63) & 1) != 0;
    public void Set(int bit) => Word(bit >> 6) |= 1ul << (bit & 63);
    public void Clear(int bit) => Word(bit >> 6) &= ~(1ul << (bit & 63));

    /// <summary>Highest set bit, or -1.</summary>
    public readonly int Highest()
    {
        if (_word3 != 0) return 255 - BitOperations.LeadingZeroCount(_word3);
        if (_word2 != 0) return 191 - BitOperations.LeadingZeroCount(_word2);
        if (_word1 != 0) return 127 - BitOperations.LeadingZeroCount(_word1);
        return _word0 != 0 ? 63 - BitOperations.LeadingZeroCount(_word0) : -1;
    }

    /// <summary>One of the eight 32-bit registers the bitmap is read through.</summary>
    public readonly uint Register(int index) => (uint)(WordOf(index >> 1) >> ((index & 1) * 32));

    public readonly int Count() =>
        BitOperations.PopCount(_word0) + BitOperations.PopCount(_word1) + BitOperations.PopCount(_word2) + BitOperations.PopCount(_word3);

    private readonly ulong WordOf(int index) => index switch { 0 => _word0, 1 => _word1, 2 => _word2, _ => _word3 };
}
