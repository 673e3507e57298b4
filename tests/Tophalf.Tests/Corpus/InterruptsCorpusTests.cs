using System.Diagnostics;
using System.Globalization;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Corpus;

public class InterruptsCorpusTests
{
    public static TheoryData<string> FilesWithFacts() => [.. CorpusIndex.FactsOf("interrupts").Select(entry => entry.Name).Where(IsText)];

    public static TheoryData<string> AllFiles() => [.. CorpusIndex.Entries("interrupts").Select(entry => entry.Name).Where(IsText)];

    private static bool IsText(string name) => !name.EndsWith(".bz2", StringComparison.Ordinal);

    [CorpusTheory]
    [MemberData(nameof(FilesWithFacts))]
    public void Dump_holds_what_the_index_says(string name) => CheckFacts(name, CorpusFolder.Text(name));

    [CorpusTheory]
    [MemberData(nameof(AllFiles))]
    public void Every_dump_reads_without_complaint_and_its_rows_fit_its_columns(string name)
    {
        foreach (ProcInterrupts dump in ProcInterrupts.ParseAll(CorpusFolder.Text(name)))
            Assert.All(dump.Rows, row => Assert.InRange(row.Counts.Length, 1, dump.Cpus.Length));
    }

    [CorpusFact("bzip2")]
    public void Thousand_cpu_dump_of_thirteen_megabytes_is_read_whole()
    {
        const string name = "interrupts/03-x86-1152cpu.txt.bz2";
        string text = Unpack(Path.Combine(CorpusFolder.Path!, name));
        CheckFacts(name, text);
    }

    [CorpusFact]
    public void Series_of_five_snapshots_only_counts_up()
    {
        ProcInterrupts[] series = [.. Enumerable.Range(1, 5)
            .Select(i => ProcInterrupts.Parse(CorpusFolder.Text($"interrupts/{8 + i:00}-multinic-4cpu-series-{i}.txt")))];
        foreach ((ProcInterrupts earlier, ProcInterrupts later) in series.Zip(series.Skip(1)))
        {
            foreach (InterruptRow row in earlier.Rows)
                Assert.All(row.Counts.Zip(later[row.Label]!.Counts), pair => Assert.True(pair.First <= pair.Second, row.Label));
        }
    }

    [CorpusFact]
    public void Offline_cpu_leaves_a_gap_in_the_columns()
    {
        ProcInterrupts dump = ProcInterrupts.Parse(CorpusFolder.Text("interrupts/24-sysstat-hotplug-root3.txt"));
        Assert.Equal([0, 1, 2, 3, 4, 5, 7], dump.Cpus.ToArray());
        Assert.Equal(1, dump.CountOn(dump[8]!, 5));
        Assert.Equal(0, dump.CountOn(dump[8]!, 6));
    }

    [CorpusFact]
    public void Rows_wrapped_by_a_mail_program_are_whole_again()
    {
        ProcInterrupts dump = ProcInterrupts.Parse(CorpusFolder.Text("interrupts/38-iavf-affinity-ignored-wrapped.txt"));
        Assert.Equal(10, dump.Rows.Length);
        Assert.All(dump.Rows, row => Assert.Equal(row.Total, dump.CountOn(row, 4)));
        Assert.Equal(["iavf-0000:b5:02.7:mbx"], dump[961]!.Actions.ToArray());

        ProcInterrupts imx = ProcInterrupts.Parse(CorpusFolder.Text("interrupts/39-imx8mm-gicv3-wrapped.txt"));
        Assert.Equal(["tamper"], imx[211]!.Actions.ToArray());
        Assert.Equal(("gateworks-gsc", "5", "Edge"), (imx[211]!.Chip, imx[211]!.HardwareIrq, imx[211]!.Trigger));
        Assert.Equal("CPU stop (for crash dump) interrupts", imx["IPI3"]!.Description);
        Assert.Equal("", imx["Err"]!.Description);

        ProcInterrupts realtime = ProcInterrupts.Parse(CorpusFolder.Text("interrupts/54-rt-laptop-all-shared-wrapped.txt"));
        Assert.Equal(
            ["acpi", "uhci_hcd", "uhci_hcd", "uhci_hcd", "eth0", "yenta", "yenta", "Intel 82801CA-ICH3", "radeon@PCI:1:0:0"],
            realtime[9]!.Actions.ToArray());
    }

    [CorpusFact]
    public void Missing_header_leaves_columns_counted_from_zero()
    {
        ProcInterrupts dump = ProcInterrupts.Parse(CorpusFolder.Text("interrupts/33-insights-no-header.txt"));
        Assert.False(dump.HasHeader);
        Assert.Equal([0], dump.Cpus.ToArray());
        Assert.Equal([45L, 3, 3], dump.Rows.Select(row => row.Total));
    }

