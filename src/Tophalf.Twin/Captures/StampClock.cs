namespace Tophalf.Twin.Captures;

/// <summary>
/// How a pcapng interface counts time (draft-ietf-opsawg-pcapng, options if_tsresol and if_tsoffset).
/// <paramref name="Resolution"/> n means units of 10^-n s, or of 2^-(n and 127) s where its top bit is set.
/// </summary>
internal readonly record struct StampClock(byte Resolution, long OffsetSeconds)
{
    private const ulong PsPerSecond = 1_000_000_000_000;
    private const int PsDigits = 12;

    /// <summary>What the format means where the option is missing: microseconds.</summary>
    public static StampClock Default => new(6, 0);

    /// <summary>Picoseconds since 1970; what is finer than a picosecond is cut off.</summary>
    public Int128 ToPs(ulong units)
    {
        int exponent = Resolution & 0x7f;
        UInt128 ps =
            (Resolution & 0x80) != 0 ? ((UInt128)units * PsPerSecond) >> exponent
            : exponent <= PsDigits ? (UInt128)units * PowerOfTen(PsDigits - exponent)
            : exponent - PsDigits < 20 ? units / PowerOfTen(exponent - PsDigits)
            : 0; // 2^64 units of 10^-32 s are less than a picosecond
        return (Int128)ps + (Int128)OffsetSeconds * PsPerSecond;
    }

    private static ulong PowerOfTen(int exponent)
    {
        ulong power = 1;
        for (int i = 0; i < exponent; i++)
            power *= 10;
        return power;
    }
}
