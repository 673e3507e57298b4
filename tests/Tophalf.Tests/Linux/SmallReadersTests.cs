using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Linux;

public class SmallReadersTests
{
    [Fact]
    public void Netdev_counter_may_touch_the_colon()
    {
        const string text = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
              eth0:112214548    3184    1    2    3     4          5         6   181579    2045    7    8    9    10      11         12
            """;
        NetDev eth0 = ProcNetDev.Parse(text)["eth0"]!;
        Assert.Equal(new NetDevCounters(112214548, 3184, 1, 2, 3, Frame: 4, Carrier: 0, Compressed: 5, Multicast: 6), eth0.Receive);
        Assert.Equal(new NetDevCounters(181579, 2045, 7, 8, 9, Frame: 10, Carrier: 11, Compressed: 12, Multicast: 0), eth0.Transmit);
    }

    [Theory]
    [InlineData("eth0: 1 2", "1:1: not the two header lines \"Inter-|   Receive\" and \" face |bytes\"; give the text of /proc/net/dev")]
    [InlineData("a|b\nc|d\n  eth0: 1 2 x", "3:13: counter 3 of 16 is missing or no number; give the text of /proc/net/dev")]
    public void Netdev_of_another_form_is_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<ReaderException>(() => ProcNetDev.Parse(text)).Message);

    [Fact]
    public void Spurious_counts_are_read()
    {
        Assert.Equal(new SpuriousCounts(12, 5, 4294668424), SpuriousCounts.Parse("count 12\nunhandled 5\nlast_unhandled 4294668424 ms\n"));
        Assert.Equal(
            "2:1: no line \"unhandled NUMBER\"; give the text of /proc/irq/N/spurious",
            Assert.Throws<ReaderException>(() => SpuriousCounts.Parse("count 12\nlast_unhandled 3 ms\n")).Message);
    }

    [Theory]
    [InlineData("6.18.44-fc-v657\n", 6, 18)]
    [InlineData("7.2-rc1", 7, 2)]
    [InlineData("2.4.23", 2, 4)]
    public void Kernel_release_begins_with_its_version(string text, int major, int minor)
    {
        KernelInfo kernel = KernelInfo.Parse(text);
        Assert.Equal((major, minor), (kernel.Major, kernel.Minor));
        Assert.True(kernel.IsAtLeast(major, minor) && !kernel.IsAtLeast(major, minor + 1));
    }

    /// <summary>net/core/net-procfs.c softnet_seq_show, and its like in net/core/dev.c before 3.10.</summary>
    [Theory]
    [InlineData("2.4 to 2.6.34", 9, "a b c / 9")]
    [InlineData("2.6.35, RPS", 10, "a b c / 9 rps 10")]
    [InlineData("3.11, flow limit", 11, "a b c / 9 rps 10 limited 11")]
    [InlineData("backported backlog", 12, "a b c / 9 rps 10 limited 11 backlog 12")]
    [InlineData("5.10, CPU", 13, "a b c / 9 rps 10 limited 11 backlog 12 cpu 7")]
    [InlineData("6.4, halves of the backlog", 15, "a b c / 9 rps 10 limited 11 backlog 12 cpu 7 input 14 process 15")]
    [InlineData("one to come", 16, "a b c / 9 rps 10 limited 11 backlog 12 cpu 7 input 14 process 15")]
    public void Softnet_columns_came_one_by_one(string kernel, int columns, string parts)
    {
        string[] all = ["0000000a", "0000000b", "0000000c", "00000000", "00000000", "00000000", "00000000", "00000000", "00000009", "00000010", "00000011", "00000012", "00000007", "00000014", "00000015", "00000016"];
        SoftnetCpu cpu = SoftnetStat.Parse(string.Join(' ', all.Take(columns)) + "\n").Cpus.Single();
        Assert.Equal(columns, cpu.Columns);
        string read = $"{cpu.Processed:x} {cpu.Dropped:x} {cpu.TimeSqueeze:x} / {cpu.CpuCollision:x}";
        foreach ((string name, uint? value) in new[] { ("rps", cpu.ReceivedRps), ("limited", cpu.FlowLimitCount), ("backlog", cpu.BacklogLength), ("cpu", (uint?)cpu.Cpu), ("input", cpu.InputQueueLength), ("process", cpu.ProcessQueueLength) })
            read += value is { } there ? $" {name} {there:x}" : "";
        Assert.True(parts == read, $"{kernel}: {read}");
    }

    /// <summary>fs/proc/stat.c and its like of 2.4: four times, then iowait, irq, softirq (2.5), steal (2.6.11), guest (2.6.24), guest_nice (2.6.33).</summary>
    [Theory]
    [InlineData("cpu  1 2 3 4", 10)]
    [InlineData("cpu  1 2 3 4 5 6 7", 28)]
    [InlineData("cpu  1 2 3 4 5 6 7 8", 36)]
    [InlineData("cpu  1 2 3 4 5 6 7 8 1", 36)]
    [InlineData("cpu  1 2 3 4 5 6 7 8 1 1", 36)]
    public void Stat_of_every_age_has_its_times(string line, long total) => Assert.Equal(total, ProcStat.Parse(line + "\ncpu0 1 2 3 4\nctxt 5\n").All.Total);

    [Theory]
    [InlineData("cpu  1 2 3\n", "1:1: 3 times where the kernel prints 4 to 10; give the text of /proc/stat")]
    [InlineData("cpu  1 2 3 4\nintr 5 x\n", "2:8: not a counter; give the text of /proc/stat")]
    [InlineData("hello\n", "1:1: no line that begins with \"cpu\"; give the text of /proc/stat")]
    [InlineData("cpu  1 2 3 4\ncpu9999 1 2 3 4\n", "2:1: a CPU number that no kernel has; CPUs go from 0 to 8191")]
    public void Stat_of_another_form_is_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<ReaderException>(() => ProcStat.Parse(text)).Message);

    [Fact]
    public void Guest_time_is_part_of_user_time_and_counted_once()
    {
        CpuTimes times = ProcStat.Parse("cpu  10 20 30 40 50 60 70 80 9 9\n").All;
        Assert.Equal(10 + 20 + 30 + 40 + 50 + 60 + 70 + 80, times.Total);
    }

    [Theory]
    [InlineData("       CPU0\n NET_RX: 1 2\n", "2:1: NET_RX does not have one counter for each of 1 CPUs; give the text of /proc/softirqs")]
    [InlineData("       CPU0\n 12: 1 eth0\n", "2:1: 12 is no softirq; give the text of /proc/softirqs")]
    [InlineData("       CPU0\n", "1:1: a line of CPU columns without softirqs below it; give the text of /proc/softirqs")]
    public void Softirqs_of_another_form_are_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<ReaderException>(() => ProcSoftirqs.Parse(text)).Message);
}
