using FsCheck;
using FsCheck.Fluent;
using Tophalf.Twin.Captures;
using Xunit;
using static Tophalf.Tests.Twin.Captures.Frames;

namespace Tophalf.Tests.Twin.Captures;

public class DamagedCaptureTests
{
    private const string Remedy = "keep the whole packets before it with tcpdump -r FILE -w NEW, or record it again";

    [Fact]
    public void What_is_no_capture_is_told_with_a_remedy()
    {
        Assert.Equal("byte 0: the file is empty; record one with tcpdump -w FILE", Read([]));
        Assert.Equal("byte 0: not a pcap or pcapng file: only 3 bytes long; record one with tcpdump -w FILE", Read([0xd4, 0xc3, 0xb2]));
        Assert.Equal("byte 0: not a pcap or pcapng file: it begins with 7f454c46; record one with tcpdump -w FILE", Read([0x7f, 0x45, 0x4c, 0x46]));
        Assert.Equal("byte 0: compressed with gzip; unpack it with gunzip first", Read([0x1f, 0x8b, 8, 0, 0, 0]));
        Assert.Equal(
            "byte 10: the file ends inside its 24-byte header; record it again with tcpdump -w FILE",
            Read(new CaptureWriter().PcapHeader(1).ToArray()[..10]));
    }

    [Fact]
    public void Other_versions_of_the_formats_are_not_guessed_at()
    {
        Assert.Equal(
            "byte 4: pcap version 2.2; write version 2.4, as tcpdump -r FILE -w NEW does",
            ReadingReport.Read(new CaptureWriter().PcapHeader(1, minor: 2)));
        Assert.Equal(
            "byte 12: pcapng version 7; write version 1, as editcap FILE NEW does",
            ReadingReport.Read(new CaptureWriter().Section(major: 7)));
    }

    [Theory]
    [InlineData(262_145, 60)]
    [InlineData(60, 262_145)]
    [InlineData(uint.MaxValue, uint.MaxValue)]
    public void A_packet_longer_than_any_link_carries_is_damage(uint captured, uint original)
    {
        var pcap = new CaptureWriter().PcapHeader(1).PcapPacket(0, 0, ArpFrame).PcapPacketHeader(0, 1, captured, original);
        Assert.Equal(
            $"""
            0 ps  42/42  Ethernet  no flow
            byte 82: a packet of {Math.Max(captured, original)} bytes, more than any link carries (262144); {Remedy}
            """,
            ReadingReport.Read(pcap));
    }

    [Fact]
    public void The_longest_packet_is_read_whole()
    {
        byte[] longest = [.. TcpFrame, .. new byte[262_144 - TcpFrame.Length]];
        string line = " 262144/262144  Ethernet  10.0.0.1:1234 > 10.0.0.2:80 tcp";
        var pcap = new CaptureWriter().PcapHeader(1).PcapPacket(0, 0, longest).PcapPacket(0, 0, longest);
        var pcapng = new CaptureWriter().Section().Interface(1).EnhancedPacket(0, 0, longest).EnhancedPacket(0, 0, longest);

        Assert.Equal($"0 ps {line}\n0 ps {line}", ReadingReport.Read(pcap));
        Assert.Equal($"0 ps {line}\n0 ps {line}", ReadingReport.Read(pcapng));
    }

    [Fact]
    public void Pcapng_blocks_that_contradict_themselves_are_damage()
    {
        var start = new CaptureWriter().Section().Interface(1);
        int at = start.Length;

        Assert.Equal(
            $"byte {at}: a block that begins with length 16 and ends with 20; {Remedy}",
            Tail(new CaptureWriter().Block(77, new byte[4], trailer: 20)));
        Assert.Equal(
            $"byte {at}: a block of type 6 with length 16, where at least 32 and a multiple of 4 is due; {Remedy}",
            Tail(new CaptureWriter().Block(6, new byte[4])));
        Assert.Equal(
            $"byte {at}: a block of type 77 with length 15, where at least 12 and a multiple of 4 is due; {Remedy}",
            Tail(new CaptureWriter().Block(77, new byte[3])));
        Assert.Equal(
            $"byte {at}: a block of 16777220 bytes, more than 16777216; {Remedy}",
            Tail(new CaptureWriter().Raw(77, 0, 0, 0, 4, 0, 0, 1)));
        Assert.Equal(
            $"byte {at}: a packet of 42 bytes in a block of 72; {Remedy}",
            Tail(new CaptureWriter().Block(6, new CaptureWriter().EnhancedPacket(0, 0, ArpFrame).ToArray()[8..^8])));
        Assert.Equal(
            $"byte {at + 16}: interface option 2 of 65535 bytes runs past its block; {Remedy}",
            Tail(new CaptureWriter().Block(1, [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 255, 255])));
        Assert.Equal(
            $"byte {at}: a section header without its byte-order magic 1a2b3c4d; {Remedy}",
            Tail(new CaptureWriter().Block(0x0a0d0d0a, new byte[16])));
        Assert.Equal(
            $"byte {at}: an interface description of 400012 bytes, more than 327680; {Remedy}",
            Tail(new CaptureWriter().Block(1, new byte[400_000])));

        string Tail(CaptureWriter tail) => Read([.. start.ToArray(), .. tail.ToArray()]);
    }

    [Fact]
    public void The_number_of_interfaces_is_bounded()
    {
        byte[] description = new CaptureWriter().Block(1, new byte[8]).ToArray();
        byte[] file = [.. new CaptureWriter().Section().ToArray(), .. Enumerable.Repeat(description, 65_537).SelectMany(b => b)];
        Assert.Equal($"byte {file.Length - 20}: more than 65536 interfaces in one section; {Remedy}", Read(file));
    }

    [Fact]
    public void Whatever_the_bytes_the_reader_ends_with_packets_or_a_capture_exception()
    {
        byte[][] beginnings =
        [
            new CaptureWriter().PcapHeader(1).ToArray(),
            new CaptureWriter(bigEndian: true).PcapHeader(113, nanoseconds: true).ToArray(),
            new CaptureWriter().Section().Interface(1).ToArray(),
            new CaptureWriter(bigEndian: true).Section().Interface(101, resolution: 9).ToArray(),
            [],
        ];
        Prop.ForAll(
                Arb.From(Gen.Elements(beginnings)),
                ArbMap.Default.ArbFor<byte[]>(),
                (beginning, rest) => ReadToTheEnd([.. beginning, .. rest]))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void One_changed_byte_never_crashes_the_reader()
    {
        foreach (byte[] file in WholeCaptures.All)
        {
            var changes =
                from at in Gen.Choose(0, file.Length - 1)
                from value in Gen.Choose(0, 255)
                select (at, value: (byte)value);
            Prop.ForAll(Arb.From(changes), change => ReadToTheEnd([.. file[..change.at], change.value, .. file[(change.at + 1)..]]))
                .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
        }
    }

    private static string Read(byte[] file) => ReadingReport.Read(new MemoryStream(file));

    /// <summary>True where time never ran back and lengths kept their order; any exception but the reader's own fails the property.</summary>
    private static bool ReadToTheEnd(byte[] file)
    {
        try
        {
            var reader = new CaptureReader(new MemoryStream(file));
            long lastPs = 0;
            while (reader.TryRead(out var packet))
            {
                if (packet.TimePs < lastPs || packet.CapturedLength > packet.OriginalLength)
                    return false;
                lastPs = packet.TimePs;
            }

            return !reader.TryRead(out _);
        }
        catch (CaptureException broken)
        {
            return broken.ByteOffset >= 0 && broken.ByteOffset <= file.Length;
        }
    }
}
