using System.Globalization;

namespace Tophalf.Twin.Scenarios;

/// <summary>Hash keys for receive-side scaling, as a scenario names them.</summary>
internal static class RssKey
{
    /// <summary>The key of the published test vectors (Microsoft, "Verifying the RSS Hash Calculation"; Intel 82599 data sheet 7.1.2.8.3).</summary>
    private static readonly byte[] Microsoft = Convert.FromHexString(
        "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa");

    /// <summary>Reads "microsoft", "random" (null) or colon-separated hex bytes as ethtool -X hkey takes them.</summary>
    /// <param name="length">Bytes in the model's key. The Microsoft key is filled up with zeros, which no hash over IPv4 or IPv6 reaches.</param>
    public static bool TryParse(string text, int length, out byte[]? key)
    {
        key = null;
        if (text == "random")
            return true;
        key = new byte[length];
        if (text == "microsoft")
        {
            Microsoft.CopyTo(key, 0);
            return true;
        }

        string[] bytes = text.Split(':', length + 1);
        for (int i = 0; i < length; i++)
        {
            if (bytes.Length != length || bytes[i].Length != 2
                || !byte.TryParse(bytes[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out key[i]))
                return false;
        }

        return true;
    }
}
