using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>One function in lspci's output.</summary>
/// <param name="Slot">Bus address, with the domain where it was printed: 0000:81:00.0 or 81:00.0.</param>
/// <param name="Class">Such as "Ethernet controller".</param>
/// <param name="Irq">Of -v: the Linux interrupt of the INTx pin; null where none is printed.</param>
/// <param name="MsixVectors">Of -v: how many MSI-X vectors the function has.</param>
/// <param name="IsMsixEnabled">Of -v: whether MSI-X is in use; null where the function has none.</param>
/// <param name="Driver">Of -k: the driver in use.</param>
/// <param name="Node">Of -v: the NUMA node.</param>
public sealed record LspciDevice(
    string Slot, string Class, string Name, int? Irq, int? MsixVectors, bool? IsMsixEnabled, bool? IsMsiEnabled, string? Driver, int? Node, int Line);

/// <summary>Output of lspci, plain, -nn, -k or -v.</summary>
public sealed record LspciText(ImmutableArray<LspciDevice> Devices, ImmutableArray<ReaderProblem> Problems)
{
    /// <summary>Throws <see cref="ReaderException"/> when no line begins with a bus address.</summary>
    public static LspciText Parse(string text)
    {
        ReaderLimits.CheckText(text, "lspci's output");
        List<LspciDevice> devices = [];
        List<ReaderProblem> problems = [];
        foreach (TextLine line in new TextLines(text))
        {
            ReadOnlySpan<char> row = line.Text;
            if (row.IsWhiteSpace())
                continue;
            ReaderLimits.CheckRows(devices.Count + problems.Count, line.Number);
            int slot = SlotLength(row);
            if (slot > 0)
            {
                ReadOnlySpan<char> rest = row[slot..].TrimStart();
                int colon = rest.IndexOf(": ");
                string kind = colon < 0 ? rest.ToString() : rest[..colon].ToString();
                devices.Add(new LspciDevice(row[..slot].ToString(), kind, colon < 0 ? "" : rest[(colon + 2)..].ToString(), null, null, null, null, null, null, line.Number));
            }
            else if (char.IsWhiteSpace(row[0]) && devices.Count > 0)
            {
                devices[^1] = WithDetail(devices[^1], row.Trim());
            }
            else
            {
                problems.Add(new ReaderProblem(line.Number, line.FirstColumn, "no bus address such as 81:00.0 at the beginning"));
            }
        }
        return devices.Count > 0 ? new LspciText([.. devices], [.. problems]) : throw ReaderException.WrongFile("lspci's output", 1, 1, "no line that begins with a bus address such as 81:00.0");
    }

    /// <summary>Length of a bus address with a blank behind it at the line's beginning, 0 without one: [domain:]bus:device.function.</summary>
    public static int SlotLength(ReadOnlySpan<char> line)
    {
        int end = line.IndexOf(' ');
        if (end < 7)
            return 0;
        ReadOnlySpan<char> slot = line[..end];
        int dot = slot.LastIndexOf('.');
        if (dot != slot.Length - 2 || slot[^1] is < '0' or > '7' || dot < 5 || slot[dot - 3] != ':')
            return 0;
        ReadOnlySpan<char> bus = slot[..(dot - 3)];
        bool hasDomain = bus.Length > 2 && bus[^3] == ':';
        bool isHex = IsHex(slot[(dot - 2)..dot]) && IsHex(bus[^2..]) && (bus.Length == 2 || hasDomain && IsHex(bus[..^3]));
        return isHex ? end : 0;
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (char character in text)
        {
            if (!char.IsAsciiHexDigit(character))
                return false;
        }
        return !text.IsEmpty;
    }

    private static LspciDevice WithDetail(LspciDevice device, ReadOnlySpan<char> detail)
    {
        if (detail.StartsWith("Kernel driver in use: "))
            return device with { Driver = detail[22..].ToString() };
        if (detail.StartsWith("NUMA node: ") && NumberAfter(detail, "NUMA node: ") is { } node)
            return device with { Node = node };
        if (detail.IndexOf("MSI-X: Enable") is >= 0 and var msix && msix + 13 < detail.Length)
            return device with { IsMsixEnabled = detail[msix + 13] == '+', MsixVectors = NumberAfter(detail, "Count=") };
        if (detail.IndexOf("MSI: Enable") is >= 0 and var msi && msi + 11 < detail.Length)
            return device with { IsMsiEnabled = detail[msi + 11] == '+' };
        if (detail.StartsWith("Interrupt: "))
            return device with { Irq = NumberAfter(detail, "IRQ ") ?? device.Irq };
        return detail.StartsWith("Flags: ")
            ? device with { Irq = NumberAfter(detail, ", IRQ ") ?? device.Irq, Node = NumberAfter(detail, "NUMA node ") ?? device.Node }
            : device;
    }

    private static int? NumberAfter(ReadOnlySpan<char> text, string before)
    {
        int at = text.IndexOf(before);
        if (at < 0)
            return null;
        ReadOnlySpan<char> digits = text[(at + before.Length)..];
        int end = digits.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }
}
