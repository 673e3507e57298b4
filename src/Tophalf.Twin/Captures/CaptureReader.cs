namespace Tophalf.Twin.Captures;

/// <summary>
/// Reads the packets of a pcap or pcapng file one after the other, whatever machine wrote it: both byte orders, any clock resolution,
/// several sections and interfaces. Memory does not grow with the file, and a packet costs no allocation.
/// </summary>
public sealed class CaptureReader
{
    private const string RecordRemedy = "record one with tcpdump -w FILE";

    private readonly ForwardWindow _window;
    private readonly IPacketRecords _records;
    private Int128? _firstStampPs;
    private long _lastTimePs;
    private bool _ended;

    /// <summary>
    /// Recognises the format. The stream is read forward from where it stands and stays the caller's to close.
    /// Throws <see cref="CaptureException"/> for what is no capture.
    /// </summary>
    public CaptureReader(Stream stream)
    {
        _window = new ForwardWindow(stream);
        if (!_window.TryPeek(4, out var magic))
        {
            string problem = _window.Buffered == 0 ? "the file is empty" : $"not a pcap or pcapng file: only {_window.Buffered} bytes long";
            throw new CaptureException(0, problem, RecordRemedy);
        }

        var little = new ByteOrder(false);
        var big = new ByteOrder(true);
        _records = (big.U32(magic, 0), little.U32(magic, 0)) switch
        {
            (PcapngRecords.SectionBlock, _) => new PcapngRecords(_window),
            (PcapRecords.MicrosecondMagic or PcapRecords.NanosecondMagic, _) => new PcapRecords(_window, big),
            (_, PcapRecords.MicrosecondMagic or PcapRecords.NanosecondMagic) => new PcapRecords(_window, little),
            ( >= 0x1f8b0000 and <= 0x1f8bffff, _) => throw new CaptureException(0, "compressed with gzip", "unpack it with gunzip first"),
            _ => throw new CaptureException(
                0, $"not a pcap or pcapng file: it begins with {Convert.ToHexStringLower(magic)}", RecordRemedy),
        };
    }

    /// <summary>Whole packets read so far.</summary>
    public long PacketCount { get; private set; }

    /// <summary>
    /// Packets stamped earlier than one before them (a clock set back, or interfaces merged out of order). Each got the time of the packet before.
    /// </summary>
    public long BackwardStamps { get; private set; }

    /// <summary>Set once the reading has come to the end of a file that stops in the middle.</summary>
    public CaptureCut? Truncated { get; private set; }

    /// <summary>
    /// The next packet. False at the end of the file, and from where it is cut (<see cref="Truncated"/>).
    /// Throws <see cref="CaptureException"/> where the file contradicts itself; the packets before stay good.
    /// </summary>
    public bool TryRead(out CapturedPacket packet)
    {
        packet = default;
        if (_ended)
            return false;

        long recordOffset = _window.Position;
        var outcome = _records.Next(out var record);
        if (outcome != ReadOutcome.Packet)
        {
            _ended = true;
            if (outcome != ReadOutcome.End)
                Truncated = new CaptureCut(_window.Position + _window.Buffered, PacketCount, outcome == ReadOutcome.CutInPacket);
            return false;
        }

        if (record.HasStamp)
            AdvanceTo(record.StampPs, recordOffset);
        PacketCount++;
        packet = record.Packet with { TimePs = _lastTimePs };
        return true;
    }

    private void AdvanceTo(Int128 stampPs, long recordOffset)
    {
        _firstStampPs ??= stampPs;
        var sinceFirstPs = stampPs - _firstStampPs.Value;
        if (sinceFirstPs > CaptureLimits.SpanPs)
        {
            throw new CaptureException(
                recordOffset,
                $"packet {PacketCount + 1} is stamped more than 100 days after the first",
                "leave out the packets before the clock was set, e.g. with editcap FILE NEW 1");
        }

        if (sinceFirstPs < _lastTimePs)
            BackwardStamps++;
        else
            _lastTimePs = (long)sinceFirstPs;
    }
}
