using System.Globalization;

namespace Tophalf.Userland.Ethtool;

/// <summary>The key of the receive hash as ethtool writes it: pairs of hexadecimal digits with colons between.</summary>
internal static class HashKey
{
    /// <summary>Null when <paramref name="text"/> is a key of exactly <paramref name="size"/> bytes, else ethtool's complaint.</summary>
    public static string? TryParse(string text, int size, out byte[]? key)
    {
        key = null;
        if (size == 0)
            return "Cannot set RX flow hash configuration:\n Hash key setting not supported";
        string[] pairs = text.Split(':');
        var bytes = new byte[size];
        for (int i = 0; i < pairs.Length; i++)
        {
            if (i >= size)
                return $"Key is too long for device ({i + 1} > {size})";
            if (pairs[i].Length != 2 || !byte.TryParse(pairs[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]))
                return "Invalid RSS hash key format";
        }
        key = bytes;
        return pairs.Length < size ? $"Key is too short for device ({pairs.Length} < {size})" : null;
    }
}
