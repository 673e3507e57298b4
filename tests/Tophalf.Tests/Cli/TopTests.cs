using System.Text.Json;
using Tophalf.Linux;
using Tophalf.Linux.Sampling;
using Tophalf.Tests.Corpus;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>Machines of every kind, watched.</summary>
public sealed class TopTests
{
    [Fact]
    public void One_saved_file_is_a_machine_whose_time_stands_still_and_that_hides_the_rest()
    {
        using TemporaryFile file = new("           CPU0       CPU1\n 24:          0      30000   PCI-MSI 1-edge      eth0-TxRx-1\nLOC:       5000       5000   Local timer interrupts\n 25:          0          0   PCI-MSI 2-edge      eth0-TxRx-2\n");
        Assert.Equal(
            $"""
            top: {file.Path}, counts since boot: its time stands still
            not to be seen: /proc/softirqs: No such file or directory
            not to be seen: /proc/stat: No such file or directory
            not to be seen: /proc/net/softnet_stat: No such file or directory
            not to be seen: /proc/irq: No such file or directory
            not to be seen: /sys/bus/pci/devices: No such file or directory
            not to be seen: /proc/PID of kernel threads: only processes of ours are to be seen
            interrupts: 40,000
            irq   count   share  by CPU  device  queue   name
             24  30,000  75.0 %  | █|    eth0    TxRx-1  eth0-TxRx-1
            LOC  10,000  25.0 %  |██|                    Local timer interrupts

            """,
            CommandLineRun.Of("top", "--batch", "--on", file.Path).Output);
    }

    [Fact]
    public void On_512_cpus_a_glyph_stands_for_a_group_and_shows_its_hottest()
    {
        string Row(Func<int, int> count) => string.Concat(Enumerable.Range(0, 512).Select(cpu => $"{count(cpu),10} "));
        string header = string.Concat(Enumerable.Range(0, 512).Select(cpu => $"CPU{cpu,-8}"));
        using TemporaryFile file = new(
            $"           {header}\n 24: {Row(cpu => cpu == 511 ? 30_000 : cpu == 40 ? 5_000 : 0)}  PCI-MSI 1-edge      eth0-TxRx-1\nLOC: {Row(_ => 10)}  Local timer interrupts\n");
        Assert.EndsWith(
            """
            interrupts: 40,120  (a glyph for 32 CPUs, the hottest of them)
            irq   count   share  by CPU              device  queue   name
             24  35,000  87.2 %  | ▁             █|  eth0    TxRx-1  eth0-TxRx-1
            LOC   5,120  12.8 %  |████████████████|                  Local timer interrupts

            """,
            CommandLineRun.Of("top", "--batch", "--on", file.Path).Output);
    }

    [Fact]
    public void A_twins_handlers_are_traced_in_the_one_buffer_it_has_which_is_left_as_it_was()
    {
        CommandLineRun run = CommandLineRun.Of("top", "--batch", "--trace", "-d", "10ms", "--on", ShippedScenario("core0-flood.yaml"));
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Matches(@"\ntraced: [\d,]+ events; in the one buffer it has; ", run.Output);
        Assert.Matches(@"\n  NET_RX   took [\d.]+ us, at most ", run.Output);
        Assert.Matches(@"\n *24 +[\d,]+ +[\d.]+ % +[\d.]+ [nu]s +[\d.]+ [nu]s ", run.Output);

        TwinMachine twin = TwinRuns.Machine("{machine: {cores: 2}, devices: {eth0: {model: ixgbe}}, workloads: [packets: {to: eth0, rate: 10kpps}], run: 20ms}");
        // A size is rounded to whole pages when it is written.
        twin.Write("/sys/kernel/tracing/buffer_size_kb", "1408\n");
        string before = State(twin);
        using (HandlerTrace trace = new(twin))
        {
            trace.Begin();
            twin.Sleep(5_000_000);
            trace.Refresh();
            Assert.Null(trace.WhyNot);
            Assert.InRange(trace.Events, 10, long.MaxValue);
            Assert.NotEqual(before, State(twin));
        }
        Assert.Equal(before, State(twin));

        static string State(TwinMachine twin) => twin.Run("cd /sys/kernel/tracing; cat set_event tracing_on; cat buffer_size_kb; grep -c : trace").Output;
    }

