using FsCheck;
using FsCheck.Fluent;
using Tophalf.Twin.Captures;
using Xunit;
using static Tophalf.Tests.Twin.Captures.Frames;

namespace Tophalf.Tests.Twin.Captures;

public class PacketHeadersTests
{
    private const byte Tcp = 6, Udp = 17, Sctp = 132;
    private const ushort TypeIPv4 = 0x0800, TypeIPv6 = 0x86dd;

    private static readonly byte[] PlainIPv4 = IPv4("10.0.0.1", "10.0.0.2", Tcp, Ports(1234, 80));
    private static readonly byte[] PlainIPv6 = IPv6("::1", "::2", Udp, Ports(53, 4000));
    private static readonly byte[] IPv6WithExtensions =
        IPv6("::1", "::2", 0, Extension(43, 0, Extension(60, 2, Extension(Tcp, 1, Ports(7, 9)))));

    /// <summary>Packets of every kind, for the properties.</summary>
    private static readonly (LinkType Link, byte[] Bytes)[] Valid =
    [
        (LinkType.Ethernet, Ethernet(TypeIPv4, PlainIPv4)),
        (LinkType.Ethernet, Ethernet(TypeIPv4, IPv4("10.0.0.1", "10.0.0.2", Sctp, Ports(1, 2), optionBytes: 40))),
        (LinkType.Ethernet, Ethernet(TypeIPv6, PlainIPv6)),
        (LinkType.Ethernet, Ethernet(TypeIPv6, IPv6WithExtensions)),
        (LinkType.Ethernet, Ethernet(0x88a8, VlanTag(5, 0x8100, VlanTag(6, TypeIPv4, PlainIPv4)))),
        (LinkType.Ethernet, Ethernet(TypeIPv6, IPv6("::1", "::2", 44, FragmentHeader(Udp, 0, true, Ports(1, 2))))),
        (LinkType.LinuxCooked, Cooked(TypeIPv4, PlainIPv4)),
        (LinkType.LinuxCooked2, Cooked2(TypeIPv6, PlainIPv6)),
        (LinkType.Raw, PlainIPv6),
        (LinkType.Null, [2, 0, 0, 0, .. PlainIPv4]),
    ];

    [Fact]
    public void Every_link_layer_leads_to_the_same_flow()
    {
        const string flow = "10.0.0.1:1234 > 10.0.0.2:80 tcp";
        Assert.Equal(flow, Flow(LinkType.Ethernet, Ethernet(TypeIPv4, PlainIPv4)));
        Assert.Equal(flow, Flow(LinkType.Ethernet, Ethernet(0x8100, VlanTag(7, TypeIPv4, PlainIPv4))));
        Assert.Equal(flow, Flow(LinkType.Ethernet, Ethernet(0x88a8, VlanTag(7, 0x8100, VlanTag(8, TypeIPv4, PlainIPv4)))));
        Assert.Equal(flow, Flow(LinkType.Ethernet, Ethernet(0x9100, VlanTag(7, 0x9100, VlanTag(8, 0x8100, VlanTag(9, TypeIPv4, PlainIPv4))))));
        Assert.Equal(flow, Flow(LinkType.LinuxCooked, Cooked(TypeIPv4, PlainIPv4)));
        Assert.Equal(flow, Flow(LinkType.LinuxCooked, Cooked(0x8100, VlanTag(7, TypeIPv4, PlainIPv4))));
        Assert.Equal(flow, Flow(LinkType.LinuxCooked2, Cooked2(TypeIPv4, PlainIPv4)));
        Assert.Equal(flow, Flow(LinkType.Raw, PlainIPv4));
        Assert.Equal(flow, Flow(LinkType.RawOld, PlainIPv4));
        Assert.Equal(flow, Flow(LinkType.Null, [2, 0, 0, 0, .. PlainIPv4]));
        Assert.Equal(flow, Flow(LinkType.Null, [0, 0, 0, 2, .. PlainIPv4]));
        Assert.Equal(flow, Flow(LinkType.Loop, [0, 0, 0, 2, .. PlainIPv4]));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(24)]
    [InlineData(28)]
    [InlineData(30)]
    public void Each_systems_number_for_IPv6_is_known_on_the_loopback(byte family)
    {
        Assert.Equal("[::1]:53 > [::2]:4000 udp", Flow(LinkType.Null, [family, 0, 0, 0, .. PlainIPv6]));
        Assert.Equal("[::1]:53 > [::2]:4000 udp", Flow(LinkType.Loop, [0, 0, 0, family, .. PlainIPv6]));
    }

