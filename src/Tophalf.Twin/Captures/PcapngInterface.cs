namespace Tophalf.Twin.Captures;

/// <summary>What packets inherit from the pcapng interface they name. A snap length of zero means no limit.</summary>
internal readonly record struct PcapngInterface(LinkType LinkType, uint SnapLength, StampClock Clock)
{
    private const int OptionsAt = 16;
    private const ushort EndOfOptions = 0;
    private const ushort StampResolution = 9;
    private const ushort StampOffset = 14;

    /// <param name="block">The interface description block without its trailing length.</param>
    /// <param name="order">Of the section.</param>
    /// <param name="blockOffset">Where the block begins in the file, for messages.</param>
    public static PcapngInterface Read(ReadOnlySpan<byte> block, ByteOrder order, long blockOffset)
    {
        var clock = StampClock.Default;
        int at = OptionsAt;
        while (at + 4 <= block.Length)
        {
            ushort code = order.U16(block, at);
            int length = order.U16(block, at + 2);
            if (code == EndOfOptions)
                break;
            if (length > block.Length - at - 4)
            {
                throw new CaptureException(
                    blockOffset + at, $"interface option {code} of {length} bytes runs past its block", CaptureException.DamageRemedy);
            }

            if (code == StampResolution && length == 1)
                clock = clock with { Resolution = block[at + 4] };
            if (code == StampOffset && length == 8)
                clock = clock with { OffsetSeconds = order.I64(block, at + 4) };
            at += 4 + (length + 3) / 4 * 4;
        }

        return new((LinkType)order.U16(block, 8), order.U32(block, 12), clock);
    }
}
