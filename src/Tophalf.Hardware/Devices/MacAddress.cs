using System.Globalization;

namespace Tophalf.Hardware.Devices;

/// <summary>An Ethernet address, its first byte the highest of 48 bits.</summary>
public readonly record struct MacAddress(ulong Bits)
{
    private const int Bytes = 6;

    public bool IsZero => Bits == 0;

    /// <summary>mac_pton() of lib/net_utils.c: six pairs of hex digits with colons between; what follows is not read.</summary>
    public static bool TryParse(string text, out MacAddress address)
    {
        address = default;
        ulong bits = 0;
        if (text.Length < 3 * Bytes - 1) return false;
        for (int i = 0; i < Bytes; i++)
        {
            if (!byte.TryParse(text.AsSpan(3 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte part) || i < Bytes - 1 && text[3 * i + 2] != ':') return false;
            bits = bits << 8 | part;
        }
        address = new MacAddress(bits);
        return true;
    }

    public override string ToString() => $"{Bits >> 40 & 0xff:x2}:{Bits >> 32 & 0xff:x2}:{Bits >> 24 & 0xff:x2}:{Bits >> 16 & 0xff:x2}:{Bits >> 8 & 0xff:x2}:{Bits & 0xff:x2}";
}
