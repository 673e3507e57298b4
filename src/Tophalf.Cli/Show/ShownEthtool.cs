using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tophalf.Cli.Text;
using Tophalf.Linux;

namespace Tophalf.Cli.Show;

/// <summary>Output of ethtool: one part per command and interface, zeros and fixed features kept short.</summary>
internal sealed class ShownEthtool(EthtoolText text) : Shown
{
    private const int StatisticsShown = 40;

    public override string Kind => "ethtool";
    public override IReadOnlyList<ReaderProblem> Problems => text.Problems;

    public override void Write(Page page, string name)
    {
        int interfaces = text.Sections.Select(section => section.Interface).Distinct().Count();
        page.Line($"{name}: ethtool, {Figures.Plural(text.Sections.Length, "output")} of {Figures.Plural(interfaces, "interface")}", Look.Heading);
        foreach (EthtoolSection section in text.Sections)
        {
            page.Heading($"{section.Interface ?? "?"}: {What(section.Option)}{(section.Option.Length > 0 ? $" (ethtool {section.Option})" : "")}");
            if (section.Refused is { } refused)
                page.Line($"  {refused}", Look.Notable);
            WriteSection(page, section);
        }
    }

    public override void Write(Utf8JsonWriter json) => json.Array("sections", text.Sections, section =>
    {
        json.WriteStartObject();
        json.WriteString("option", section.Option);
        json.WriteString("interface", section.Interface);
        if (section.Refused is { } refused)
            json.WriteString("refused", refused);
        json.Objects("values", section.Values, value =>
        {
            if (value.Group.Length > 0)
                json.WriteString("group", value.Group);
            json.WriteString("name", value.Name);
            json.WriteString("value", value.Text);
        });
        if (section.FlowTable.Length > 0)
            json.Array("flow_table", section.FlowTable, json.WriteNumberValue);
        json.WriteEndObject();
    });

    private static void WriteSection(Page page, EthtoolSection section)
    {
        if (section.Values.Any(value => value.Group.Length > 0))
            WriteLimits(page, section);
        else if (section.Option == "-S")
            WriteStatistics(page, section);
        else if (section.Values.Length > 0)
            WriteValues(page, section);
        if (section.FlowTable.Length > 0)
        {
            Grid rings = ColumnText.Of(">ring", ">entries", ">share");
            foreach (IGrouping<int, int> ring in section.FlowTable.GroupBy(ring => ring).OrderBy(ring => ring.Key))
                rings.Add(ring.Key.ToString(CultureInfo.InvariantCulture), Figures.Count(ring.Count()), Figures.Share(ring.Count(), section.FlowTable.Length));
            page.Write(rings);
        }
    }

    private static void WriteLimits(Page page, EthtoolSection section)
    {
        Grid columns = ColumnText.Of("", ">now", ">most");
        foreach (string name in section.Values.Select(value => value.Name).Distinct())
            columns.Add(name, section[name]?.Text ?? "-", section.Maximum(name)?.Text ?? "-");
        page.Write(columns);
    }

    private static void WriteStatistics(Page page, EthtoolSection section)
    {
        EthtoolValue[] counted = [.. section.Values.Where(value => value.Number != 0)];
        Grid columns = ColumnText.Of("", "");
        columns.Columns[1].Alignment = Justify.Right;
        foreach (EthtoolValue value in counted.Take(StatisticsShown))
            columns.Add(value.Name, value.Number is { } number ? Figures.Count(number) : value.Text);
        page.Write(columns);
        int zeros = section.Values.Length - counted.Length;
        if (counted.Length > StatisticsShown || zeros > 0)
            page.Line($"  {Figures.Count(Math.Max(0, counted.Length - StatisticsShown))} more, {Figures.Count(zeros)} are 0 (all with --json)", Look.Faint);
    }

    /// <summary>Zeros of -c and features that cannot be changed say little: they share a line.</summary>
    private static void WriteValues(Page page, EthtoolSection section)
    {
        bool IsDull(EthtoolValue value) => section.Option == "-c" && value.Text == "0" || section.Option == "-k" && value.Text.EndsWith("[fixed]", StringComparison.Ordinal);
        page.Items(section.Values.Where(value => !IsDull(value)).Select(value => (value.Name, value.Text)));
        string[] dull = [.. section.Values.Where(IsDull).Select(value => value.Name)];
        if (dull.Length > 0)
            page.Item(section.Option == "-c" ? "0:" : "fixed:", string.Join(", ", dull));
    }

    private static string What(string option) => option switch
    {
        "-c" => "interrupt coalescing",
        "-g" => "rings",
        "-l" => "channels",
        "-k" => "features",
        "-a" => "pause frames",
        "-x" => "spreading of flows over receive rings",
        "-S" => "statistics",
        "-i" => "driver",
        _ => "settings",
    };
}
