using System.Buffers.Binary;

namespace Tophalf.Tests.Twin.Captures;

/// <summary>Writes pcap and pcapng files in every variant that machines have left behind, and in some that are broken on purpose.</summary>
internal sealed class CaptureWriter(bool bigEndian = false)
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public byte[] ToArray() => [.. _bytes];

    public MemoryStream ToStream() => new(ToArray());

    public CaptureWriter Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public CaptureWriter PcapHeader(uint linkType, bool nanoseconds = false, ushort minor = 4) =>
        Raw([.. U32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4), .. U16(2), .. U16(minor), .. U32(0), .. U32(0), .. U32(65535), .. U32(linkType)]);

    /// <param name="seconds">Since 1970.</param>
    /// <param name="fraction">Micro- or nanoseconds, as the header says.</param>
    /// <param name="data">The bytes kept.</param>
    /// <param name="original">Bytes seen; as many as kept where not given.</param>
    public CaptureWriter PcapPacket(uint seconds, uint fraction, byte[] data, uint? original = null) =>
        Raw([.. U32(seconds), .. U32(fraction), .. U32((uint)data.Length), .. U32(original ?? (uint)data.Length), .. data]);

    public CaptureWriter PcapPacketHeader(uint seconds, uint fraction, uint captured, uint original) =>
        Raw([.. U32(seconds), .. U32(fraction), .. U32(captured), .. U32(original)]);

    public CaptureWriter Section(ushort major = 1) =>
        Block(0x0a0d0d0a, [.. U32(0x1a2b3c4d), .. U16(major), .. U16(0), .. U64(ulong.MaxValue), .. Option(2, "a machine"u8), .. Option(0, [])]);

    public CaptureWriter Interface(ushort linkType, uint snapLength = 0, byte? resolution = null, long? offsetSeconds = null) =>
        Block(
            1,
            [
                .. U16(linkType), .. U16(0), .. U32(snapLength),
                .. Option(2, "eth0"u8),
                .. resolution is { } r ? Option(9, [r]) : [],
                .. offsetSeconds is { } o ? Option(14, U64((ulong)o)) : [],
                .. Option(0, []),
            ]);

    public CaptureWriter EnhancedPacket(uint fromInterface, ulong units, byte[] data, uint? original = null, byte[]? options = null) =>
        Block(
            6,
            [
                .. U32(fromInterface), .. U32((uint)(units >> 32)), .. U32((uint)units),
                .. U32((uint)data.Length), .. U32(original ?? (uint)data.Length), .. Padded(data), .. options ?? [],
            ]);

    public CaptureWriter OldPacket(ushort fromInterface, ulong units, byte[] data) =>
        Block(
            2,
            [
                .. U16(fromInterface), .. U16(0xffff), .. U32((uint)(units >> 32)), .. U32((uint)units),
                .. U32((uint)data.Length), .. U32((uint)data.Length), .. Padded(data),
            ]);

    public CaptureWriter SimplePacket(byte[] data, uint original) => Block(3, [.. U32(original), .. Padded(data)]);

    /// <param name="type">Of the block.</param>
    /// <param name="body">A multiple of four bytes.</param>
    /// <param name="trailer">The second length, where it is to differ from the first.</param>
    public CaptureWriter Block(uint type, byte[] body, uint? trailer = null)
    {
        uint length = (uint)body.Length + 12;
        return Raw([.. U32(type), .. U32(length), .. body, .. U32(trailer ?? length)]);
    }

    public byte[] Option(ushort code, ReadOnlySpan<byte> value) =>
        [.. U16(code), .. U16((ushort)value.Length), .. Padded(value.ToArray())];

    private static byte[] Padded(byte[] data) => [.. data, .. new byte[(4 - data.Length % 4) % 4]];

    private byte[] U16(ushort number) => Ordered(2, b => BinaryPrimitives.WriteUInt16BigEndian(b, number));

    private byte[] U32(uint number) => Ordered(4, b => BinaryPrimitives.WriteUInt32BigEndian(b, number));

    private byte[] U64(ulong number) => Ordered(8, b => BinaryPrimitives.WriteUInt64BigEndian(b, number));

    private byte[] Ordered(int count, Action<byte[]> writeBigEndian)
    {
        byte[] bytes = new byte[count];
        writeBigEndian(bytes);
        if (!bigEndian)
            Array.Reverse(bytes);
        return bytes;
    }
}
