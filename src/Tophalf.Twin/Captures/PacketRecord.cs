namespace Tophalf.Twin.Captures;

/// <summary>What both file formats say of a packet, before its time is made relative to the first.</summary>
internal struct PacketRecord
{
    /// <summary>All but the time.</summary>
    public CapturedPacket Packet;

    /// <summary>Picoseconds since 1970, any resolution and offset included.</summary>
    public Int128 StampPs;

    /// <summary>False for pcapng's simple packets, which carry no time.</summary>
    public bool HasStamp;
}

/// <summary>How an attempt to read the next packet ended.</summary>
internal enum ReadOutcome
{
    Packet,
    End,
    CutInPacket,
    CutBetweenPackets,
}

/// <summary>The packets of one file format, in file order.</summary>
internal interface IPacketRecords
{
    /// <summary>Throws <see cref="CaptureException"/> where the file contradicts itself.</summary>
    ReadOutcome Next(out PacketRecord record);
}