    [CorpusFact]
    public void Header_without_rows_is_a_machine_without_interrupts()
    {
        ProcInterrupts dump = ProcInterrupts.Parse(CorpusFolder.Text("interrupts/34-insights-header-only.txt"));
        Assert.True(dump.HasHeader);
        Assert.Empty(dump.Rows);
    }

    [CorpusFact]
    public void Copy_through_a_pdf_equals_the_original_but_for_the_name_one_of_them_lost()
    {
        ProcInterrupts original = ProcInterrupts.Parse(CorpusFolder.Text("interrupts/28-irqcli-2cpu-64queues.txt"));
        ProcInterrupts copy = ProcInterrupts.Parse(CorpusFolder.Text("interrupts/29-softhyphen-2cpu-64queues.txt"));
        Assert.Equal(original.Rows.Where(row => row.Irq != 164).Select(Sketch), copy.Rows.Where(row => row.Irq != 164).Select(Sketch));
        Assert.Equal(("eth0", "eth0-TxRx-32"), (original[164]!.Actions.Single(), copy[164]!.Actions.Single()));

        static string Sketch(InterruptRow row) => $"{row.Label}: {string.Join(' ', row.Counts)} {row.Chip} {row.Flow} {string.Join(',', row.Actions)}";
    }

    [CorpusFact]
    public void Comment_lines_before_the_header_do_not_matter()
    {
        ProcInterrupts dump = ProcInterrupts.Parse(CorpusFolder.Text("interrupts/30-amd-2cpu-comment-lines.txt"));
        Assert.Empty(dump[7]!.Actions);
        Assert.Equal(("IO-APIC", "edge"), (dump[7]!.Chip, dump[7]!.Flow));
        Assert.Equal([44L], dump["ERR"]!.Counts.ToArray());
    }

    /// <summary>
    /// One dump may hold several tables (number 40 has two); the index counts the rows of both. In number 57 it counts a
    /// console's literal ^M as a CPU column, which no kernel printed: there its numbers without that column hold.
    /// </summary>
    private static void CheckFacts(string name, string text)
    {
        InterruptFacts facts = InterruptFacts.Parse(CorpusIndex.FactsOf("interrupts").Single(entry => entry.Name == name).Facts);
        IReadOnlyList<ProcInterrupts> dumps = ProcInterrupts.ParseAll(text);
        ProcInterrupts first = dumps[0];
        InterruptRow[] numbered = [.. dumps.SelectMany(dump => dump.Numbered)];
        bool hasConsoleNoise = facts.LastCpu.Contains("^M", StringComparison.Ordinal);
        int columns = facts.Columns - (hasConsoleNoise ? 1 : 0);

        Assert.Equal(columns, first.Cpus.Length);
        Assert.Equal(facts.FirstCpu, $"CPU{first.Cpus[0]}");
        if (!hasConsoleNoise)
            Assert.Equal(facts.LastCpu, $"CPU{first.Cpus[^1]}");
        Assert.Equal(facts.Numbered, numbered.Length);
        Assert.Equal(facts.Named, dumps.Sum(dump => dump.Named.Count()));
        Assert.Equal(facts.Sum, numbered.Sum(row => row.Total));

        InterruptRow busiest = numbered.MaxBy(row => row.Total)!;
        Assert.Equal(facts.BusiestIrq, busiest.Irq);
        Assert.Equal(facts.BusiestCount, busiest.Total);
        Assert.Equal(facts.BusiestSource.Replace("^M", "", StringComparison.Ordinal), Source(busiest));

        long firstColumn = numbered.Sum(row => row.Counts[0]);
        Assert.Equal(facts.FirstColumnPercent, 100.0 * firstColumn / facts.Sum, 0.0501);
        if (facts.PerCpu is not null)
            Assert.Equal(facts.PerCpu.Take(columns), first.Cpus.Select(cpu => dumps.Sum(dump => dump.Numbered.Sum(row => dump.CountOn(row, cpu)))));
    }

    /// <summary>The row's source put together again from its parts, with single blanks.</summary>
    private static string Source(InterruptRow row)
    {
        string flow = row.Flow is null ? "" : "-" + row.Flow;
        string controller = row.HardwareIrq is null ? row.Chip + flow : $"{row.Chip} {row.HardwareIrq}{flow}";
        return string.Join(' ', ((string?[])[controller, row.Trigger, string.Join(", ", row.Actions)]).Where(part => !string.IsNullOrEmpty(part)));
    }

    private static string Unpack(string path)
    {
        using Process process = Process.Start(new ProcessStartInfo("bzip2", ["-dc", path]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd();
    }
}
