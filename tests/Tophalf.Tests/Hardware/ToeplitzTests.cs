using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Devices;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Hardware;

public class ToeplitzTests
{
    private static readonly Gen<FlowKey> Flows =
        from addresses in Bytes(32)
        from ports in Bytes(4)
        from protocol in Gen.Elements<byte>(1, 6, 17, 132)
        from kind in Gen.Elements(4, 6)
        from hasPorts in Gen.Elements(true, true, false)
        from isFragment in Gen.Elements(false, false, true)
        let source = BinaryPrimitives.ReadUInt128BigEndian(addresses)
        let destination = BinaryPrimitives.ReadUInt128BigEndian(addresses.AsSpan(16))
        let bare = kind == 6 ? FlowKey.IPv6(source, destination, protocol) : FlowKey.IPv4((uint)source, (uint)destination, protocol)
        let full = hasPorts
            ? bare.WithPorts(BinaryPrimitives.ReadUInt16BigEndian(ports), BinaryPrimitives.ReadUInt16BigEndian(ports.AsSpan(2)))
            : bare
        select full with { IsFragment = isFragment };

    private static readonly Gen<byte[]> Keys = Gen.Elements(40, 52).SelectMany(Bytes);

    [Fact]
    public void Table_look_ups_equal_the_definition_taken_bit_by_bit() =>
        Prop.ForAll(
                Arb.From(Keys),
                Arb.From(Flows),
                (key, flow) =>
                {
                    var hash = new Toeplitz(key);
                    return hash.Hash(flow, withPorts: false) == BitByBit(key, Input(flow, withPorts: false))
                        && hash.Hash(flow, withPorts: true) == BitByBit(key, Input(flow, withPorts: flow.HasPorts && !flow.IsFragment));
                })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void All_fragments_of_a_datagram_meet_in_the_queue_of_their_addresses()
    {
        var hash = new Toeplitz(Toeplitz.MicrosoftKey);
        var later = FlowKey.IPv4(0x0a000001, 0x0a000002, 17) with { IsFragment = true };
        var first = later.WithPorts(2794, 1766);

        Assert.Equal(hash.Hash(later, withPorts: true), hash.Hash(first, withPorts: true));
        Assert.NotEqual(hash.Hash(first with { IsFragment = false }, withPorts: true), hash.Hash(first, withPorts: true));
    }

    [Fact]
    public void A_key_that_repeats_6d5a_sends_both_directions_of_a_connection_to_one_queue()
    {
        byte[] key = Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? (byte)0x6d : (byte)0x5a).ToArray();
        var hash = new Toeplitz(key);
        Prop.ForAll(
                Arb.From(Flows),
                flow => hash.Hash(flow, withPorts: true) == hash.Hash(Reversed(flow), withPorts: true))
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(39)]
    [InlineData(41)]
    [InlineData(256)]
    public void A_key_of_another_length_is_refused(int bytes)
    {
        var refused = Assert.Throws<ArgumentException>(() => new Toeplitz(new byte[bytes]));
        Assert.StartsWith($"a Toeplitz key of {bytes} bytes; give 40 or 52", refused.Message);
    }

    [Fact]
    public void A_hash_allocates_nothing()
    {
        var hash = new Toeplitz(Toeplitz.MicrosoftKey);
        var flow = FlowKey.IPv6(1, 2, 6).WithPorts(1, 2);
        uint all = hash.Hash(flow, withPorts: true);
        Allocation.IsNone(() =>
        {
            const int hashes = 100_000;
            for (uint i = 0; i < hashes; i++)
                all ^= hash.Hash(flow with { SourceAddress = i }, withPorts: true);
            return hashes;
        });
        Assert.NotEqual(0u, all);
    }

    [Fact]
    public void A_flow_is_printed_as_people_write_it()
    {
        var ipv4 = FlowKey.IPv4(0x0a000001, 0xc0a80001, 6);
        Assert.Equal("10.0.0.1 > 192.168.0.1 tcp", ipv4.ToString());
        Assert.Equal("10.0.0.1:1234 > 192.168.0.1:80 tcp", ipv4.WithPorts(1234, 80).ToString());
        Assert.Equal("[::1]:53 > [::2]:4000 udp fragment", (FlowKey.IPv6(1, 2, 17).WithPorts(53, 4000) with { IsFragment = true }).ToString());
        Assert.Equal("::1 > ::2 protocol 58", FlowKey.IPv6(1, 2, 58).ToString());
    }

    private static Gen<byte[]> Bytes(int count) => Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(count);

    private static FlowKey Reversed(FlowKey flow) => flow with
    {
        SourceAddress = flow.DestinationAddress,
        DestinationAddress = flow.SourceAddress,
        SourcePort = flow.DestinationPort,
        DestinationPort = flow.SourcePort,
    };

    private static byte[] Input(FlowKey flow, bool withPorts)
    {
        int addressBytes = flow.IsIPv6 ? 16 : 4;
        return
        [
            .. BigEndian(flow.SourceAddress)[^addressBytes..],
            .. BigEndian(flow.DestinationAddress)[^addressBytes..],
            .. withPorts ? BigEndian(flow.SourcePort)[^2..] : [],
            .. withPorts ? BigEndian(flow.DestinationPort)[^2..] : [],
        ];
    }

    private static byte[] BigEndian(UInt128 number)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>The definition: shift the whole key left by one for each input bit; where the bit is set, XOR the key's leftmost 32 bits.</summary>
    private static uint BitByBit(byte[] key, byte[] input)
    {
        bool[] keyBits = key.SelectMany(Bits).ToArray();
        uint result = 0;
        foreach (var (isSet, at) in input.SelectMany(Bits).Select((bit, index) => (bit, index)))
        {
            if (isSet)
                result ^= keyBits[at..(at + 32)].Aggregate(0u, (word, bit) => word << 1 | (bit ? 1u : 0u));
        }

        return result;
    }

    private static IEnumerable<bool> Bits(byte value) => Enumerable.Range(0, 8).Select(i => (value >> (7 - i) & 1) != 0);
}
