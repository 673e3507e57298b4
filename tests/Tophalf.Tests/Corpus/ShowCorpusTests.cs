using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tophalf.Cli.Show;
using Tophalf.Cli.Text;
using Tophalf.Linux;
using Tophalf.Tests.Cli;
using Xunit;

namespace Tophalf.Tests.Corpus;

/// <summary>Every file of other people's machines, recognised by its contents, read without loss and printed.</summary>
public sealed partial class ShowCorpusTests
{
    /// <summary>Files that hold something else than their folder says, or more of something else.</summary>
    private static readonly Dictionary<string, string> s_otherKinds = new()
    {
        ["dmesg/02-linux2632-ata-irq18.txt"] = "interrupts",
    };

    public static TheoryData<string, string> Files()
    {
        (string Folder, string Kind)[] kinds =
        [
            ("interrupts", "interrupts"), ("softirqs", "softirqs"), ("softnet_stat", "softnet_stat"), ("stat", "stat"), ("procirq", "irq_tree"), ("sysirq", "irq_tree"),
            ("ethtool", "ethtool"), ("ftrace", "trace"), ("dmesg", "kernel_log"), ("madt", "madt"),
        ];
        TheoryData<string, string> data = [];
        foreach ((string folder, string kind) in kinds)
        {
            foreach ((string name, _) in CorpusIndex.Entries(folder).Where(entry => !entry.Name.Contains("broken") && !entry.Name.EndsWith(".bz2")))
                data.Add(name, s_otherKinds.GetValueOrDefault(name, kind));
        }
        foreach ((string name, _) in CorpusIndex.Entries("topology"))
            data.Add(name, name.Contains("lspci") ? "lspci" : "lscpu");
        return data;
    }

    [CorpusTheory]
    [MemberData(nameof(Files))]
    public void File_is_recognised_and_printed(string name, string kind)
    {
        Shown shown = KernelFile.Read(File.ReadAllBytes(Path.Combine(CorpusFolder.Path!, name)));
        Assert.Equal(kind, shown.Kind);
        var output = new StringWriter();
        var page = new Page(CommandLineRun.PlainTerminal(output));
        shown.Write(page, name);
        page.Print();
        Assert.StartsWith(name, output.ToString());
        Json(shown).Dispose();
    }

    /// <summary>A reader written for this test alone: every number between a row's colon and its first word is in the JSON, in its place.</summary>
    [CorpusFact]
    public void Counters_printed_back_equal_the_file()
    {
        foreach (string folder in (string[])["interrupts", "softirqs"])
        {
            foreach ((string name, _) in CorpusIndex.FactsOf(folder).Where(entry => !entry.Name.EndsWith(".bz2") && !entry.Name.Contains("/40-")))
            {
                string text = CorpusFolder.Text(name);
                using JsonDocument json = Json(KernelFile.Read(text));
                string printed = string.Join('\n', json.RootElement.GetProperty("rows").EnumerateArray().Select(row =>
                    $"{row.GetProperty("id").GetString()}: {string.Join(' ', row.GetProperty("per_cpu").EnumerateArray().Select(count => count.GetRawText()))}"));
                int cpus = json.RootElement.GetProperty("cpus").GetArrayLength();
                string[] rows = [.. Row().Matches(text).Select(match => $"{match.Groups["label"].Value}: {string.Join(' ', Numbers(match.Groups["rest"].Value).Take(cpus))}")];
                Assert.True(rows.Length > 0, name);
                Assert.Equal(string.Join('\n', rows), printed);
                Assert.Equal(0, json.RootElement.GetProperty("problems").GetArrayLength());
            }
        }
    }

    [CorpusFact]
    public void Values_of_ethtool_are_what_the_index_says()
    {
        foreach ((string name, string facts) in CorpusIndex.FactsOf("ethtool"))
        {
            EthtoolText text = EthtoolText.Parse(CorpusFolder.Text(name));
            if (Fact(facts, "rx-usecs: ") is { } usecs)
                Assert.Equal(usecs, string.Join(' ', text.Sections.Where(section => section.Option == "-c").Select(section => section["rx-usecs"]!.Text)));
            if (Fact(facts, "driver: ") is { } drivers)
                Assert.Equal(drivers, string.Join(' ', text.Sections.Where(section => section.Option == "-i").Select(section => section["driver"]!.Text)));
            if (Fact(facts, "interfaces ") is { } interfaces)
                Assert.Equal(interfaces, string.Join(' ', text.Sections.Select(section => section.Interface)));
        }
        EthtoolSection ice = EthtoolText.Parse(CorpusFolder.Text("ethtool/21-ice-l-g-em1.txt")).Sections[0];
        Assert.Equal((64, 8), (ice.Maximum("Combined")!.Number, ice["Combined"]!.Number));
        Assert.Equal("Cannot get device coalesce settings: Operation not supported", EthtoolText.Parse(CorpusFolder.Text("ethtool/16-insights-c-unsupported.txt")).Sections[0].Refused);
    }

    [CorpusFact]
    public void Topology_is_what_the_index_says()
    {
        foreach ((string name, string facts) in CorpusIndex.FactsOf("topology"))
        {
            if (Fact(facts, "CPUs ") is { } cpus)
                Assert.Equal(cpus, LscpuText.Parse(CorpusFolder.Text(name))["CPU(s)"]);
            if (Number(facts, @"(\d+) data lines") is { } lines)
                Assert.Equal(lines, LscpuText.Parse(CorpusFolder.Text(name)).Cpus.Length);
            if (Number(facts, @"(\d+) devices") is { } devices)
            {
                LspciText lspci = LspciText.Parse(CorpusFolder.Text(name));
                Assert.Equal(devices, lspci.Devices.Length);
                Assert.Equal(Number(facts, @"(\d+) Ethernet functions"), lspci.Devices.Count(device => device.Class == "Ethernet controller"));
            }
        }
    }

