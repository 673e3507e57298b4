namespace Tophalf.Twin.Captures;

/// <summary>
/// The block format of Wireshark and dumpcap (draft-ietf-opsawg-pcapng). Every block is type, length, body, length again.
/// A section sets the byte order, an interface the link type and clock of the packets that name it; other blocks are passed over.
/// <code>
/// section          8 byte-order magic   12 major, 14 minor   16 section length   24 options
/// interface        8 link type   12 snap length   16 options
/// enhanced packet  8 interface (32 bits)               12, 16 time (high, low)   20 bytes kept   24 bytes seen   28 data
/// old packet       8 interface (16 bits)   10 drops    12, 16 time (high, low)   20 bytes kept   24 bytes seen   28 data
/// simple packet    8 bytes seen   12 data
/// </code>
/// </summary>
internal sealed class PcapngRecords(ForwardWindow window) : IPacketRecords
{
    /// <summary>Reads the same in both byte orders.</summary>
    public const uint SectionBlock = 0x0a0d0d0a;

    private const uint InterfaceBlock = 1;
    private const uint OldPacketBlock = 2;
    private const uint SimplePacketBlock = 3;
    private const uint EnhancedPacketBlock = 6;
    private const uint ByteOrderMagic = 0x1a2b3c4d;
    private const int TrailerBytes = 4;

    private readonly List<PcapngInterface> _interfaces = [];
    private ByteOrder _order;

    public ReadOutcome Next(out PacketRecord record)
    {
        record = default;
        while (window.TryPeek(8, out var header))
        {
            if (_order.U32(header, 0) == SectionBlock && !(TryBeginSection() && window.TryPeek(8, out header)))
                return ReadOutcome.CutBetweenPackets;

            uint type = _order.U32(header, 0);
            int length = CheckBlockLength(_order.U32(header, 4), type);
            bool isPacket = type is EnhancedPacketBlock or OldPacketBlock or SimplePacketBlock;
            bool read = type switch
            {
                EnhancedPacketBlock or OldPacketBlock => TryReadStampedPacket(type, length, out record),
                SimplePacketBlock => TryReadSimplePacket(length, out record),
                InterfaceBlock => TryReadInterface(length),
                _ => true,
            };
            if (!read || !TryPassBlock(length))
                return isPacket ? ReadOutcome.CutInPacket : ReadOutcome.CutBetweenPackets;
            if (isPacket)
                return ReadOutcome.Packet;
        }

        return window.Buffered == 0 ? ReadOutcome.End : ReadOutcome.CutBetweenPackets;
    }

    /// <summary>Learns the section's byte order, in which its own length is written too. False: the file ends before.</summary>
    private bool TryBeginSection()
    {
        if (!window.TryPeek(16, out var header))
            return false;

        bool isBigEndian = new ByteOrder(true).U32(header, 8) == ByteOrderMagic;
        if (!isBigEndian && new ByteOrder(false).U32(header, 8) != ByteOrderMagic)
            throw Damaged("a section header without its byte-order magic 1a2b3c4d");

        _order = new ByteOrder(isBigEndian);
        _interfaces.Clear();
        ushort major = _order.U16(header, 12);
        if (major != 1)
            throw new CaptureException(window.Position + 12, $"pcapng version {major}", "write version 1, as editcap FILE NEW does");
        return true;
    }

    private int CheckBlockLength(uint length, uint type)
    {
        int least = type switch
        {
            SectionBlock => 28,
            InterfaceBlock => 20,
            EnhancedPacketBlock or OldPacketBlock => 32,
            SimplePacketBlock => 16,
            _ => 12,
        };
        if (length < least || length % 4 != 0)
            throw Damaged($"a block of type {type} with length {length}, where at least {least} and a multiple of 4 is due");
        if (length > CaptureLimits.BlockBytes)
            throw Damaged($"a block of {length} bytes, more than {CaptureLimits.BlockBytes}");
        return (int)length;
    }

    private bool TryReadInterface(int length)
    {
        if (length > ForwardWindow.Capacity)
            throw Damaged($"an interface description of {length} bytes, more than {ForwardWindow.Capacity}");
        if (_interfaces.Count == CaptureLimits.Interfaces)
            throw Damaged($"more than {CaptureLimits.Interfaces} interfaces in one section");
        if (!window.TryPeek(length, out var block))
            return false;

        _interfaces.Add(PcapngInterface.Read(block[..^TrailerBytes], _order, window.Position));
        return true;
    }

    private bool TryReadStampedPacket(uint type, int length, out PacketRecord record)
    {
        const int headerBytes = 28;
        record = default;
        if (!window.TryPeek(headerBytes, out var header))
            return false;

        uint number = type == EnhancedPacketBlock ? _order.U32(header, 8) : _order.U16(header, 8);
        var from = Interface(number);
        var (captured, original) = CaptureLimits.CheckPacket(window.Position, _order.U32(header, 20), _order.U32(header, 24));
        if (captured > length - headerBytes - TrailerBytes)
            throw Damaged($"a packet of {captured} bytes in a block of {length}");
        if (!window.TryPeek(headerBytes + captured, out var block))
            return false;

        record.StampPs = from.Clock.ToPs((ulong)_order.U32(block, 12) << 32 | _order.U32(block, 16));
        record.HasStamp = true;
        record.Packet = PacketHeaders.Read(from.LinkType, block[headerBytes..], original);
        return true;
    }

    private bool TryReadSimplePacket(int length, out PacketRecord record)
    {
        const int headerBytes = 12;
        record = default;
        if (!window.TryPeek(headerBytes, out var header))
            return false;

        var from = Interface(0);
        var (_, original) = CaptureLimits.CheckPacket(window.Position, 0, _order.U32(header, 8));
        int captured = Math.Min(original, length - headerBytes - TrailerBytes);
        if (from.SnapLength != 0)
            captured = (int)Math.Min((uint)captured, from.SnapLength);
        if (!window.TryPeek(headerBytes + captured, out var block))
            return false;

        record.Packet = PacketHeaders.Read(from.LinkType, block[headerBytes..], original);
        return true;
    }

    private PcapngInterface Interface(uint number)
    {
        if (number >= _interfaces.Count)
            throw Damaged($"a packet from interface {number}, where the section has described {_interfaces.Count}");
        return _interfaces[(int)number];
    }

    /// <summary>Steps over the block and holds its second length against the first. False: the file ends before.</summary>
    private bool TryPassBlock(int length)
    {
        long blockOffset = window.Position;
        if (!window.TrySkip(length - TrailerBytes) || !window.TryPeek(TrailerBytes, out var trailer))
            return false;

        uint again = _order.U32(trailer, 0);
        if (again != length)
        {
            throw new CaptureException(
                blockOffset, $"a block that begins with length {length} and ends with {again}", CaptureException.DamageRemedy);
        }

        return window.TrySkip(TrailerBytes);
    }

    private CaptureException Damaged(string problem) => new(window.Position, problem, CaptureException.DamageRemedy);
}
