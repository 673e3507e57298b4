using Xunit;
using static Tophalf.Tests.Twin.Captures.Frames;

namespace Tophalf.Tests.Twin.Captures;

public class PcapngTests
{
    private const ushort Ethernet = 1;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_packet_blocks_are_read_and_others_passed_over(bool bigEndian)
    {
        var file = new CaptureWriter(bigEndian).Section().Interface(Ethernet, snapLength: 18);
        file.EnhancedPacket(0, 1_700_000_000_000_000, TcpFrame, original: 1514, options: [.. file.Option(1, "a comment"u8), .. file.Option(0, [])])
            .Block(4, new byte[64])
            .OldPacket(0, 1_700_000_000_000_001, UdpFrame)
            .Block(0x40000bad, new byte[1024])
            .SimplePacket(TcpFrame[..18], original: 42)
            .EnhancedPacket(0, 1_700_000_000_000_003, ArpFrame);

        Assert.Equal(
            """
            0 ps  42/1514  Ethernet  10.0.0.1:1234 > 10.0.0.2:80 tcp
            1000000 ps  62/62  Ethernet  [2001:db8::1]:53 > [2001:db8::2]:4000 udp
            1000000 ps  18/42  Ethernet  no flow
            3000000 ps  42/42  Ethernet  no flow
            """,
            ReadingReport.Read(file));
    }

    [Theory]
    [InlineData(null, 1_000_001, 1_000_000L)] // microseconds where the option is missing
    [InlineData(0, 2, 1_000_000_000_000L)]
    [InlineData(3, 1_001, 1_000_000_000L)]
    [InlineData(9, 1_000_000_001, 1_000L)]
    [InlineData(12, 1_000_000_000_001, 1L)]
    [InlineData(15, 1_000_000_000_007_000, 7L)]
    [InlineData(0x80, 2, 1_000_000_000_000L)]
    [InlineData(0x8a, 1025, 976_562_500L)] // 2^-10 s
    [InlineData(0x9e, (1L << 30) + 1, 931L)] // 2^-30 s is 931.3 ps
    [InlineData(0xa0, 3L << 31, 500_000_000_000L)] // 2^-32 s, as NTP counts
    public void A_clock_of_any_resolution_is_picoseconds_here(int? resolution, long second, long expectedPs)
    {
        ulong unitsOfOneSecond = resolution switch
        {
            null => 1_000_000,
            < 0x80 => (ulong)Math.Pow(10, resolution.Value),
            _ => 1ul << (resolution.Value & 0x7f),
        };
        var file = new CaptureWriter().Section().Interface(Ethernet, resolution: (byte?)resolution)
            .EnhancedPacket(0, unitsOfOneSecond, ArpFrame).EnhancedPacket(0, (ulong)second, ArpFrame);

        Assert.Equal($"0 ps  42/42  Ethernet  no flow\n{expectedPs} ps  42/42  Ethernet  no flow", ReadingReport.Read(file));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(50)]
    [InlineData(127)]
    [InlineData(255)]
    public void A_clock_finer_than_any_count_of_it_can_reach_stands_still(byte resolution)
    {
        var file = new CaptureWriter().Section().Interface(Ethernet, resolution: resolution)
            .EnhancedPacket(0, 0, ArpFrame).EnhancedPacket(0, ulong.MaxValue, ArpFrame);
        Assert.Equal("0 ps  42/42  Ethernet  no flow\n0 ps  42/42  Ethernet  no flow", ReadingReport.Read(file));
    }

    [Fact]
    public void Each_interface_has_its_own_link_type_clock_and_offset()
    {
        var file = new CaptureWriter().Section()
            .Interface(Ethernet)
            .Interface(101, resolution: 9, offsetSeconds: 1_700_000_000)
            .EnhancedPacket(0, 1_700_000_000_000_000, TcpFrame)
            .EnhancedPacket(1, 250, TcpFrame[14..])
            .EnhancedPacket(0, 1_700_000_000_000_001, TcpFrame);

        Assert.Equal(
            """
            0 ps  42/42  Ethernet  10.0.0.1:1234 > 10.0.0.2:80 tcp
            250000 ps  28/28  Raw  10.0.0.1:1234 > 10.0.0.2:80 tcp
            1000000 ps  42/42  Ethernet  10.0.0.1:1234 > 10.0.0.2:80 tcp
            """,
            ReadingReport.Read(file));
    }

    [Fact]
    public void A_second_section_begins_anew_even_in_the_other_byte_order()
    {
        var little = new CaptureWriter().Section().Interface(Ethernet).Interface(Ethernet).EnhancedPacket(1, 10, TcpFrame);
        var big = new CaptureWriter(bigEndian: true).Section().Interface(113).EnhancedPacket(0, 12, Cooked(0x0800, TcpFrame[14..]));
        var orphan = new CaptureWriter(bigEndian: true).EnhancedPacket(1, 13, TcpFrame);
        little.Raw(big.ToArray());
        int orphanAt = little.Length;

        Assert.Equal(
            $"""
            0 ps  42/42  Ethernet  10.0.0.1:1234 > 10.0.0.2:80 tcp
            2000000 ps  44/44  LinuxCooked  10.0.0.1:1234 > 10.0.0.2:80 tcp
            byte {orphanAt}: a packet from interface 1, where the section has described 1; keep the whole packets before it with tcpdump -r FILE -w NEW, or record it again
            """,
            ReadingReport.Read(little.Raw(orphan.ToArray())));
    }

    [Fact]
    public void A_simple_packet_before_any_stamp_is_at_time_zero()
    {
        var file = new CaptureWriter().Section().Interface(Ethernet).SimplePacket(ArpFrame, original: 42).EnhancedPacket(0, 77, ArpFrame);
        Assert.Equal("0 ps  42/42  Ethernet  no flow\n0 ps  42/42  Ethernet  no flow", ReadingReport.Read(file));
    }
}
