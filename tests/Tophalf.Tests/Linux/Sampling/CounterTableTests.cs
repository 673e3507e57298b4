using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tophalf.Linux;
using Tophalf.Linux.Sampling;
using Tophalf.Tests.Corpus;
using Xunit;

namespace Tophalf.Tests.Linux.Sampling;

/// <summary>The table that reads only what has changed, against the reader that reads everything.</summary>
public sealed class CounterTableTests
{
    [Fact]
    public void Only_what_came_between_two_readings_is_a_delta()
    {
        CounterTable table = Read(
            "           CPU0       CPU1       \n 24:          9          1  PCI-MSI 1-edge eth0\nLOC:         99        100   Local timer interrupts\nERR:          0\n",
            "           CPU0       CPU1       \n 24:         10          1  PCI-MSI 1-edge eth0\nLOC:         99        205   Local timer interrupts\nERR:          2\n");
        Assert.Equal(["24", "LOC", "ERR"], table.Labels);
        Assert.Equal([1L, 0, 0, 105, 2, 0], table.Deltas);
        Assert.Equal([1L, 105, 2], table.RowDeltas);
        Assert.Equal("Local timer interrupts", table.Tails[1]);
        Assert.Equal(1, table.Layout);
    }

    [Fact]
    public void A_counter_of_32_bits_that_wraps_goes_on()
    {
        CounterTable table = Read("           CPU0       \n 24: 4294967290  PCI-MSI 1-edge eth0\n", "           CPU0       \n 24:          4  PCI-MSI 1-edge eth0\n");
        Assert.Equal([10L], table.Deltas);
    }

    [Fact]
    public void A_row_that_comes_gets_its_place_and_the_others_keep_their_deltas()
    {
        CounterTable table = Read(
            "           CPU0       \n 24:          5  PCI-MSI 1-edge eth0\nLOC:          1   Local timer interrupts\n",
            "           CPU0       \n 23:          7  PCI-MSI 9-edge new\n 24:          6  PCI-MSI 1-edge eth0\nLOC:          4   Local timer interrupts\n");
        Assert.Equal([0L, 1, 3], table.RowDeltas);
        Assert.Equal(2, table.Layout);
    }

    [Fact]
    public void A_cpu_that_goes_offline_starts_the_counting_anew()
    {
        CounterTable table = Read("           CPU0       CPU1       \n 24:          5          5  x\n", "           CPU0       \n 24:          6  x\n");
        Assert.Equal([0], table.Cpus);
        Assert.Equal([0L], table.Deltas);
    }

