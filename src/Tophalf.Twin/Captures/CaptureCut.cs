namespace Tophalf.Twin.Captures;

/// <summary>A capture that ends in the middle of something, as when the disk filled up or tcpdump was killed.</summary>
/// <param name="ByteOffset">Where the bytes end: the length of the file.</param>
/// <param name="WholePackets">Packets read before the cut.</param>
/// <param name="InsidePacket">False where a pcapng block that holds no packet was cut.</param>
public readonly record struct CaptureCut(long ByteOffset, long WholePackets, bool InsidePacket)
{
    /// <summary>
    /// For people, to be put after the file's name: "cut in the middle of packet 3 at byte 1000; 2 whole packets come before it".
    /// </summary>
    public override string ToString()
    {
        string where = InsidePacket ? $"in the middle of packet {WholePackets + 1}" : "between packets";
        string used = WholePackets switch
        {
            0 => "no whole packet comes before it",
            1 => "one whole packet comes before it",
            _ => $"{WholePackets} whole packets come before it",
        };
        return $"cut {where} at byte {ByteOffset}; {used}";
    }
}
