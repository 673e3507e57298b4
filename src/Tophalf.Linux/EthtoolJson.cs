using System.Collections.Immutable;
using System.Text.Json;

namespace Tophalf.Linux;

/// <summary>
/// What <c>ethtool --json</c> prints: an array with one object per interface, whose members are those of the plain output under
/// the names the program's source gives them (ethtool.git, netlink/coalesce.c, rings.c, channels.c, features.c, rss.c).
/// </summary>
internal static class EthtoolJson
{
    private const int DeepestJson = 16;

    public static EthtoolText Parse(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DeepestJson });
            List<EthtoolSection> sections = [];
            foreach (JsonElement device in document.RootElement.EnumerateArray())
            {
                sections.Add(Section(device));
                ReaderLimits.CheckRows(sections.Count, 1);
            }
            return sections.Count > 0
                ? new EthtoolText([.. sections], [])
                : throw new ReaderException(1, 1, "an empty JSON array", "give what ethtool --json prints for an interface");
        }
        catch (JsonException exception)
        {
            // Both count from 0, and bytes are not columns where the text is not ASCII.
            int line = (int)Math.Min(int.MaxValue - 1, exception.LineNumber ?? 0) + 1;
            throw new ReaderException(line, 1, "this is no JSON that can be read", "give what ethtool --json prints");
        }
        catch (InvalidOperationException)
        {
            throw new ReaderException(1, 1, "JSON, but not an array with an object for each interface", "give what ethtool --json prints");
        }
    }

    private static EthtoolSection Section(JsonElement device)
    {
        List<EthtoolValue> values = [];
        ImmutableArray<int> table = [];
        string? name = null;
        foreach (JsonProperty member in device.EnumerateObject())
        {
            if (member.Name == "ifname")
                name = member.Value.GetString();
            else if (member.Name == "rss-indirection-table")
                table = [.. member.Value.EnumerateArray().Select(entry => entry.TryGetInt32(out int ring) ? ring : -1)];
            else
                Flatten(member.Name, member.Value, values);
            ReaderLimits.CheckRows(values.Count, 1);
        }
        return new EthtoolSection(OptionOf(values, table), name, 1, [.. values], table, null);
    }

    /// <summary>Maxima have names of their own here: rx-max beside rx, combined-max beside combined.</summary>
    private static void Flatten(string name, JsonElement value, List<EthtoolValue> values)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in value.EnumerateObject())
                Flatten($"{name}.{member.Name}", member.Value, values);
            return;
        }
        bool isMaximum = name.EndsWith("-max", StringComparison.Ordinal);
        string text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString() ?? "",
            JsonValueKind.True => "on",
            JsonValueKind.False => "off",
            JsonValueKind.Null => "n/a",
            _ => value.GetRawText(),
        };
        values.Add(new EthtoolValue(isMaximum ? EthtoolSection.Maximums : "", isMaximum ? name[..^4] : name, text, 1));
    }

    private static string OptionOf(List<EthtoolValue> values, ImmutableArray<int> table)
    {
        bool Has(string name) => values.Exists(value => value.Name.StartsWith(name, StringComparison.Ordinal));
        if (table.Length > 0 || Has("rss-hash"))
            return "-x";
        if (Has("rx-usecs") || Has("adaptive-rx"))
            return "-c";
        if (Has("combined"))
            return "-l";
        if (Has("driver"))
            return "-i";
        if (Has("rx-checksumming") || Has("tx-checksumming"))
            return "-k";
        return Has("rx-mini") || Has("rx") ? "-g" : "";
    }
}
