using static Tophalf.Tests.Twin.Captures.Frames;

namespace Tophalf.Tests.Twin.Captures;

/// <summary>Small undamaged files, three packets each, in every variant.</summary>
internal static class WholeCaptures
{
    public static IReadOnlyList<byte[]> All { get; } =
    [
        .. from bigEndian in (bool[])[false, true] from nanoseconds in (bool[])[false, true] select Pcap(bigEndian, nanoseconds),
        .. from bigEndian in (bool[])[false, true] select Pcapng(bigEndian),
    ];

    private static byte[] Pcap(bool bigEndian, bool nanoseconds) =>
        new CaptureWriter(bigEndian).PcapHeader(1, nanoseconds)
            .PcapPacket(1, 0, TcpFrame).PcapPacket(1, 1, UdpFrame).PcapPacket(2, 0, ArpFrame).ToArray();

    private static byte[] Pcapng(bool bigEndian)
    {
        var file = new CaptureWriter(bigEndian);
        return file.Section().Interface(1, resolution: 9).EnhancedPacket(0, 5, TcpFrame, options: file.Option(1, "a comment"u8))
            .OldPacket(0, 6, UdpFrame).Block(5, new byte[16]).SimplePacket(ArpFrame, original: 60).ToArray();
    }
}
