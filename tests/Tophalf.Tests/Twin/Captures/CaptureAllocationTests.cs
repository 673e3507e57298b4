using Tophalf.Tests.Shared;
using Tophalf.Twin.Captures;
using Xunit;
using static Tophalf.Tests.Twin.Captures.Frames;

namespace Tophalf.Tests.Twin.Captures;

public class CaptureAllocationTests
{
    private const int Packets = 100_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_packet_allocates_nothing(bool isPcapng)
    {
        var file = isPcapng ? new CaptureWriter().Section().Interface(1, resolution: 9) : new CaptureWriter().PcapHeader(1);
        for (uint i = 0; i < Packets; i++)
        {
            byte[] frame = i % 2 == 0 ? TcpFrame : UdpFrame;
            file = isPcapng ? file.EnhancedPacket(0, i, frame) : file.PcapPacket(0, i, frame);
        }

        var reader = new CaptureReader(file.ToStream());
        Assert.True(reader.TryRead(out _));
        Allocation.IsNone(() =>
        {
            while (reader.TryRead(out _))
            {
            }

            return reader.PacketCount;
        });
        Assert.Equal(Packets, reader.PacketCount);
    }
}
