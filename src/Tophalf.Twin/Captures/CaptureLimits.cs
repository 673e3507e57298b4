namespace Tophalf.Twin.Captures;

/// <summary>How large things in a capture may be before the file is taken for damaged. Files come from strangers.</summary>
internal static class CaptureLimits
{
    /// <summary>The longest packet: libpcap's own MAXIMUM_SNAPLEN.</summary>
    public const int PacketBytes = 256 * 1024;

    /// <summary>The longest pcapng block: libpcap's own limit for block sizes.</summary>
    public const int BlockBytes = 16 * 1024 * 1024;

    /// <summary>Interfaces in one pcapng section.</summary>
    public const int Interfaces = 64 * 1024;

    /// <summary>
    /// The longest capture, 100 days: a long of picoseconds ends after 106, and the twin adds to these times.
    /// A wider gap is nearly always a clock that was set while recording.
    /// </summary>
    public const long SpanPs = 100L * 24 * 3600 * 1_000_000_000_000;

    /// <summary>Both lengths of a packet as the file claims them, checked. A packet is at least as long as what was kept of it.</summary>
    public static (int Captured, int Original) CheckPacket(long recordOffset, uint captured, uint original)
    {
        uint longest = Math.Max(captured, original);
        if (longest > PacketBytes)
        {
            throw new CaptureException(
                recordOffset, $"a packet of {longest} bytes, more than any link carries ({PacketBytes})", CaptureException.DamageRemedy);
        }

        return ((int)captured, (int)longest);
    }
}
