namespace Tophalf.Hardware.Devices;

/// <summary>
/// The receive-side scaling hash (Microsoft, "RSS Hashing Functions"; Intel 82599 datasheet, §7.1.2.8): for every set bit of the input,
/// left to right, the 32 key bits that begin at the same bit position are XORed into the result.
/// The input is source address, destination address and, where wanted, source port and destination port, in network byte order.
/// </summary>
/// <remarks>
/// XOR lets the eight key windows of one input byte be combined beforehand for all 256 byte values,
/// so a hash costs one look-up per input byte: 8 or 12 for IPv4, 32 or 36 for IPv6.
/// </remarks>
public sealed class Toeplitz
{
    /// <summary>Longest input: two IPv6 addresses and two ports.</summary>
    private const int InputBytes = 36;

    private readonly uint[] _windowsByPositionAndValue = new uint[InputBytes * 256];

    /// <param name="key">40 bytes, or 52 as some controllers hold (Intel X710); this input reaches the first 40.</param>
    public Toeplitz(ReadOnlySpan<byte> key)
    {
        if (key.Length is not (40 or 52))
            throw new ArgumentException($"a Toeplitz key of {key.Length} bytes; give 40 or 52", nameof(key));

        for (int position = 0; position < InputBytes; position++)
        {
            Span<uint> byValue = _windowsByPositionAndValue.AsSpan(position * 256, 256);
            ulong keyBits = KeyBitsAt(key, position);
            for (int value = 1; value < 256; value++)
            {
                int lowestSetBit = int.TrailingZeroCount(value);
                uint window = (uint)(keyBits >> (lowestSetBit + 1));
                byValue[value] = byValue[value & (value - 1)] ^ window;
            }
        }
    }

    /// <summary>The key of Microsoft's published verification values, and the default of many drivers.</summary>
    public static ReadOnlySpan<byte> MicrosoftKey =>
    [
        0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
        0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
    ];

    /// <summary>
    /// The 32-bit hash of a flow. <paramref name="withPorts"/> asks for the four-tuple; a flow without ports and a fragment
    /// are hashed by addresses all the same, as controllers do.
    /// </summary>
    public uint Hash(in FlowKey flow, bool withPorts)
    {
        bool usePorts = withPorts && flow.HasPorts && !flow.IsFragment;
        uint ports = (uint)flow.SourcePort << 16 | flow.DestinationPort;
        if (!flow.IsIPv6)
        {
            uint hash = Word(0, (uint)flow.SourceAddress) ^ Word(4, (uint)flow.DestinationAddress);
            return usePorts ? hash ^ Word(8, ports) : hash;
        }

        uint hash6 = Address(0, flow.SourceAddress) ^ Address(16, flow.DestinationAddress);
        return usePorts ? hash6 ^ Word(32, ports) : hash6;
    }

    /// <summary>The 40 key bits from bit 8 × <paramref name="position"/> on: all that one input byte can select from.</summary>
    private static ulong KeyBitsAt(ReadOnlySpan<byte> key, int position)
    {
        ulong bits = 0;
        foreach (byte b in key.Slice(position, 5))
            bits = bits << 8 | b;
        return bits;
    }

    private uint Address(int position, UInt128 address)
    {
        ulong high = (ulong)(address >> 64);
        ulong low = (ulong)address;
        return Word(position, (uint)(high >> 32)) ^ Word(position + 4, (uint)high)
            ^ Word(position + 8, (uint)(low >> 32)) ^ Word(position + 12, (uint)low);
    }

    private uint Word(int position, uint word)
    {
        ReadOnlySpan<uint> four = _windowsByPositionAndValue.AsSpan(position * 256, 4 * 256);
        return four[(int)(word >> 24)]
            ^ four[256 + (int)(word >> 16 & 0xff)]
            ^ four[512 + (int)(word >> 8 & 0xff)]
            ^ four[768 + (int)(word & 0xff)];
    }
}
