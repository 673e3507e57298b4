using Tophalf.Cli.Show;
using Tophalf.Cli.Text;
using Tophalf.Linux;
using Tophalf.Tests.Corpus;
using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>Kernel files read and explained.</summary>
public sealed class ShowTests
{
    [Fact]
    public void Interrupts_are_explained_by_their_busiest_lines_and_what_looks_wrong()
    {
        Assert.Equal(
            """
            dump: /proc/interrupts of 2 CPUs, 4 device lines with 110,010 interrupts, 2 other rows

            busiest lines
              irq  handlers    controller       interrupts   share  mostly on     by CPU
               11  usb1, eth0  IO-APIC fasteoi     100,000  90.9 %  CPU0 100.0 %  |█ |
               24  nvme0q1     PCI-MSI edge         10,000   9.1 %  CPU1 100.0 %  | █|
                1  i8042       IO-APIC edge             10   0.0 %  CPU0 100.0 %  |█ |
              0 more lines that came, 1 that never did

            device interrupts by CPU
                    interrupts   share
              CPU0     100,010  90.9 %  ████████████████████████████████████████
              CPU1      10,000   9.1 %  ████

            shared lines: every handler is asked at every interrupt
              irq 11  usb1, eth0

            other rows, and what they count
                    times  by CPU
              LOC  11,000  |▇█|    Local timer interrupts: the clock inside each CPU. Scheduler ticks, timers and wake-ups from
                                   nanosleep. An idle CPU without tick has few.
              ERR       3          Errors the interrupt controller reported: on x86 APIC errors, and with the 8259 pair spurious
                                   interrupts. Should be 0 or a handful.

            remarks
              -  CPU0 took 90.9 % of the device interrupts, 1 other CPU the rest.
              -  irq 11 stands at exactly 100,000: the kernel turns a line off when nobody handled 99,900 of 100,000; look for
                 "nobody cared" in dmesg.
              -  ERR 3: errors the interrupt controller reported, and spurious interrupts of an 8259.

            """,
            Show("""
                       CPU0       CPU1
              1:         10          0   IO-APIC   1-edge      i8042
              8:          0          0   IO-APIC   8-edge      rtc0
             11:     100000          0   IO-APIC  11-fasteoi   usb1, eth0
             24:          0      10000   PCI-MSI 1048576-edge      nvme0q1
            LOC:       5000       6000   Local timer interrupts
            ERR:          3

            """));
    }

    [Fact]
    public void Softirqs_say_what_each_of_them_does()
    {
        string page = Show("""
                                CPU0       CPU1
                      HI:          0          0
                  NET_RX:        300        100

            """);
        Assert.Equal(
            """
            dump: /proc/softirqs of 2 CPUs, 400 softirqs

              softirq  runs    share  mostly on    by CPU  does
              NET_RX    400  100.0 %  CPU0 75.0 %  |█▃|    polls network cards (NAPI)
              HI          0    0.0 %  -            |  |    high-priority tasklets

            """, page);
    }

    [Fact]
    public void Stat_becomes_one_stacked_bar_per_cpu()
    {
        Assert.Equal(
            """
            dump: /proc/stat of 1 CPU, time since boot
              u user  s system  H hardirq  S softirq  w iowait  x steal  . idle
                                                                user  system  hardirq  softirq    idle  seconds
              all   uuuuuuuuuussssHHHHSSSSSSSSww............  25.0 %  10.0 %   10.0 %   20.0 %  30.0 %       10
              CPU0  uuuuuuuuuussssHHHHSSSSSSSSww............  25.0 %  10.0 %   10.0 %   20.0 %  30.0 %       10

              interrupts        1,234
              context switches  99
              booted 1970-01-02 00:00:00 UTC

            """,
            Show("""
            cpu  200 50 100 300 50 100 200 0 0 0
            cpu0 200 50 100 300 50 100 200 0 0 0
            intr 1234 0 5
            ctxt 99
            btime 86400

            """));
    }

    [Fact]
    public void Softnet_stat_gets_the_column_names_the_file_lacks()
    {
        string page = Show("""
            000003e8 00000002 00000005 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
            00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000001

            """);
        Assert.Equal(
            """
            dump: /proc/net/softnet_stat of 2 CPUs, 1,000 packets (32-bit counters, which wrap)

                    processed    share  backlog full  budget spent  woken for RPS  flow limit  waiting
              CPU0      1,000  100.0 %             2             5              0           0        0
              CPU1          0    0.0 %             0             0              0           0        0

            remarks
              -  2 packets found the backlog full (net.core.netdev_max_backlog).
              -  5 times the receive softirq stopped with packets left (net.core.netdev_budget, netdev_budget_usecs).

            """, page);
    }

    [Fact]
    public void Net_dev_tells_what_share_was_dropped()
    {
        string page = Show("""
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
              eth0: 6400 100 0 25 20 0 0 0 0 0 0 0 0 0 0 0

            """);
        Assert.Contains("eth0 dropped 20.0 % of the packets that came", page);
    }

    [Theory]
    [InlineData("")]
    [InlineData("root:x:0:0:root:/root:/bin/bash\n")]
    [InlineData("00000000: 4150 4943 d001 0000\n00000010: 4150 4943 d001 0000\n")]
    public void A_text_that_is_no_kernel_file_is_told_which_ones_there_are(string text)
    {
        ReaderException error = Assert.Throws<ReaderException>(() => Show(text));
        Assert.StartsWith("1:1: this is no kernel file that show knows; give a MADT, a trace, a listing of /proc/irq or /sys/kernel/irq, /proc/net/dev", error.Message);
    }

    [Fact]
    public void A_cut_softnet_stat_is_told_to_be_one()
    {
        ReaderException error = Assert.Throws<ReaderException>(() => Show("00000001 00000002 00000003 00000004\n"));
        Assert.Contains("4 columns", error.Problem);
    }

    [CorpusFact]
    public void Every_dump_of_other_peoples_machines_is_recognised_as_what_it_is()
    {
        (string Folder, string File)[] kinds =
            [("interrupts", "/proc/interrupts"), ("softirqs", "/proc/softirqs"), ("softnet_stat", "/proc/net/softnet_stat"), ("stat", "/proc/stat")];
        foreach ((string folder, string file) in kinds)
        {
            foreach (string path in Directory.EnumerateFiles(Path.Combine(CorpusFolder.Path!, folder), "*.txt").Where(path => !path.Contains("broken")))
                Assert.Contains($": {file} of ", Show(File.ReadAllText(path)).Split("\n\n")[0].Replace("\n", " "));
        }
    }

    private static string Show(string text)
    {
        var output = new StringWriter();
        var page = new Page(CommandLineRun.PlainTerminal(output));
        KernelFile.Read(text).Write(page, "dump");
        page.Print();
        return output.ToString();
    }
}
