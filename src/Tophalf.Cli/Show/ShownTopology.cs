using System.Text.Json;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>Output of lscpu.</summary>
internal sealed class ShownLscpu(LscpuText text) : Shown
{
    private const int CpusShown = 64;

    public override string Kind => "lscpu";
    public override IReadOnlyList<ReaderProblem> Problems => text.Problems;

    public override void Write(Page page, string name)
    {
        string cpus = text["CPU(s)"] ?? text.Cpus.Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        page.Line($"{name}: lscpu, CPUs: {cpus}{(text["NUMA node(s)"] is { } nodes ? $", NUMA nodes: {nodes}" : "")}", Look.Heading);
        if (text.Values.Length > 0)
            page.Items(text.Values.Select(value => (value.Name, value.Value)));
        if (text.Cpus.IsEmpty)
            return;
        page.Line();
        Grid columns = ColumnText.Of([.. text.Columns.Select(column => ">" + column)]);
        foreach (var cpu in text.Cpus.Take(CpusShown))
            columns.Add([.. cpu]);
        page.Write(columns);
        if (text.Cpus.Length > CpusShown)
            page.Line($"  {Figures.Plural(text.Cpus.Length - CpusShown, "more CPU")}", Look.Faint);
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.Objects("values", text.Values, value =>
        {
            json.WriteString("name", value.Name);
            json.WriteString("value", value.Value);
        });
        json.Strings("columns", text.Columns);
        json.Array("rows", text.Cpus, cpu =>
        {
            json.WriteStartArray();
            foreach (string cell in cpu)
                json.WriteStringValue(cell);
            json.WriteEndArray();
        });
    }
}

/// <summary>Output of lspci.</summary>
internal sealed class ShownLspci(LspciText text) : Shown
{
    public override string Kind => "lspci";
    public override IReadOnlyList<ReaderProblem> Problems => text.Problems;

    public override void Write(Page page, string name)
    {
        page.Line($"{name}: lspci, {Figures.Plural(text.Devices.Length, "device")}", Look.Heading);
        page.Line();
        bool hasDetails = text.Devices.Any(device => device.Driver is not null || device.Irq is not null || device.MsixVectors is not null);
        string[] headers = hasDetails ? ["slot", "class", ">irq", ">MSI-X", ">node", "driver", "name"] : ["slot", "class", "name"];
        Grid columns = ColumnText.Of(headers);
        foreach (LspciDevice device in text.Devices)
        {
            string msix = device.MsixVectors is { } vectors ? $"{vectors}{(device.IsMsixEnabled == true ? "" : " off")}" : "-";
            if (hasDetails)
                columns.Add(device.Slot, device.Class, Optional(device.Irq), msix, Optional(device.Node), device.Driver ?? "-", device.Name);
            else
                columns.Add(device.Slot, device.Class, device.Name);
        }
        page.Write(columns.WrapLast());
    }

    public override void Write(Utf8JsonWriter json) => json.Array("rows", text.Devices, device =>
    {
        json.WriteStartObject();
        json.WriteString("slot", device.Slot);
        json.WriteString("class", device.Class);
        json.WriteString("name", device.Name);
        if (device.Irq is { } irq)
            json.WriteNumber("irq", irq);
        if (device.MsixVectors is { } vectors)
            json.WriteNumber("msix_vectors", vectors);
        if (device.IsMsixEnabled is { } msix)
            json.WriteBoolean("msix_enabled", msix);
        if (device.IsMsiEnabled is { } msi)
            json.WriteBoolean("msi_enabled", msi);
        if (device.Node is { } node)
            json.WriteNumber("node", node);
        if (device.Driver is { } driver)
            json.WriteString("driver", driver);
        json.WriteEndObject();
    });

    private static string Optional(int? number) => number is { } value ? Figures.Count(value) : "-";
}
