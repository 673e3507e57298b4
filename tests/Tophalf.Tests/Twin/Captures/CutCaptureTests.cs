using FsCheck;
using FsCheck.Fluent;
using Tophalf.Twin.Captures;
using Xunit;
using static Tophalf.Tests.Twin.Captures.Frames;

namespace Tophalf.Tests.Twin.Captures;

public class CutCaptureTests
{
    [Fact]
    public void A_capture_cut_in_a_packet_keeps_the_packets_before()
    {
        var whole = new CaptureWriter().PcapHeader(1).PcapPacket(0, 0, TcpFrame).PcapPacket(0, 1, TcpFrame).PcapPacket(0, 2, TcpFrame);

        Assert.Equal("cut in the middle of packet 3 at byte 180; 2 whole packets come before it", LastLine(whole, 180));
        Assert.Equal("cut in the middle of packet 2 at byte 90; one whole packet comes before it", LastLine(whole, 90));
        Assert.Equal("cut in the middle of packet 1 at byte 25; no whole packet comes before it", LastLine(whole, 25));
    }

    [Fact]
    public void A_capture_cut_in_a_block_without_packet_says_so()
    {
        var whole = new CaptureWriter().Section().Interface(1).EnhancedPacket(0, 0, TcpFrame).Block(5, new byte[100]);
        Assert.Equal(
            $"cut between packets at byte {whole.Length - 1}; one whole packet comes before it", LastLine(whole, whole.Length - 1));
    }

    [Fact]
    public void Wherever_a_capture_is_cut_the_whole_packets_before_are_the_same_and_the_cut_is_reported()
    {
        foreach (byte[] file in WholeCaptures.All)
        {
            string[] whole = Lines(file);
            for (int length = 24; length < file.Length; length++)
            {
                string[] cut = Lines(file[..length]);
                int packets = cut.Count(line => line.Contains(" ps  "));

                Assert.Equal(whole[..packets], cut[..packets]);
                Assert.True(packets < whole.Length);
                Assert.All(cut[packets..], line => Assert.Contains($"at byte {length};", line));
            }
        }
    }

    [Fact]
    public void A_stream_that_hands_out_few_bytes_at_a_time_reads_the_same() =>
        Prop.ForAll(
                Arb.From(Gen.Elements(WholeCaptures.All.ToArray())),
                Arb.From(Gen.Choose(1, 40)),
                (file, atMost) => ReadingReport.Read(new DribblingStream(file, atMost)) == ReadingReport.Read(new MemoryStream(file)))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Files_larger_than_the_buffer_read_the_same_packet_after_packet()
    {
        foreach (bool isPcapng in (bool[])[false, true])
        {
            var file = isPcapng ? new CaptureWriter().Section().Interface(1) : new CaptureWriter().PcapHeader(1);
            int count = 0;
            while (file.Length < 3 * 1024 * 1024)
            {
                byte[] data = [.. TcpFrame, .. new byte[count * 37 % 1500]];
                if (isPcapng && count % 50 == 0)
                    file.Section().Interface(1);
                file = isPcapng ? file.EnhancedPacket(0, (ulong)count, data) : file.PcapPacket(0, (uint)count, data);
                count++;
            }

            var reader = new CaptureReader(file.ToStream());
            for (int i = 0; i < count; i++)
            {
                Assert.True(reader.TryRead(out var packet));
                Assert.Equal((i * 1_000_000L, 42 + i * 37 % 1500, true), (packet.TimePs, packet.CapturedLength, packet.HasFlow));
            }

            Assert.False(reader.TryRead(out _));
            Assert.Null(reader.Truncated);
        }
    }

    [Fact]
    public void A_section_header_at_the_end_of_the_buffer_is_read_like_any_other()
    {
        const int bufferBytes = 320 * 1024;
        for (int before = 0; before <= 32; before += 4)
        {
            var file = new CaptureWriter().Section();
            file.Block(77, new byte[bufferBytes - before - file.Length - 12])
                .Raw(new CaptureWriter(bigEndian: true).Section().Interface(1).Block(77, new byte[bufferBytes]).EnhancedPacket(0, 0, TcpFrame).ToArray());
            Assert.Equal("0 ps  42/42  Ethernet  10.0.0.1:1234 > 10.0.0.2:80 tcp", ReadingReport.Read(file));
        }
    }

    private static string LastLine(CaptureWriter file, int length) => Lines(file.ToArray()[..length])[^1];

    private static string[] Lines(byte[] file) => ReadingReport.Read(new MemoryStream(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>As a pipe behaves.</summary>
    private sealed class DribblingStream(byte[] bytes, int atMost) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, atMost));
    }
}
