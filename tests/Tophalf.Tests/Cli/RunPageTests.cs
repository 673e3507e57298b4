using Tophalf.Advisor;
using Tophalf.Cli.Run;
using Tophalf.Cli.Text;
using Tophalf.Hardware;
using Tophalf.Tests.Advisor;
using Tophalf.Twin.Reports;
using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>A run as people see it.</summary>
public sealed class RunPageTests
{
    [Fact]
    public void The_seed_stands_first_and_last()
    {
        Assert.Equal("tophalf run: x.yaml, seed 7, costs textbook, 200 ms", RunPage.Header("x.yaml", 7, "textbook", 0.2));
        Assert.EndsWith("\nseed 1 · simulated 2 s in 0.25 s\n", Print(page => RunPage.Write(page, SampleRuns.Quiet, [], null)));
    }

    [Fact]
    public void A_run_shows_interrupts_cpus_devices_and_findings()
    {
        Assert.Equal(
            """

            interrupts
                    handlers     controller             flow  to CPU  interrupts      rate  by CPU
              24:   eth0-TxRx-0  PCI-MSIX-0000:01:00.0  edge  0           20,000  10,000/s  |█   |
              25:   eth0-TxRx-1  PCI-MSIX-0000:01:00.0  edge  1           20,000  10,000/s  | █  |
              LOC:               local APIC                                2,000   1,000/s  |████|

            CPUs
              u user  s system  H hardirq  S softirq  w iowait  x steal  . idle
                                                               user  system  hardirq  softirq    idle  packets
              CPU0  HSS.....................................  0.0 %   1.0 %    1.0 %    6.0 %  92.0 %  100,000
              CPU1  HSS.....................................  0.0 %   1.0 %    1.0 %    6.0 %  92.0 %  100,000
              CPU2  H.......................................  0.0 %   1.0 %    1.0 %    1.0 %  97.0 %        0
              CPU3  H.......................................  0.0 %   1.0 %    1.0 %    1.0 %  97.0 %        0

            eth0 (ixgbe)
              came        200,000 (100,000/s)
              dropped     0 at the ring (0.0 %), 0 at the socket (0.0 %)
              delivered   200,000, 0 still waiting
              interrupts  40,000 (20,000/s), 5.0 received each
              latency     p50 12.5 us, p99 40 us, p99.9 63.25 us, max 80 us
               8 us   16 us  ████████████████████████████████████████  150,000  75.0 %
              16 us   32 us  ██████████▋                                40,000  20.0 %
              32 us   64 us  ██▍                                         9,000   4.5 %
              64 us  128 us  ▎                                           1,000   0.5 %
              queue  irq  CPU  packets  dropped  interrupts   polls
                  0   24    0  100,000        0      20,000  20,000
                  1   25    1  100,000        0      20,000  20,000

            findings: none

            seed 1 · simulated 2 s in 0.25 s

            """, Print(page => RunPage.Write(page, SampleRuns.Quiet, [], null)));
    }

    [Fact]
    public void A_finding_stands_with_its_evidence_and_its_remedy()
    {
        Assert.Equal(
            """

            findings
              ring-drops  eth0 dropped packets.
                because  /proc/net/dev: drop 5
                try      ethtool -G eth0 rx 4096

            """, Print(page => FindingsPart.Write(page, "findings", [SampleRuns.Found("ring-drops", Severity.Error)])));
    }

    [Fact]
    public void Two_runs_stand_side_by_side_with_their_difference()
    {
        var comparison = new Comparison(SampleRuns.FloodedRun, SampleRuns.QuietRun, "ethtool -L eth0 combined 2");
        Assert.Equal(
            """

            eth0 (ixgbe)
                                           base   changed  difference
              latency p50                240 us   12.5 us      ÷ 19.2
              latency p99              251.5 us     40 us     -84.1 %
              latency p99.9              260 us  63.25 us     -75.7 %
              latency max                270 us     80 us     -70.4 %
              delivered               4,000,000   200,000      ÷ 20.0
              dropped at the ring     2,000,000         0  -2,000,000
              dropped at the socket           0         0           =
              interrupts                2,000/s  20,000/s      × 10.0
              received per interrupt    1,000.0       5.0       ÷ 200

            CPU time, in cores of 4
                        base  changed  difference
              user     0.000    0.000      +0.000
              system   0.040    0.040      +0.000
              hardirq  0.040    0.040      +0.000
              softirq  1.010    0.140      -0.870
              iowait   0.000    0.000      +0.000
              steal    0.000    0.000      +0.000
              idle     2.910    3.780      +0.870

            heat of the cores: busy, from CPU 0
              base     |█▁▁▁|
              changed  |▁▁▁▁|

            findings after the change: none
              gone: ring-drops, one-core-carries-all, budget-squeezed

            seed 1 · simulated 2 s in 0.50 s, twice

            """, Print(page => ComparisonPage.Write(page, comparison, null)));
    }

