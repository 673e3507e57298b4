using System.Globalization;
using System.Text.RegularExpressions;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Corpus;

public partial class SoftirqsCorpusTests
{
    public static TheoryData<string, string> Facts()
    {
        TheoryData<string, string> data = [];
        foreach ((string name, string facts) in CorpusIndex.FactsOf("softirqs"))
            data.Add(name, facts);
        return data;
    }

    [CorpusTheory]
    [MemberData(nameof(Facts))]
    public void Dump_holds_what_the_index_says(string name, string facts)
    {
        Match match = Pattern().Match(facts);
        Assert.True(match.Success, facts);
        ProcSoftirqs dump = ProcSoftirqs.Parse(CorpusFolder.Text(name));
        Assert.Equal(Number("columns"), dump.Cpus.Length);
        Assert.Equal(Number("rows"), dump.Rows.Length);
        Assert.Equal(Number("netrx"), dump["NET_RX"]!.Total);
        Assert.Equal(Number("timer"), dump["TIMER"]!.Total);
        Assert.Equal(Number("rcu"), dump["RCU"]!.Total);

        long Number(string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [CorpusFact]
    public void Columns_are_the_possible_cpus_so_there_are_more_than_interrupts_has()
    {
        ProcSoftirqs softirqs = ProcSoftirqs.Parse(CorpusFolder.Text("softirqs/13-dell-8cpu-16columns.txt"));
        ProcInterrupts interrupts = ProcInterrupts.Parse(CorpusFolder.Text("interrupts/27-dell-8cpu-fglrx.txt"));
        Assert.Equal(8, softirqs.Cpus.Except(interrupts.Cpus).Count());
        Assert.All(softirqs.Rows, row => Assert.Equal(0, row.Counts.Skip(8).Sum()));
    }

    [CorpusFact]
    public void Softirqs_given_to_the_reader_of_interrupts_are_sent_to_the_right_one()
    {
        ReaderException exception = Assert.Throws<ReaderException>(() => ProcInterrupts.Parse(CorpusFolder.Text("softirqs/01-fc-guest-2cpu-a.txt")));
        Assert.Equal("2:1: these are the rows of /proc/softirqs; give the text of /proc/interrupts", exception.Message);
    }

    [GeneratedRegex(@"^(?<columns>\d+) CPU columns, (?<rows>\d+) rows; NET_RX sum (?<netrx>\d+), TIMER sum (?<timer>\d+), RCU sum (?<rcu>\d+)$")]
    private static partial Regex Pattern();
}