    [Fact]
    public void What_is_not_ip_has_no_flow()
    {
        Assert.Equal("no flow", Flow(LinkType.Ethernet, ArpFrame));
        Assert.Equal("no flow", Flow(LinkType.Ethernet, Ethernet(38, PlainIPv4)));
        Assert.Equal("no flow", Flow(LinkType.Null, [7, 0, 0, 0, .. PlainIPv4]));
        Assert.Equal("no flow", Flow(LinkType.Raw, [0x50, .. PlainIPv4[1..]]));
        Assert.Equal("no flow", Flow((LinkType)105, PlainIPv4));
        Assert.Equal("no flow", Flow(LinkType.Ethernet, Ethernet(TypeIPv4, PlainIPv6)));
    }

    [Fact]
    public void IPv4_options_are_passed_over() =>
        Assert.Equal("10.0.0.1:1 > 10.0.0.2:2 sctp", FlowIPv4(IPv4("10.0.0.1", "10.0.0.2", Sctp, Ports(1, 2), optionBytes: 40)));

    [Fact]
    public void A_protocol_without_ports_is_a_flow_of_addresses() =>
        Assert.Equal("10.0.0.1 > 10.0.0.2 protocol 1", FlowIPv4(IPv4("10.0.0.1", "10.0.0.2", 1, Ports(1, 2))));

    [Fact]
    public void Only_the_first_fragment_has_ports()
    {
        const ushort dontFragment = 0x4000, moreFragments = 0x2000;
        Assert.Equal("10.0.0.1:1 > 10.0.0.2:2 udp", FlowIPv4(IPv4("10.0.0.1", "10.0.0.2", Udp, Ports(1, 2), fragment: dontFragment)));
        Assert.Equal("10.0.0.1:1 > 10.0.0.2:2 udp fragment", FlowIPv4(IPv4("10.0.0.1", "10.0.0.2", Udp, Ports(1, 2), fragment: moreFragments)));
        Assert.Equal("10.0.0.1 > 10.0.0.2 udp fragment", FlowIPv4(IPv4("10.0.0.1", "10.0.0.2", Udp, Ports(1, 2), fragment: moreFragments | 185)));
        Assert.Equal("10.0.0.1 > 10.0.0.2 udp fragment", FlowIPv4(IPv4("10.0.0.1", "10.0.0.2", Udp, Ports(1, 2), fragment: 370)));

        Assert.Equal("[::1]:1 > [::2]:2 udp fragment", Flow(LinkType.Raw, IPv6("::1", "::2", 44, FragmentHeader(Udp, 0, true, Ports(1, 2)))));
        Assert.Equal("::1 > ::2 udp fragment", Flow(LinkType.Raw, IPv6("::1", "::2", 44, FragmentHeader(Udp, 181, false, Ports(1, 2)))));
        Assert.Equal(
            "::1 > ::2 protocol 60 fragment",
            Flow(LinkType.Raw, IPv6("::1", "::2", 44, FragmentHeader(60, 181, false, Extension(Tcp, 0, Ports(1, 2))))));
    }

    [Fact]
    public void Padding_of_a_short_frame_is_not_taken_for_ports()
    {
        byte[] short4 = IPv4("10.0.0.1", "10.0.0.2", Udp, [.. Ports(1, 2), .. new byte[18]], totalLength: 22);
        Assert.Equal("10.0.0.1 > 10.0.0.2 udp", FlowIPv4(short4));
        Assert.Equal("::1 > ::2 udp", Flow(LinkType.Raw, IPv6("::1", "::2", Udp, Ports(1, 2), payloadLength: 3)));
    }

