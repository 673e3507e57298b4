using System.Collections;
using System.Numerics;

namespace Tophalf.Linux;

/// <summary>
/// A set of logical CPUs, numbered from 0 (include/linux/cpumask.h). A value: two masks are equal when they hold the same CPUs.
/// Masks of CPUs 0–63 live in the struct itself and cost no allocation.
/// </summary>
public readonly partial struct CpuMask : IEquatable<CpuMask>, IEnumerable<int>
{
    /// <summary>One more than the highest CPU number a mask can hold (CONFIG_NR_CPUS with CONFIG_MAXSMP on x86-64).</summary>
    public const int MaxCpus = 8192;

    private const int BitsPerWord = 64;

    private readonly ulong _first;
    private readonly ulong[]? _rest;

    /// <summary>
    /// Word 0 holds CPUs 0–63, word 1 CPUs 64–127 and so on. Trailing zero words are dropped, so equal sets are equal in memory.
    /// </summary>
    private CpuMask(ReadOnlySpan<ulong> words)
    {
        int length = words.Length;
        while (length > 0 && words[length - 1] == 0)
            length--;
        _first = length > 0 ? words[0] : 0;
        _rest = length > 1 ? words[1..length].ToArray() : null;
    }

    /// <summary>The mask without any CPU; also the default value.</summary>
    public static CpuMask Empty => default;

    /// <summary>The mask of exactly <paramref name="cpus"/>, in any order.</summary>
    public static CpuMask Of(params ReadOnlySpan<int> cpus)
    {
        Span<ulong> words = stackalloc ulong[MaxCpus / BitsPerWord];
        words.Clear();
        foreach (int cpu in cpus)
            SetBit(words, Checked(cpu));
        return new CpuMask(words);
    }

    /// <summary>CPUs 0 to <paramref name="count"/> − 1.</summary>
    public static CpuMask FirstCpus(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCpus);
        Span<ulong> words = stackalloc ulong[MaxCpus / BitsPerWord];
        words.Clear();
        for (int cpu = 0; cpu < count; cpu++)
            SetBit(words, cpu);
        return new CpuMask(words);
    }

    public bool IsEmpty => _first == 0 && _rest is null;

    /// <summary>How many CPUs the mask holds.</summary>
    public int Count
    {
        get
        {
            int count = BitOperations.PopCount(_first);
            foreach (ulong word in Rest)
                count += BitOperations.PopCount(word);
            return count;
        }
    }

    /// <summary>The lowest CPU, or −1 when the mask is empty.</summary>
    public int First => Next(-1);

    /// <summary>The highest CPU, or −1 when the mask is empty.</summary>
    public int Last => BitsPerWord * WordCount - 1 - BitOperations.LeadingZeroCount(Word(WordCount - 1));

    /// <summary>The lowest CPU above <paramref name="cpu"/>, or −1 when there is none.</summary>
    public int Next(int cpu)
    {
        int from = cpu + 1;
        for (int index = from / BitsPerWord; index < WordCount; index++)
        {
            ulong word = Word(index);
            if (index == from / BitsPerWord)
                word &= ulong.MaxValue << from % BitsPerWord;
            if (word != 0)
                return index * BitsPerWord + BitOperations.TrailingZeroCount(word);
        }
        return -1;
    }

    public bool Contains(int cpu) => cpu >= 0 && cpu / BitsPerWord < WordCount && (Word(cpu / BitsPerWord) >> cpu % BitsPerWord & 1) != 0;

    public bool Intersects(CpuMask other) => !And(other).IsEmpty;

    public bool IsSubsetOf(CpuMask other) => AndNot(other).IsEmpty;

    public CpuMask And(CpuMask other)
    {
        Span<ulong> words = stackalloc ulong[Math.Min(WordCount, other.WordCount)];
        for (int i = 0; i < words.Length; i++)
            words[i] = Word(i) & other.Word(i);
        return new CpuMask(words);
    }

    public CpuMask Or(CpuMask other)
    {
        Span<ulong> words = stackalloc ulong[Math.Max(WordCount, other.WordCount)];
        for (int i = 0; i < words.Length; i++)
            words[i] = Word(i) | other.Word(i);
        return new CpuMask(words);
    }

    /// <summary>The CPUs of this mask that <paramref name="other"/> lacks.</summary>
    public CpuMask AndNot(CpuMask other)
    {
        Span<ulong> words = stackalloc ulong[WordCount];
        for (int i = 0; i < words.Length; i++)
            words[i] = Word(i) & ~other.Word(i);
        return new CpuMask(words);
    }

    public CpuMask With(int cpu) => Or(Of(cpu));

    public CpuMask Without(int cpu) => AndNot(Of(cpu));

    public bool Equals(CpuMask other) => _first == other._first && Rest.SequenceEqual(other.Rest);

    public override bool Equals(object? obj) => obj is CpuMask other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(_first);
        foreach (ulong word in Rest)
            hash.Add(word);
        return hash.ToHashCode();
    }

    public static bool operator ==(CpuMask left, CpuMask right) => left.Equals(right);

    public static bool operator !=(CpuMask left, CpuMask right) => !left.Equals(right);

    /// <summary>CPUs in ascending order.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<int> IEnumerable<int>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator(CpuMask mask) : IEnumerator<int>
    {
        public int Current { get; private set; } = -1;

        readonly object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            Current = mask.Next(Current);
            return Current >= 0;
        }

        public void Reset() => Current = -1;

        public readonly void Dispose()
        {
        }
    }

    private ReadOnlySpan<ulong> Rest => _rest;

    private int WordCount => 1 + (_rest?.Length ?? 0);

    private ulong Word(int index) => index == 0 ? _first : index <= Rest.Length ? _rest![index - 1] : 0;

    private static void SetBit(Span<ulong> words, int cpu) => words[cpu / BitsPerWord] |= 1ul << cpu % BitsPerWord;

    private static int Checked(int cpu)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cpu);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cpu, MaxCpus);
        return cpu;
    }
}
