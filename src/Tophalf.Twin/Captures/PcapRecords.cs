namespace Tophalf.Twin.Captures;

/// <summary>
/// The classic format (draft-ietf-opsawg-pcap; pcap-savefile(5)): one file header, then a 16-byte header before each packet.
/// <code>
/// file    0 magic   4 major, 6 minor   8 zone   12 accuracy   16 snap length   20 link type (low 16 bits)
/// packet  0 seconds   4 micro- or nanoseconds   8 bytes kept   12 bytes seen
/// </code>
/// </summary>
internal sealed class PcapRecords : IPacketRecords
{
    public const uint MicrosecondMagic = 0xa1b2c3d4;
    public const uint NanosecondMagic = 0xa1b23c4d;

    private const int FileHeaderBytes = 24;
    private const int PacketHeaderBytes = 16;
    private const long PsPerSecond = 1_000_000_000_000;

    private readonly ForwardWindow _window;
    private readonly ByteOrder _order;
    private readonly LinkType _linkType;
    private readonly long _psPerFraction;

    /// <summary>Reads the file header; the magic has been recognised.</summary>
    public PcapRecords(ForwardWindow window, ByteOrder order)
    {
        _window = window;
        _order = order;
        if (!window.TryPeek(FileHeaderBytes, out var header))
        {
            throw new CaptureException(
                window.Buffered, $"the file ends inside its {FileHeaderBytes}-byte header", "record it again with tcpdump -w FILE");
        }

        var (major, minor) = (order.U16(header, 4), order.U16(header, 6));
        if ((major, minor) != (2, 4))
            throw new CaptureException(4, $"pcap version {major}.{minor}", "write version 2.4, as tcpdump -r FILE -w NEW does");

        _psPerFraction = order.U32(header, 0) == NanosecondMagic ? 1_000 : 1_000_000;
        _linkType = (LinkType)(ushort)order.U32(header, 20);
        window.TrySkip(FileHeaderBytes);
    }

    public ReadOutcome Next(out PacketRecord record)
    {
        record = default;
        long recordOffset = _window.Position;
        if (!_window.TryPeek(PacketHeaderBytes, out var header))
            return _window.Buffered == 0 ? ReadOutcome.End : ReadOutcome.CutInPacket;

        var (captured, original) = CaptureLimits.CheckPacket(recordOffset, _order.U32(header, 8), _order.U32(header, 12));
        if (!_window.TryPeek(PacketHeaderBytes + captured, out var whole))
            return ReadOutcome.CutInPacket;

        record.StampPs = (Int128)_order.U32(whole, 0) * PsPerSecond + _order.U32(whole, 4) * _psPerFraction;
        record.HasStamp = true;
        record.Packet = PacketHeaders.Read(_linkType, whole[PacketHeaderBytes..], original);
        _window.TrySkip(whole.Length);
        return ReadOutcome.Packet;
    }
}
