using System.Buffers.Binary;
using Tophalf.Hardware.Devices;

namespace Tophalf.Twin.Captures;

/// <summary>
/// Finds a packet's flow as a network controller's parser does: link layer, VLAN tags, IP, transport ports.
/// Takes any bytes: what is cut, damaged or unknown has no flow, or no ports.
/// </summary>
public static class PacketHeaders
{
    private const ushort EtherTypeIPv4 = 0x0800;
    private const ushort EtherTypeIPv6 = 0x86dd;

    /// <summary>The packet's lengths and flow, its time left at zero.</summary>
    internal static CapturedPacket Read(LinkType linkType, ReadOnlySpan<byte> packet, int originalLength)
    {
        bool hasFlow = TryReadFlow(linkType, packet, out var flow);
        return new()
        {
            OriginalLength = originalLength,
            CapturedLength = packet.Length,
            LinkType = linkType,
            HasFlow = hasFlow,
            Flow = flow,
        };
    }

    /// <summary>False: no IP addresses to be found. A flow whose ports were not captured comes without ports.</summary>
    public static bool TryReadFlow(LinkType linkType, ReadOnlySpan<byte> packet, out FlowKey flow)
    {
        flow = default;
        return linkType switch
        {
            LinkType.Ethernet => packet.Length >= 14 && TryReadEtherType(packet[12..], out flow),
            LinkType.LinuxCooked => packet.Length >= 16 && TryReadEtherType(packet[14..], out flow),
            LinkType.LinuxCooked2 => packet.Length >= 20 && TryReadNetwork(U16(packet, 0), packet[20..], out flow),
            LinkType.Raw or LinkType.RawOld => packet.Length >= 1 && TryReadRaw(packet, out flow),
            LinkType.Null or LinkType.Loop => packet.Length >= 4 && TryReadLoopback(packet, out flow),
            _ => false,
        };
    }

    /// <summary>
    /// From an EtherType on, through any stack of VLAN tags (IEEE 802.1Q 8100, 802.1ad 88a8, and 9100 as older switches stack them).
    /// </summary>
    private static bool TryReadEtherType(ReadOnlySpan<byte> bytes, out FlowKey flow)
    {
        while (U16(bytes, 0) is 0x8100 or 0x88a8 or 0x9100)
        {
            if (bytes.Length < 6)
            {
                flow = default;
                return false;
            }

            bytes = bytes[4..];
        }

        return TryReadNetwork(U16(bytes, 0), bytes[2..], out flow);
    }

    private static bool TryReadRaw(ReadOnlySpan<byte> bytes, out FlowKey flow) =>
        TryReadNetwork((bytes[0] >> 4) switch { 4 => EtherTypeIPv4, 6 => EtherTypeIPv6, _ => 0 }, bytes, out flow);

    /// <summary>
    /// The family number stands in either byte order; whichever makes it small is meant.
    /// AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS.
    /// </summary>
    private static bool TryReadLoopback(ReadOnlySpan<byte> bytes, out FlowKey flow)
    {
        uint family = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        return TryReadNetwork(family switch { 2 => EtherTypeIPv4, 10 or 24 or 28 or 30 => EtherTypeIPv6, _ => 0 }, bytes[4..], out flow);
    }

    private static bool TryReadNetwork(int etherType, ReadOnlySpan<byte> bytes, out FlowKey flow)
    {
        flow = default;
        return etherType switch
        {
            EtherTypeIPv4 => TryReadIPv4(bytes, out flow),
            EtherTypeIPv6 => TryReadIPv6(bytes, out flow),
            _ => false,
        };
    }

    /// <summary>
    /// RFC 791 §3.1. Bytes past the total length are Ethernet padding;
    /// a total length of zero is a segment that the sender left to its card to cut.
    /// </summary>
    private static bool TryReadIPv4(ReadOnlySpan<byte> bytes, out FlowKey flow)
    {
        flow = default;
        if (bytes.Length < 20 || bytes[0] >> 4 != 4)
            return false;

        int headerLength = (bytes[0] & 0x0f) * 4;
        int totalLength = U16(bytes, 2);
        if (headerLength < 20 || (totalLength != 0 && totalLength < headerLength))
            return false;

        flow = FlowKey.IPv4(
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), bytes[9]);
        if (totalLength != 0 && totalLength < bytes.Length)
            bytes = bytes[..totalLength];

        bool moreFragments = (bytes[6] & 0x20) != 0;
        int fragmentOffset = U16(bytes, 6) & 0x1fff;
        flow = flow with { IsFragment = moreFragments || fragmentOffset != 0 };
        if (fragmentOffset == 0 && headerLength <= bytes.Length)
            flow = WithPorts(flow, bytes[headerLength..]);
        return true;
    }

    /// <summary>RFC 8200 §3 and §4. A payload length of zero means a jumbogram or a segment the card was to cut.</summary>
    private static bool TryReadIPv6(ReadOnlySpan<byte> bytes, out FlowKey flow)
    {
        const int headerLength = 40;
        flow = default;
        if (bytes.Length < headerLength || bytes[0] >> 4 != 6)
            return false;

        flow = FlowKey.IPv6(
            BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt128BigEndian(bytes[24..]), bytes[6]);
        int payloadLength = U16(bytes, 4);
        bytes = bytes[headerLength..];
        if (payloadLength != 0 && payloadLength < bytes.Length)
            bytes = bytes[..payloadLength];
        flow = PassExtensionHeaders(flow, bytes);
        return true;
    }

    /// <summary>Follows the chain of extension headers to the transport header. Each is at least 8 bytes, so the packet bounds the loop.</summary>
    private static FlowKey PassExtensionHeaders(FlowKey flow, ReadOnlySpan<byte> bytes)
    {
        const byte hopByHop = 0, routing = 43, fragment = 44, destinationOptions = 60;
        while (flow.Protocol is hopByHop or routing or fragment or destinationOptions)
        {
            if (bytes.Length < 8)
                return flow;

            bool isFragmentHeader = flow.Protocol == fragment;
            bool isLaterFragment = isFragmentHeader && U16(bytes, 2) >> 3 != 0;
            int length = isFragmentHeader ? 8 : (bytes[1] + 1) * 8;
            flow = flow with { Protocol = bytes[0], IsFragment = flow.IsFragment || isFragmentHeader };
            if (isLaterFragment || length > bytes.Length)
                return flow;
            bytes = bytes[length..];
        }

        return WithPorts(flow, bytes);
    }

    private static FlowKey WithPorts(FlowKey flow, ReadOnlySpan<byte> transport)
    {
        const byte tcp = 6, udp = 17, sctp = 132;
        return flow.Protocol is tcp or udp or sctp && transport.Length >= 4
            ? flow.WithPorts(U16(transport, 0), U16(transport, 2))
            : flow;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
}
