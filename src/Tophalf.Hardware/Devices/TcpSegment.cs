namespace Tophalf.Hardware.Devices;

/// <summary>
/// What a TCP header says of a segment, as far as merging and acknowledging need it: its number in its stream, whose segments are all of one length, and the PSH flag. In an
/// acknowledgement the number is that of the segment wanted next. Numbers go round, as sequence numbers do.
/// </summary>
public readonly record struct TcpSegment
{
    /// <summary>Different numbers.</summary>
    public const int Numbers = 1 << 11;

    /// <summary>The most segments that may be on their way, so that old and new ones can be told apart.</summary>
    public const int MostInFlight = Numbers / 2 - 1;

    internal const uint Mask = 2 * Numbers - 1;

    // bit 11: PSH   10..0: number
    internal TcpSegment(ushort bits) => Bits = bits;

    public TcpSegment(int number, bool isPushed) => Bits = (ushort)(number & Numbers - 1 | (isPushed ? Numbers : 0));

    internal ushort Bits { get; }
    public int Number => Bits & Numbers - 1;
    public bool IsPushed => (Bits & Numbers) != 0;

    /// <summary>How many numbers <paramref name="number"/> is ahead of <paramref name="other"/>; below zero: behind.</summary>
    public static int Ahead(int number, int other) => ((number - other & Numbers - 1) ^ Numbers / 2) - Numbers / 2;
}