    [Fact]
    public void Any_two_readings_give_the_same_as_reading_both_whole()
    {
        Gen<long[]> counts = Gen.ArrayOf(Gen.OneOf(Gen.Choose(0, 12).Select(n => (long)n), Gen.Choose(0, int.MaxValue).Select(n => (long)n), Gen.Constant(12_345_678_901L)), 12);
        Prop.ForAll(Arb.From(counts), Arb.From(counts), (before, after) =>
        {
            CounterTable table = Read(Text(before), Text(after));
            ProcInterrupts whole = ProcInterrupts.Parse(Text(after));
            long[] read = [.. whole.Rows.SelectMany(row => row.Counts)];
            return table.Counts.SequenceEqual(read)
                && Enumerable.Range(0, read.Length).All(i => after[i] < before[i] || table.Deltas[i] == after[i] - before[i]);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_refresh_of_512_cpus_and_4000_rows_allocates_nothing()
    {
        const int Cpus = 512, Rows = 4000;
        long[] counts = new long[Cpus * Rows];
        string first = Text(counts, Cpus);
        for (int i = 0; i < counts.Length; i += 97)
            counts[i] = i % 5000;
        TextMachine machine = new(ProcInterrupts.Path, first, Text(counts, Cpus));
        CounterTable table = new(ProcInterrupts.Path);
        for (int i = 0; i < 4; i++)
            table.Refresh(machine);
        long before = GC.GetAllocatedBytesForCurrentThread();
        table.Refresh(machine);
        table.Refresh(machine);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(counts, table.Counts);
    }

    [Fact]
    public void A_refresh_of_softirqs_stat_and_softnet_allocates_nothing()
    {
        CounterTable softirqs = new(ProcSoftirqs.Path);
        StatTable stat = new();
        SoftnetTable softnet = new();
        TextMachine softirqText = new(ProcSoftirqs.Path, "                    CPU0       CPU1       \n          HI:          0          9\n", "                    CPU0       CPU1       \n          HI:          0         10\n");
        TextMachine statText = new(ProcStat.Path, "cpu  1 1 1 1\ncpu0 10 0 5 100 3 0 1 0 0 0\nctxt 7\n", "cpu  1 1 1 1\ncpu0 12 0 5 150 2 1 1 0 0 0\nctxt 9\n");
        TextMachine softnetText = new(SoftnetStat.Path, "00000001 00000001 00000000 0\n", "00000004 00000001 00000002 0\n");
        for (int i = 0; i < 4; i++)
            RefreshAll();
        long before = GC.GetAllocatedBytesForCurrentThread();
        RefreshAll();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void RefreshAll()
        {
            softirqs.Refresh(softirqText);
            stat.Refresh(statText);
            softnet.Refresh(softnetText);
        }
    }

    [CorpusFact]
    public void A_series_of_a_real_machine_adds_up()
    {
        string[] texts = [.. Enumerable.Range(1, 5).Select(i => CorpusFolder.Text($"interrupts/{i + 8:00}-multinic-4cpu-series-{i}.txt"))];
        TextMachine machine = new(ProcInterrupts.Path, texts);
        CounterTable table = new(ProcInterrupts.Path);
        table.Refresh(machine);
        long sum = table.Counts.Sum();
        for (int i = 1; i < texts.Length; i++)
        {
            table.Refresh(machine);
            sum += table.RowDeltas.Sum();
        }
        Assert.Equal(ProcInterrupts.Parse(texts[^1]).Rows.Sum(row => row.Total), sum);
    }

    [Fact]
    public void Softnet_and_stat_count_what_came_between()
    {
        SoftnetTable softnet = new();
        TextMachine machine = new(SoftnetStat.Path, "ffffffff 00000001 00000000 0\n00000001 00000000 00000000 0\n", "00000004 00000001 00000002 0\n00000001 00000000 00000000 0\n");
        softnet.Refresh(machine);
        softnet.Refresh(machine);
        Assert.Equal([5L, 0, 2, 0, 0, 0], softnet.Deltas);

        StatTable stat = new();
        machine = new(ProcStat.Path, "cpu  1 1 1 1\ncpu0 10 0 5 100 3 0 1 0 0 0\nctxt 7\n", "cpu  1 1 1 1\ncpu0 12 0 5 150 2 1 1 0 0 0\nctxt 9\n");
        stat.Refresh(machine);
        stat.Refresh(machine);
        Assert.Equal([2L, 0, 0, 50, 0, 1, 0, 0], stat.Deltas);
        Assert.Equal(2, stat.ContextSwitchesDelta);
    }

    private static CounterTable Read(string first, string second)
    {
        TextMachine machine = new(ProcInterrupts.Path, first, second);
        CounterTable table = new(ProcInterrupts.Path);
        table.Refresh(machine);
        table.Refresh(machine);
        return table;
    }

    private static string Text(long[] counts, int cpus = 3)
    {
        StringBuilder text = new("     ");
        for (int cpu = 0; cpu < cpus; cpu++)
            text.Append(CultureInfo.InvariantCulture, $"CPU{cpu,-8}");
        for (int row = 0; row < counts.Length / cpus; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{row,4}: ");
            for (int cpu = 0; cpu < cpus; cpu++)
                text.Append(CultureInfo.InvariantCulture, $"{counts[row * cpus + cpu],10} ");
            text.Append(CultureInfo.InvariantCulture, $" PCI-MSI {row}-edge eth0-TxRx-{row}");
        }
        return text.Append('\n').ToString();
    }
}