    [CorpusFact]
    public void Traces_hold_the_handlers_the_index_counts()
    {
        foreach ((string name, string facts) in CorpusIndex.FactsOf("ftrace"))
        {
            TraceText trace = TraceText.Parse(CorpusFolder.Text(name));
            int entries = trace.Events.Count(e => e.Name == "irq_handler_entry"), exits = trace.Events.Count(e => e.Name == "irq_handler_exit");
            Assert.Equal(Number(facts, @"irq_handler_entry (\d+)") ?? entries, entries);
            Assert.Equal(Number(facts, @"irq_handler_exit (\d+)") ?? exits, exits);
        }
        TraceText guest = TraceText.Parse(CorpusFolder.Text("ftrace/01-fc-guest-3s-irq-irq_vectors-napi.txt"));
        Assert.Equal((28484, 28484L), (guest.Events.Length, guest.Written));
        TraceRow disk = TraceSummary.Of(guest).Single(row => row.Kind == "irq" && row.Number == 36);
        Assert.Equal(("virtio1-req.0", 2534L, 0L), (disk.Name, disk.Entries, disk.Unhandled));
    }

    [CorpusTheory]
    [InlineData("dmesg/01-powerbook-g3-irq36.txt", 36)]
    [InlineData("dmesg/03-linux26-sata-irq11.txt", 11)]
    [InlineData("dmesg/04-g5-nvme-irq63.txt", 63)]
    [InlineData("dmesg/05-rpi3a-dwc2-irq66.txt", 66)]
    [InlineData("dmesg/06-salvator-ohci-irq156.txt", 156)]
    [InlineData("interrupts/46-n100-i2c-storm-4cpu.txt", 27)]
    public void Line_that_nobody_cared_about_is_found_with_its_handlers(string name, int irq)
    {
        KernelLogLine line = KernelLog.Parse(CorpusFolder.Text(name)).Lines.First(line => line.Id == "nobody-cared");
        Assert.Equal(irq, line.Irq);
        Assert.NotEmpty(line.Handlers);
    }

    [CorpusTheory]
    [InlineData("madt/04-fwts-madt-0001-acpidump.txt", "2 × LocalApic 2, IoApic 1, InterruptSourceOverride 2, LocalApicNmi 2")]
    [InlineData("madt/05-supermicro-h8qg6-64cpu-APIC.dsl", "1 × LocalApic 64, IoApic 3, InterruptSourceOverride 2, LocalApicNmi 2")]
    [InlineData("madt/06-supermicro-x8dtn-24cpu-APIC.dsl", "1 × LocalApic 24, IoApic 2, InterruptSourceOverride 2, LocalApicNmi 1")]
    [InlineData("madt/08-matebook-e-go-arm64-APIC.dsl", "1 × GicCpu 8, GicDistributor 1, GicRedistributor 1, GicTranslation 1")]
    public void Firmware_tables_in_text_are_what_the_index_says(string name, string contents)
    {
        using JsonDocument json = Json(KernelFile.Read(CorpusFolder.Text(name)));
        JsonElement[] tables = [.. json.RootElement.GetProperty("tables").EnumerateArray()];
        string first = string.Join(", ", tables[0].GetProperty("entries").EnumerateArray().CountBy(entry => entry.GetProperty("type").GetString()!).Select(pair => $"{pair.Key} {pair.Value}"));
        Assert.Equal(contents, $"{tables.Length} × {first}");
    }

    [CorpusFact]
    public void Two_snapshots_of_one_machine_are_shown_as_what_came_between()
    {
        string Path(string name) => System.IO.Path.Combine(CorpusFolder.Path!, name);
        CommandLineRun run = CommandLineRun.Of("show", "--apart", "3.02s", Path("interrupts/01-fc-guest-2cpu-a.txt"), Path("interrupts/02-fc-guest-2cpu-b.txt"));
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains("2,547 interrupts", run.Output.ReplaceLineEndings(" "));
        Assert.Contains("842/s", run.Output);
        foreach (string kind in (string[])["softirqs", "softnet_stat", "stat"])
            Assert.Contains(" since ", CommandLineRun.Of("show", Path($"{kind}/01-fc-guest-2cpu-a.txt"), Path($"{kind}/02-fc-guest-2cpu-b.txt")).Output.ReplaceLineEndings(" "));
        Assert.DoesNotContain(" since ", CommandLineRun.Of("show", Path("interrupts/02-fc-guest-2cpu-b.txt"), Path("interrupts/01-fc-guest-2cpu-a.txt")).Output.ReplaceLineEndings(" "));
    }

    private static JsonDocument Json(Shown shown) => JsonDocument.Parse(JsonText.Of(json =>
    {
        json.WriteStartObject();
        shown.Write(json);
        ProblemsPart.Write(json, shown.Problems);
        json.WriteEndObject();
    }));

    private static IEnumerable<string> Numbers(string rest) =>
        rest.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).TakeWhile(word => word.All(char.IsAsciiDigit)).Select(word => long.Parse(word, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));

    private static string? Fact(string facts, string key)
    {
        int at = facts.IndexOf(key, StringComparison.Ordinal);
        return at < 0 ? null : facts[(at + key.Length)..].Split([';', ',', '.'], 2)[0].Trim();
    }

    private static int? Number(string facts, string pattern) =>
        Regex.Match(facts, pattern) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^[ \t>]*(?<label>[A-Za-z0-9_/]{1,12}):(?<rest>[ \t]*\d.*)$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