    [Fact]
    public void A_segment_the_sender_left_to_its_card_to_cut_has_length_zero_and_ports()
    {
        Assert.Equal("10.0.0.1:1 > 10.0.0.2:2 tcp", FlowIPv4(IPv4("10.0.0.1", "10.0.0.2", Tcp, Ports(1, 2), totalLength: 0)));
        Assert.Equal("[::1]:1 > [::2]:2 tcp", Flow(LinkType.Raw, IPv6("::1", "::2", Tcp, Ports(1, 2), payloadLength: 0)));
    }

    [Fact]
    public void An_IPv4_header_that_lies_about_its_length_is_no_flow()
    {
        byte[] tooShort = [0x44, .. PlainIPv4[1..]];
        Assert.Equal("no flow", FlowIPv4(tooShort));
        Assert.Equal("no flow", FlowIPv4(IPv4("10.0.0.1", "10.0.0.2", Tcp, Ports(1, 2), optionBytes: 8, totalLength: 27)));
    }

    [Fact]
    public void IPv6_extension_headers_are_followed_to_the_transport()
    {
        Assert.Equal("[::1]:7 > [::2]:9 tcp", Flow(LinkType.Raw, IPv6WithExtensions));
        Assert.Equal("::1 > ::2 protocol 59", Flow(LinkType.Raw, IPv6("::1", "::2", 0, Extension(59, 0, Ports(1, 2)))));
    }

    [Fact]
    public void A_chain_of_thousands_of_extension_headers_ends_with_the_packet()
    {
        byte[] chain = new byte[64_000];
        Assert.Equal("::1 > ::2 protocol 0", Flow(LinkType.Raw, IPv6("::1", "::2", 0, chain)));
    }

    [Fact]
    public void Cutting_a_packet_loses_ports_and_then_addresses_but_never_changes_them()
    {
        foreach (var (link, bytes) in Valid)
        {
            Assert.True(PacketHeaders.TryReadFlow(link, bytes, out var whole) && whole.HasPorts);
            bool hadFlow = true, hadPorts = true;
            for (int length = bytes.Length; length >= 0; length--)
            {
                bool hasFlow = PacketHeaders.TryReadFlow(link, bytes.AsSpan(0, length), out var cut);
                Assert.True(hadFlow || !hasFlow);
                Assert.True(hadPorts || !cut.HasPorts);
                if (hasFlow)
                    Assert.Equal((whole.SourceAddress, whole.DestinationAddress), (cut.SourceAddress, cut.DestinationAddress));
                if (cut.HasPorts)
                    Assert.Equal(whole, cut);
                (hadFlow, hadPorts) = (hasFlow, cut.HasPorts);
            }

            Assert.False(hadFlow);
        }
    }

    [Fact]
    public void Any_bytes_behind_any_link_layer_are_taken_without_complaint()
    {
        var links = Arb.From(Gen.Elements(Enum.GetValues<LinkType>()));
        Prop.ForAll(links, ArbMap.Default.ArbFor<byte[]>(), (link, bytes) => IsConsistent(link, bytes))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

        var changed =
            from packet in Gen.Elements(Valid)
            from at in Gen.Choose(0, packet.Bytes.Length - 1)
            from value in Gen.Choose(0, 255)
            select (packet.Link, Bytes: (byte[])[.. packet.Bytes[..at], (byte)value, .. packet.Bytes[(at + 1)..]]);
        Prop.ForAll(Arb.From(changed), packet => IsConsistent(packet.Link, packet.Bytes))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static bool IsConsistent(LinkType link, byte[] bytes)
    {
        bool hasFlow = PacketHeaders.TryReadFlow(link, bytes, out var flow);
        bool portsOnlyWherePorts = flow.HasPorts
            ? flow.Protocol is Tcp or Udp or Sctp
            : flow is { SourcePort: 0, DestinationPort: 0 };
        return portsOnlyWherePorts && (hasFlow || flow == default);
    }

    private static string FlowIPv4(byte[] packet) => Flow(LinkType.Ethernet, Ethernet(TypeIPv4, packet));

    private static string Flow(LinkType link, byte[] packet) => PacketHeaders.TryReadFlow(link, packet, out var flow) ? flow.ToString() : "no flow";
}