    [Fact]
    public void Clients_and_streams_stand_side_by_side_too()
    {
        RunReport before = SampleRuns.Quiet with
        {
            Clients = [new ClientsReport("eth0", 500, 20_000, 20_000, 0, 0, new LatencyReport(100, 200, 300, 400, 110, 20_000))],
            Streams = [new StreamsReport("eth0", 200, 1_000, 1_000, 1_448_000, 500, 0)],
        };
        RunReport after = before with
        {
            Clients = [new ClientsReport("eth0", 500, 40_100, 40_000, 100, 0, new LatencyReport(50, 100, 150, 400, 60, 40_000))],
            Streams = [new StreamsReport("eth0", 200, 1_000, 1_000, 1_448_000, 50, 0)],
        };
        string text = Print(page => ComparisonPage.Write(page, new Comparison(new AdvisedRun(before, []), new AdvisedRun(after, []), "x"), null));
        Assert.Contains(
            """
            clients of eth0
                                base   changed  difference
              waited p50      100 us     50 us     -50.0 %
              waited p99      200 us    100 us     -50.0 %
              waited p99.9    300 us    150 us     -50.0 %
              waited max      400 us    400 us           =
              answered      10,000/s  20,000/s    +100.0 %
              repeated             0       100        +100

            streams to eth0
                                      base  changed  difference
              acknowledged segments  500/s    500/s           =
              segments a piece         0.0      0.0           =
              acks                   250/s   25.0/s      ÷ 10.0

            """, text);
    }

    [Fact]
    public void What_was_not_measured_is_no_latency_of_zero()
    {
        DeviceReport card = SampleRuns.Quiet.Devices[0];
        RunReport dropped = SampleRuns.Quiet with { Devices = [card with { Latency = LatencyReport.None, Delivered = 0, XdpDropped = 200_000 }] };
        string text = Print(page => ComparisonPage.Write(page, new Comparison(new AdvisedRun(dropped, []), SampleRuns.QuietRun, "ip link set dev eth0 xdp off"), null));
        Assert.Matches(@"latency p50 +none +12\.5 us *\n", text);
        Assert.Matches(@"dropped by XDP +200,000 +0 +-200,000\n", text);
    }

    [Fact]
    public void A_difference_too_small_to_show_has_one_sign()
    {
        DeviceReport card = SampleRuns.Quiet.Devices[0];
        RunReport fewer = SampleRuns.Quiet with { Devices = [card with { Delivered = card.Delivered - 40 }] };
        Assert.Matches(@"delivered +200,000 +199,960 +-0\.0 %\n", Print(page => ComparisonPage.Write(page, new Comparison(SampleRuns.QuietRun, new AdvisedRun(fewer, []), "x"), null)));
    }

    [Fact]
    public void A_followed_interrupt_takes_305_ns_from_the_device_to_the_handler_at_textbook_costs()
    {
        Hop[] hops =
        [
            new(1_000_000, "eth0", "queue 0 raises", 0),
            new(1_100_000, "bus", "posted write", 100_000),
            new(1_150_000, "local APIC 0", "IRR bit 0x20 set", 50_000),
            new(1_155_000, "CPU 0", "instruction boundary", 5_000),
            new(1_205_000, "CPU 0", "IRR→ISR 0x20", 50_000),
            new(1_305_000, "CPU 0", "registers saved, irq_enter", 100_000),
        ];
        Assert.Equal(
            """

            followed eth0
              time us  place         cost ns  total ns  what
                1.000  eth0                          0  queue 0 raises
                1.100  bus               100       100  posted write
                1.150  local APIC 0       50       150  IRR bit 0x20 set
                1.155  CPU 0               5       155  instruction boundary
                1.205  CPU 0              50       205  IRR→ISR 0x20
                1.305  CPU 0             100       305  registers saved, irq_enter
              device to handler: 305 ns to the kernel's interrupt code, 410 ns to the driver's handler

            """, Print(page => HopsPart.Write(page, "eth0", hops, new HopSummary(1_000_000, 1_305_000, 1_410_000))));
    }

    [Fact]
    public void A_device_that_never_interrupted_has_nothing_to_follow() =>
        Assert.Equal("\nfollowed eth0: no interrupt came\n", Print(page => HopsPart.Write(page, "eth0", [], null)));

    [Fact]
    public void A_machine_of_512_cpus_still_fits_the_page()
    {
        RunReport large = SampleRuns.Quiet with
        {
            Cpus = [.. Enumerable.Range(0, 512).Select(cpu => SampleRuns.Cpu(cpu))],
            Interrupts = [SampleRuns.Quiet.Interrupts[0] with { PerCpu = new long[512] }, SampleRuns.Quiet.Interrupts[1] with { PerCpu = [5, .. new long[511]] }],
        };
        string text = Print(page => RunPage.Write(page, large, [], null));
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 120));
        Assert.Contains("480 CPUs less busy", text);
    }

    private static string Print(Action<Page> write)
    {
        var output = new StringWriter();
        var page = new Page(CommandLineRun.PlainTerminal(output));
        write(page);
        page.Print();
        return output.ToString();
    }
}
