using System.Globalization;
using System.Text;

namespace Tophalf.Hardware.Firmware;

/// <summary>
/// Bytes of ACPI tables in the two texts people mail: acpidump's hexadecimal dump of all tables, each under "APIC @ 0xbf6dfcc6", and the listing
/// of iasl's disassembler, one field a line as <c>[024h 0036   4]   Local Apic Address : FEE00000</c> (ACPICA, acpidump and iasl).
/// </summary>
public static class AcpiText
{
    private const int LargestField = 16;

    /// <summary>Whether the text has a MADT in one of the two forms.</summary>
    public static bool HasMadt(string text) => text.Contains("APIC @ 0x", StringComparison.Ordinal) || text.Contains("Signature : \"APIC\"", StringComparison.Ordinal);

    /// <summary>The bytes of every table of signature APIC, with the line each begins at. Empty when there is none; the bytes may still be no good table.</summary>
    public static IReadOnlyList<(int Line, byte[] Table)> FindMadts(string text)
    {
        List<(int, byte[])> tables = [];
        List<byte> bytes = [];
        int begins = 0, number = 0;
        bool isListing = false;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = raw.Trim();
            if (line.StartsWith("APIC @ 0x"))
            {
                End();
                (begins, isListing) = (number, false);
            }
            else if (line.StartsWith("[000h") && line.Contains("Signature : \"APIC\"", StringComparison.Ordinal))
            {
                End();
                (begins, isListing) = (number, true);
                AddField(line, bytes);
            }
            else if (begins > 0 && !(isListing ? AddField(line, bytes) || line.IsEmpty || line[0] != '[' : AddHexadecimal(line, bytes)))
            {
                End();
            }
        }
        End();
        return tables;

        void End()
        {
            if (begins > 0)
                tables.Add((begins, [.. bytes]));
            bytes.Clear();
            begins = 0;
        }
    }

    /// <summary>"0010: 94 87 6d bf  ..m." — the offset must be where the bytes so far end.</summary>
    private static bool AddHexadecimal(ReadOnlySpan<char> line, List<byte> bytes)
    {
        int colon = line.IndexOf(':');
        if (colon < 1 || bytes.Count > MadtReader.MaxSize || !TryHex(line[..colon], out ulong offset) || offset != (ulong)bytes.Count)
            return false;
        ReadOnlySpan<char> rest = line[(colon + 1)..];
        const int BytesInLine = 16;
        for (int i = 0; i < BytesInLine && rest.Length >= 3 && rest[0] == ' ' && TryHex(rest[1..3], out ulong value); i++)
        {
            bytes.Add((byte)value);
            rest = rest[3..];
        }
        return true;
    }

    /// <summary>A field with its place, size and value. Lines without a place explain bits and are of no use here.</summary>
    private static bool AddField(ReadOnlySpan<char> line, List<byte> bytes)
    {
        int close = line.IndexOf(']'), colon = line.IndexOf(" : ");
        if (line.IsEmpty || line[0] != '[' || close < 0 || colon < close || bytes.Count > MadtReader.MaxSize)
            return false;
        string[] place = line[1..close].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (place.Length != 3 || !TryHex(place[0].TrimEnd('h'), out ulong offset) || offset > (ulong)bytes.Count + LargestField || !TrySize(place[2], out int size))
            return false;
        // iasl prints the newest fields of a structure even where an older table's structure ends before them, and leaves out bytes it has no name for.
        while ((ulong)bytes.Count < offset)
            bytes.Add(0);
        bytes.RemoveRange((int)offset, bytes.Count - (int)offset);
        ReadOnlySpan<char> value = line[(colon + 3)..].Trim();
        if (value.StartsWith("\""))
        {
            ReadOnlySpan<char> inside = value[1..];
            int end = inside.IndexOf('"');
            byte[] text = Encoding.Latin1.GetBytes(inside[..(end < 0 ? inside.Length : end)].ToString());
            Array.Resize(ref text, size);
            bytes.AddRange(text);
            return true;
        }
        int blank = value.IndexOf(' ');
        if (size > sizeof(ulong) || !TryHex(blank < 0 ? value : value[..blank], out ulong number))
            return false;
        for (int i = 0; i < size; i++)
            bytes.Add((byte)(number >> 8 * i));
        return true;
    }

    /// <summary>"4", or "004h" in newer listings.</summary>
    private static bool TrySize(string text, out int size)
    {
        bool isHex = text.EndsWith('h');
        bool isNumber = int.TryParse(isHex ? text[..^1] : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out size);
        return isNumber && size is > 0 and <= LargestField;
    }

    private static bool TryHex(ReadOnlySpan<char> text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
