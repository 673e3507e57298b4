using System.Buffers.Binary;
using System.Net;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// What a network controller reads of a packet to choose a receive queue: addresses, ports and protocol, one direction.
/// Addresses and ports are numbers as written (10.0.0.1 is 0x0a000001), an IPv4 address in the low 32 bits.
/// </summary>
public readonly record struct FlowKey
{
    public UInt128 SourceAddress { get; init; }
    public UInt128 DestinationAddress { get; init; }

    /// <summary>Zero unless <see cref="HasPorts"/>.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>Zero unless <see cref="HasPorts"/>.</summary>
    public ushort DestinationPort { get; init; }

    /// <summary>IANA protocol number of the payload: 6 TCP, 17 UDP, 132 SCTP.</summary>
    public byte Protocol { get; init; }

    public bool IsIPv6 { get; init; }

    /// <summary>The ports were there to read: TCP, UDP or SCTP, and not a later fragment.</summary>
    public bool HasPorts { get; init; }

    /// <summary>
    /// Part of a fragmented datagram. Only the first fragment has ports, so controllers hash every fragment, the first too,
    /// by addresses: the pieces must meet in one queue (Intel 82598EB datasheet, §3.5.2.10).
    /// </summary>
    public bool IsFragment { get; init; }

    /// <summary>VLAN identifier of the frame's 802.1Q tag, 1 to 4094; 0: it has none. Controllers hash what stands behind the tag.</summary>
    public ushort Vlan { get; init; }

    public static FlowKey IPv4(uint source, uint destination, byte protocol) =>
        new() { SourceAddress = source, DestinationAddress = destination, Protocol = protocol };

    public static FlowKey IPv6(UInt128 source, UInt128 destination, byte protocol) =>
        new() { SourceAddress = source, DestinationAddress = destination, Protocol = protocol, IsIPv6 = true };

    public FlowKey WithPorts(ushort source, ushort destination) =>
        this with { SourcePort = source, DestinationPort = destination, HasPorts = true };

    /// <summary>For people: <c>10.0.0.1:1234 &gt; 10.0.0.2:80 tcp</c>.</summary>
    public override string ToString()
    {
        string protocol = Protocol switch { 6 => "tcp", 17 => "udp", 132 => "sctp", _ => $"protocol {Protocol}" };
        return $"{Endpoint(SourceAddress, SourcePort)} > {Endpoint(DestinationAddress, DestinationPort)} {protocol}{(IsFragment ? " fragment" : "")}{(Vlan == 0 ? "" : $" vlan {Vlan}")}";
    }

    private string Endpoint(UInt128 address, ushort port)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address);
        var ip = new IPAddress(IsIPv6 ? bytes : bytes[12..]);
        return (IsIPv6, HasPorts) switch
        {
            (true, true) => $"[{ip}]:{port}",
            (false, true) => $"{ip}:{port}",
            _ => ip.ToString(),
        };
    }
}