    [Fact]
    public void A_twin_somebody_traces_already_is_left_alone()
    {
        TwinMachine twin = TwinRuns.Machine("{machine: {cores: 2}, devices: {eth0: {model: ixgbe}}, run: 20ms}");
        twin.Write("/sys/kernel/tracing/set_event", "irq:irq_handler_entry\n");
        using HandlerTrace trace = new(twin);
        trace.Begin();
        Assert.Equal("its tracefs has no instances, and its one buffer is in use", trace.WhyNot?.Why);
        Assert.Equal("irq:irq_handler_entry\n", twin.Read("/sys/kernel/tracing/set_event"));
    }

    [Fact]
    public void A_twin_is_watched_in_its_own_time_and_twice_the_same()
    {
        string[] line = ["top", "--json", "-d", "10ms", "-n", "2", "--on", ShippedScenario("core0-flood.yaml")];
        CommandLineRun run = CommandLineRun.Of(line);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(run.Output, CommandLineRun.Of(line).Output);
        using JsonDocument first = JsonDocument.Parse(run.Output[..(run.Output.IndexOf("\n}\n", StringComparison.Ordinal) + 2)]);
        Assert.Equal(0.01, first.RootElement.GetProperty("seconds").GetDouble());
        JsonElement row = first.RootElement.GetProperty("interrupts").EnumerateArray().First(row => row.GetProperty("name").GetString() == "eth0-TxRx-0");
        Assert.Equal(("eth0", "TxRx-0"), (row.GetProperty("device").GetString(), row.GetProperty("queue").GetString()));
        Assert.Equal("0", row.GetProperty("effective_affinity").GetString());
    }

    [Fact]
    public void A_twin_can_be_captured_and_its_capture_watched_and_shown()
    {
        using TemporaryFile file = new("");
        CommandLineRun capture = CommandLineRun.Of("capture", "--on", ShippedScenario("core0-flood.yaml"), "--for", "20ms", "-o", file.Path);
        Assert.Equal((0, ""), (capture.Status, capture.Error));
        Assert.Contains("two readings 20 ms apart, with a trace", capture.Output);
        string top = CommandLineRun.Of("top", "--on", file.Path).Output;
        Assert.Contains("over 20 ms", top);
        Assert.Contains("eth0-TxRx-0", top);
        Assert.Contains("NET_RX", CommandLineRun.Of("show", file.Path).Output);
    }

    [Fact]
    public void Every_row_of_a_pc_is_explained_in_place()
    {
        Assert.StartsWith("  TLB  TLB shootdowns:", CommandLineRun.Of("top", "--explain", "tlb").Output);
        Assert.All(
            "NMI LOC SPU PMI IWI RTR RES CAL TLB TRM THR DFR MCE MCP HYP HRE HVS ERR MIS PIN NPI PIW".Split(' '),
            label => Assert.False(string.IsNullOrEmpty(RowExplanations.Of(label)), label));
    }

    [CorpusFact]
    public void Every_row_with_a_name_of_every_dump_has_an_explanation_or_the_kernels_own_words()
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(CorpusFolder.Path!, "interrupts"), "*.txt"))
        {
            foreach (InterruptRow row in ProcInterrupts.ParseAll(File.ReadAllText(path)).SelectMany(dump => dump.Named))
                Assert.False(string.IsNullOrEmpty(RowExplanations.Of(row.Label) ?? row.Description), $"{path}: {row.Label}");
        }
    }

    [Fact]
    public void Lines_of_a_device_make_one_row()
    {
        using TemporaryFile file = new("           CPU0       CPU1\n 24:          0      30000   PCI-MSI 1-edge      eth0-TxRx-0\n 25:      10000          0   PCI-MSI 2-edge      eth0-TxRx-1\n 26:      5000          0   PCI-MSI 2-edge      nvme0q1\n");
        Assert.EndsWith(
            """
            interrupts: 45,000
            irqs   count   share  by CPU  device  queue  name
               2  40,000  88.9 %  |▃█|    eth0           2 lines: 24, 25
              26   5,000  11.1 %  |█ |    nvme0   1      nvme0q1

            """,
            CommandLineRun.Of("top", "--batch", "--by-device", "--on", file.Path).Output);
    }

    private static string ShippedScenario(string name)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "scenarios", name)))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "scenarios", name);
    }

    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
