using System.Globalization;
using System.Text;

namespace Tophalf.Linux;

/// <summary>
/// The two written forms of a mask, as <c>/proc/irq/N/smp_affinity</c> and <c>smp_affinity_list</c> print and accept them.
/// Printing: <c>%*pb</c> and <c>%*pbl</c> of lib/vsprintf.c. Parsing: bitmap_parse() and bitmap_parselist() of lib/bitmap-str.c,
/// with every oddity a program can observe; they work on bytes, so the text is taken as UTF-8.
/// An empty text is a good, empty mask here: it is the file behind it that then answers EINVAL, for want of an online CPU.
/// </summary>
public readonly partial struct CpuMask
{
    private const int BitsPerGroup = 32;
    private const int DigitsPerGroup = 8;

    /// <summary>
    /// Hexadecimal, 32 CPUs a group, most significant group first, groups parted by commas. Every group has eight digits
    /// but the first, which has as many as the CPUs left over need. CPUs at or above <paramref name="nrCpuIds"/> are not shown.
    /// </summary>
    public string ToHex(int nrCpuIds)
    {
        CheckWidth(nrCpuIds);
        int groups = GroupsFor(nrCpuIds);
        int bitsInFirst = nrCpuIds - (groups - 1) * BitsPerGroup;
        StringBuilder text = new(groups * (DigitsPerGroup + 1));
        for (int group = groups - 1; group >= 0; group--)
        {
            bool isFirst = group == groups - 1;
            ulong bits = Word(group / 2) >> group % 2 * BitsPerGroup & uint.MaxValue;
            if (isFirst)
                bits &= (1ul << bitsInFirst) - 1;
            int digits = isFirst ? (bitsInFirst + 3) / 4 : DigitsPerGroup;
            text.Append(bits.ToString("x" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
            if (group > 0)
                text.Append(',');
        }
        return text.ToString();
    }

    /// <summary>Ascending ranges and single CPUs parted by commas, such as <c>0-3,8</c>; the empty string for no CPU.</summary>
    public string ToList()
    {
        StringBuilder text = new();
        for (int first = First; first >= 0;)
        {
            int last = first;
            while (Contains(last + 1))
                last++;
            if (text.Length > 0)
                text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{first}");
            if (last > first)
                text.Append(CultureInfo.InvariantCulture, $"-{last}");
            first = Next(last);
        }
        return text.ToString();
    }

    /// <summary>The list form, such as <c>0-3,8</c>.</summary>
    public override string ToString() => ToList();

    /// <summary>
    /// Reads the hexadecimal form as the kernel does, from the end to the start. EINVAL: a character that is no digit;
    /// EOVERFLOW: more than eight digits in a group, more groups than <paramref name="nrCpuIds"/> needs (zeros too), or a CPU at or above it.
    /// </summary>
    public static Errno ParseHex(string text, int nrCpuIds, out CpuMask mask)
    {
        CheckWidth(nrCpuIds);
        mask = Empty;
        ReadOnlySpan<byte> bytes = UntilNul(Encoding.UTF8.GetBytes(text));
        int newline = bytes.IndexOf((byte)'\n');
        int end = (newline < 0 ? bytes.Length : newline) - 1;
        int groupsLeft = GroupsFor(nrCpuIds);
        Span<ulong> words = stackalloc ulong[MaxCpus / BitsPerWord];
        words.Clear();
        for (int group = 0; ; group++)
        {
            while (end >= 0 && EndsRegion(bytes[end]))
                end--;
            if (end < 0)
                break;
            if (groupsLeft-- == 0)
                return Errno.EOVERFLOW;
            Errno errno = ReadGroupBackwards(bytes, ref end, out uint bits);
            if (errno != Errno.None)
                return errno;
            words[group / 2] |= (ulong)bits << group % 2 * BitsPerGroup;
        }
        CpuMask read = new(words);
        if (read.Last >= nrCpuIds)
            return Errno.EOVERFLOW;
        mask = read;
        return Errno.None;
    }

    /// <summary>
    /// Reads the list form: numbers and ranges, <c>N</c> for the last CPU, <c>all</c>, and <c>range:used/group</c> for the first
    /// <c>used</c> CPUs of every <c>group</c>. EINVAL: not of that form, or a range that runs backwards;
    /// ERANGE: a CPU at or above <paramref name="nrCpuIds"/>; EOVERFLOW: a number above 32 bits.
    /// </summary>
    public static Errno ParseList(string text, int nrCpuIds, out CpuMask mask)
    {
        CheckWidth(nrCpuIds);
        mask = Empty;
        CpuListReader reader = new(UntilNul(Encoding.UTF8.GetBytes(text)), (uint)nrCpuIds);
        Span<ulong> words = stackalloc ulong[MaxCpus / BitsPerWord];
        words.Clear();
        while (reader.FindRegion())
        {
            Errno errno = reader.ReadRegion(out CpuListRegion region);
            if (errno == Errno.None)
                errno = region.Check((uint)nrCpuIds);
            if (errno != Errno.None)
                return errno;
            // Unsigned and unchecked as in the kernel: a group size near 2^32 makes the next start wrap to a lower CPU.
            for (uint start = region.Start; start <= region.End; start = unchecked(start + region.GroupLength))
            {
                uint length = Math.Min(region.End - start + 1, region.Used);
                for (uint cpu = start; cpu < start + length; cpu++)
                    SetBit(words, (int)cpu);
            }
        }
        mask = new CpuMask(words);
        return Errno.None;
    }

    /// <summary>
    /// Up to eight digits that end at <paramref name="end"/>. After eight digits the kernel steps over one character that is
    /// no digit without looking at it again, so <c>x00000003</c> reads as 3; that is kept.
    /// </summary>
    private static Errno ReadGroupBackwards(ReadOnlySpan<byte> bytes, ref int end, out uint bits)
    {
        bits = 0;
        for (int digit = 0; digit < DigitsPerGroup; digit++)
        {
            byte character = bytes[end--];
            if (!char.IsAsciiHexDigit((char)character))
                return Errno.EINVAL;
            bits |= DigitValue(character) << digit * 4;
            if (end < 0 || EndsRegion(bytes[end]))
                return Errno.None;
        }
        return char.IsAsciiHexDigit((char)bytes[end--]) ? Errno.EOVERFLOW : Errno.None;
    }

    private static uint DigitValue(byte hexDigit) => (uint)(hexDigit <= '9' ? hexDigit - '0' : (hexDigit | 0x20) - 'a' + 10);

    /// <summary>A comma or what the kernel's isspace() holds for space (lib/ctype.c), which includes the no-break space of Latin-1.</summary>
    internal static bool EndsRegion(byte character) => character is (byte)',' or (byte)' ' or (>= 9 and <= 13) or 0xA0;

    private static int GroupsFor(int nrCpuIds) => (nrCpuIds + BitsPerGroup - 1) / BitsPerGroup;

    /// <summary>The kernel works on a C string: what follows a NUL is never seen.</summary>
    private static ReadOnlySpan<byte> UntilNul(ReadOnlySpan<byte> bytes)
    {
        int nul = bytes.IndexOf((byte)0);
        return nul < 0 ? bytes : bytes[..nul];
    }

    private static void CheckWidth(int nrCpuIds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nrCpuIds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nrCpuIds, MaxCpus);
    }
}
