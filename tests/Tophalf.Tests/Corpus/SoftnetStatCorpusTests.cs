using System.Globalization;
using System.Text.RegularExpressions;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Corpus;

public partial class SoftnetStatCorpusTests
{
    private const string Broken = "softnet_stat/11-procfs-broken-4-columns.txt";

    public static TheoryData<string, string> Facts()
    {
        TheoryData<string, string> data = [];
        foreach ((string name, string facts) in CorpusIndex.FactsOf("softnet_stat").Where(entry => entry.Name != Broken))
            data.Add(name, facts);
        return data;
    }

    [CorpusTheory]
    [MemberData(nameof(Facts))]
    public void Dump_holds_what_the_index_says(string name, string facts)
    {
        Match match = Pattern().Match(facts);
        Assert.True(match.Success, facts);
        SoftnetStat dump = SoftnetStat.Parse(CorpusFolder.Text(name));
        Assert.Equal(Number("rows"), dump.Cpus.Length);
        Assert.Equal(
            match.Groups["columns"].Value.Split('/').Select(int.Parse).Order(),
            dump.Cpus.Select(cpu => cpu.Columns).Distinct().Order());
        Assert.Equal(Number("processed"), dump.Cpus.Sum(cpu => (long)cpu.Processed));
        Assert.Equal(Number("dropped"), dump.Cpus.Sum(cpu => (long)cpu.Dropped));
        Assert.Equal(Number("squeezed"), dump.Cpus.Sum(cpu => (long)cpu.TimeSqueeze));

        long Number(string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [CorpusFact]
    public void Row_of_four_columns_is_refused()
    {
        ReaderException exception = Assert.Throws<ReaderException>(() => SoftnetStat.Parse(CorpusFolder.Text(Broken)));
        Assert.Equal("1:1: 4 columns where every kernel prints at least 9; give the text of /proc/net/softnet_stat", exception.Message);
    }

    [CorpusFact]
    public void Column_count_decides_which_fields_exist()
    {
        SoftnetStat mixed = SoftnetStat.Parse(CorpusFolder.Text("softnet_stat/10-procfs-mixed-columns.txt"));
        Assert.Equal([0, 1, null, null, null], mixed.Cpus.Select(cpu => cpu.Cpu));
        Assert.Equal([0x000855fcu, 0x008eeb9a, 0x3, null, 0x10], mixed.Cpus.Select(cpu => cpu.ReceivedRps));
        Assert.Equal([0x76u, 0x2b, 0x2, null, null], mixed.Cpus.Select(cpu => cpu.FlowLimitCount));
        Assert.Equal([0u, 0xdc, null, null, null], mixed.Cpus.Select(cpu => cpu.BacklogLength));
    }

    [GeneratedRegex(@"^(?<rows>\d+) rows of (?<columns>[\d/]+) columns; processed sum (?<processed>\d+), dropped sum (?<dropped>\d+), time_squeeze sum (?<squeezed>\d+)$")]
    private static partial Regex Pattern();
}
