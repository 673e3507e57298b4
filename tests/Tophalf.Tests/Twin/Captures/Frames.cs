using System.Buffers.Binary;
using System.Net;

namespace Tophalf.Tests.Twin.Captures;

/// <summary>
/// Packets put together header by header, the innermost last:
/// <c>Ethernet(0x0800, IPv4("10.0.0.1", "10.0.0.2", 6, Ports(1, 2)))</c>.
/// </summary>
internal static class Frames
{
    public static byte[] TcpFrame { get; } = Ethernet(0x0800, IPv4("10.0.0.1", "10.0.0.2", 6, Ports(1234, 80)));

    public static byte[] UdpFrame { get; } = Ethernet(0x86dd, IPv6("2001:db8::1", "2001:db8::2", 17, Ports(53, 4000)));

    public static byte[] ArpFrame { get; } = Ethernet(0x0806, new byte[28]);

    public static byte[] Ethernet(ushort etherType, byte[] payload) => [.. new byte[12], .. U16(etherType), .. payload];

    /// <summary>A tag control word and the EtherType of what follows.</summary>
    public static byte[] VlanTag(ushort identifier, ushort etherType, byte[] payload) => [.. U16(identifier), .. U16(etherType), .. payload];

    public static byte[] Cooked(ushort etherType, byte[] payload) => [.. new byte[14], .. U16(etherType), .. payload];

    public static byte[] Cooked2(ushort etherType, byte[] payload) => [.. U16(etherType), .. new byte[18], .. payload];

    /// <param name="source">Dotted.</param>
    /// <param name="destination">Dotted.</param>
    /// <param name="protocol">IANA number.</param>
    /// <param name="payload">From the transport header on.</param>
    /// <param name="optionBytes">A multiple of four.</param>
    /// <param name="fragment">The flags and offset word.</param>
    /// <param name="totalLength">As the header claims; the true one where not given.</param>
    public static byte[] IPv4(
        string source, string destination, byte protocol, byte[] payload, int optionBytes = 0, ushort fragment = 0, ushort? totalLength = null)
    {
        int headerBytes = 20 + optionBytes;
        return
        [
            (byte)(0x40 | headerBytes / 4), 0, .. U16(totalLength ?? (ushort)(headerBytes + payload.Length)),
            0, 1, .. U16(fragment),
            64, protocol, 0, 0,
            .. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(),
            .. new byte[optionBytes], .. payload,
        ];
    }

    public static byte[] IPv6(string source, string destination, byte nextHeader, byte[] payload, ushort? payloadLength = null) =>
    [
        0x60, 0, 0, 0, .. U16(payloadLength ?? (ushort)payload.Length), nextHeader, 64,
        .. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(), .. payload,
    ];

    /// <summary>Hop-by-hop, routing or destination options; <paramref name="extraEights"/> units of 8 bytes beyond the first.</summary>
    public static byte[] Extension(byte nextHeader, byte extraEights, byte[] payload) =>
        [nextHeader, extraEights, .. new byte[6 + 8 * extraEights], .. payload];

    /// <param name="nextHeader">Of the datagram.</param>
    /// <param name="offsetEights">Offset of this piece in units of 8 bytes.</param>
    /// <param name="more">More pieces follow.</param>
    /// <param name="payload">The piece.</param>
    public static byte[] FragmentHeader(byte nextHeader, ushort offsetEights, bool more, byte[] payload) =>
        [nextHeader, 0, .. U16((ushort)(offsetEights << 3 | (more ? 1 : 0))), 0, 0, 0, 9, .. payload];

    /// <summary>The first eight bytes of a TCP, UDP or SCTP header.</summary>
    public static byte[] Ports(ushort source, ushort destination) => [.. U16(source), .. U16(destination), 0, 0, 0, 0];

    private static byte[] U16(int number)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        return bytes;
    }
}
