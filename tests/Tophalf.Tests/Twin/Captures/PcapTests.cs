using Xunit;
using static Tophalf.Tests.Twin.Captures.Frames;

namespace Tophalf.Tests.Twin.Captures;

public class PcapTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Both_byte_orders_and_both_clocks_read_alike(bool bigEndian, bool nanoseconds)
    {
        uint scale = nanoseconds ? 1000u : 1u;
        var file = new CaptureWriter(bigEndian).PcapHeader(1, nanoseconds)
            .PcapPacket(1_700_000_000, 999_999 * scale, TcpFrame)
            .PcapPacket(1_700_000_001, 0, UdpFrame, original: 1514)
            .PcapPacket(1_700_000_002, 500_000 * scale, ArpFrame);

        Assert.Equal(
            """
            0 ps  42/42  Ethernet  10.0.0.1:1234 > 10.0.0.2:80 tcp
            1000000 ps  62/1514  Ethernet  [2001:db8::1]:53 > [2001:db8::2]:4000 udp
            1500001000000 ps  42/42  Ethernet  no flow
            """,
            ReadingReport.Read(file));
    }

    [Fact]
    public void A_nanosecond_is_not_lost()
    {
        var file = new CaptureWriter().PcapHeader(1, nanoseconds: true).PcapPacket(1, 1, ArpFrame).PcapPacket(1, 68, ArpFrame);
        Assert.EndsWith("67000 ps  42/42  Ethernet  no flow", ReadingReport.Read(file));
    }

    [Fact]
    public void Frame_check_flags_above_the_link_type_do_not_hide_it()
    {
        var file = new CaptureWriter().PcapHeader(0x24000001).PcapPacket(0, 0, TcpFrame);
        Assert.Equal("0 ps  42/42  Ethernet  10.0.0.1:1234 > 10.0.0.2:80 tcp", ReadingReport.Read(file));
    }

    [Fact]
    public void An_unknown_link_type_still_has_times_and_lengths()
    {
        var file = new CaptureWriter().PcapHeader(105).PcapPacket(0, 0, TcpFrame);
        Assert.Equal("0 ps  42/42  105  no flow", ReadingReport.Read(file));
    }

    [Fact]
    public void A_packet_of_which_nothing_was_kept_still_counts()
    {
        var file = new CaptureWriter().PcapHeader(1).PcapPacket(0, 0, [], original: 60);
        Assert.Equal("0 ps  0/60  Ethernet  no flow", ReadingReport.Read(file));
    }

    [Fact]
    public void A_packet_is_at_least_as_long_as_what_was_kept_of_it()
    {
        var file = new CaptureWriter().PcapHeader(1).PcapPacket(0, 0, ArpFrame, original: 10);
        Assert.Equal("0 ps  42/42  Ethernet  no flow", ReadingReport.Read(file));
    }

    [Fact]
    public void A_capture_without_packets_is_a_capture() => Assert.Equal("", ReadingReport.Read(new CaptureWriter().PcapHeader(1)));

    [Fact]
    public void Times_that_go_back_wait_for_the_clock_and_are_counted()
    {
        var file = new CaptureWriter().PcapHeader(1)
            .PcapPacket(100, 5, ArpFrame)
            .PcapPacket(100, 9, ArpFrame)
            .PcapPacket(100, 7, ArpFrame)
            .PcapPacket(50, 0, ArpFrame)
            .PcapPacket(100, 10, ArpFrame);
        Assert.Equal(
            """
            0 ps  42/42  Ethernet  no flow
            4000000 ps  42/42  Ethernet  no flow
            4000000 ps  42/42  Ethernet  no flow
            4000000 ps  42/42  Ethernet  no flow
            5000000 ps  42/42  Ethernet  no flow
            2 stamped backward
            """,
            ReadingReport.Read(file));
    }

    [Fact]
    public void A_clock_set_while_recording_is_named_before_it_overflows_the_twins_time()
    {
        var file = new CaptureWriter().PcapHeader(1).PcapPacket(0, 0, ArpFrame).PcapPacket(1_700_000_000, 0, ArpFrame);
        Assert.Equal(
            """
            0 ps  42/42  Ethernet  no flow
            byte 82: packet 2 is stamped more than 100 days after the first; leave out the packets before the clock was set, e.g. with editcap FILE NEW 1
            """,
            ReadingReport.Read(file));
    }
}
