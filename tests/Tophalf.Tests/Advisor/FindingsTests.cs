using Tophalf.Advisor;
using Tophalf.Twin.Reports;
using Xunit;

namespace Tophalf.Tests.Advisor;

/// <summary>Every rule speaks when its figure is there and is silent when it is not.</summary>
public sealed class FindingsTests
{
    [Fact]
    public void A_machine_with_nothing_the_matter_gets_no_advice() => Assert.Empty(Findings.Of(SampleRuns.Quiet));

    [Theory]
    [InlineData("[    0.000002] Kernel panic - not syncing: NMI: Not continuing", "kernel-panic")]
    [InlineData("[   20.000002] watchdog: Watchdog detected hard LOCKUP on cpu 3", "hard-lockup")]
    [InlineData("[   24.000002] watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [swapper/3:0]", "soft-lockup")]
    [InlineData("[    0.000002] BUG: scheduling while atomic: swapper/0/0/0x00010002", "atomic-sleep")]
    public void What_the_kernel_itself_reports_is_passed_on_with_its_words(string message, string id)
    {
        Finding finding = Assert.Single(Findings.Of(SampleRuns.Quiet with { Log = [message, message] }));
        Assert.Equal((id, "dmesg: " + message), (finding.Id, Assert.Single(finding.Because)));
    }

    [Fact]
    public void A_flooded_core_is_told_what_is_lost_where_and_what_to_try_first()
    {
        Assert.Equal(
            """
            Error ring-drops: eth0 dropped 1,000,000 packets a second for want of a free descriptor, 33.33 % of those that came.
              because /proc/net/dev: eth0 receive drop 2,000,000 of 6,000,000 packets
              because /proc/interrupts: irq 24, queue 0 of eth0, is polled on CPU 0; its ring dropped 2,000,000
              because /proc/stat: CPU 0 busy 100.0 %, softirq 98.0 %
              try     ethtool -L eth0 combined 4
              try     ethtool -G eth0 rx 8192
            Warning one-core-carries-all: CPU 0 carries the interrupt work alone and is busy 100.0 %; 3 others could share it.
              because /proc/interrupts: CPU 0 took 4,000 of 4,000 device interrupts (100.0 %)
              because /proc/net/softnet_stat: CPU 0 processed 4,000,000 of 4,000,000 packets (100.0 %)
              because /proc/stat: CPU 0 hardirq 1.0 %, softirq 98.0 %; the others are busy 3.0 %
              try     ethtool -L eth0 combined 4
            Warning ksoftirqd-at-work: Softirqs on CPU 0 no longer end by themselves; ksoftirqd runs them between the tasks.
              because top: ksoftirqd/0 uses 95.0 % of CPU 0
              because /proc/stat: CPU 0 softirq 98.0 %, idle 0.0 %
              because /proc/net/softnet_stat: CPU 0 time_squeeze 9,000
              try     ethtool -L eth0 combined 4
            Warning budget-squeezed: The receive softirq on CPU 0 ran out of its budget 9,000 times with packets left.
              because /proc/net/softnet_stat: CPU 0 time_squeeze 9,000, 4,500 a second
              because /proc/stat: CPU 0 softirq 98.0 %
              try     echo 600 > /proc/sys/net/core/netdev_budget
              try     echo 8000 > /proc/sys/net/core/netdev_budget_usecs

            """,
            Print(Findings.Of(SampleRuns.Flooded)));
    }

    [Fact]
    public void A_busy_core_on_a_single_core_machine_has_nobody_to_share_with()
    {
        RunReport run = SampleRuns.Flooded with { Cpus = [SampleRuns.Flooded.Cpus[0]] };
        Assert.DoesNotContain(Findings.Of(run), finding => finding.Id == "one-core-carries-all");
    }

    [Fact]
    public void A_core_busy_with_a_task_of_its_own_does_not_carry_the_interrupts()
    {
        RunReport run = SampleRuns.Flooded with { Cpus = [SampleRuns.Cpu(0, user: 90, packets: 4_000_000), .. SampleRuns.Flooded.Cpus.Skip(1)] };
        Assert.DoesNotContain(Findings.Of(run), finding => finding.Id == "one-core-carries-all");
    }

    [Fact]
    public void Queues_that_all_interrupt_one_core_are_sent_to_the_others()
    {
        DeviceReport eth0 = SampleRuns.Eth0 with
        {
            Queues = [.. Enumerable.Range(0, 4).Select(queue => new QueueReport(queue, 24 + queue, 0, 50_000, 0, 10_000, 10_000))],
        };
        RunReport run = SampleRuns.Flooded with { Devices = [eth0] };
        Finding finding = Assert.Single(Findings.Of(run), finding => finding.Id == "one-core-carries-all");
        Assert.Equal(
            ["echo 1 > /proc/irq/25/smp_affinity_list", "echo 2 > /proc/irq/26/smp_affinity_list", "echo 3 > /proc/irq/27/smp_affinity_list"],
            finding.Try);
    }

    [Fact]
    public void A_burst_that_overran_the_ring_of_an_idle_core_wants_a_longer_ring_first()
    {
        RunReport run = SampleRuns.Quiet with { Devices = [SampleRuns.Eth0 with { RxDropped = 100 }] };
        Finding finding = Assert.Single(Findings.Of(run));
        Assert.Equal(("ring-drops", Severity.Warning, "ethtool -G eth0 rx 8192"), (finding.Id, finding.Severity, finding.Try[0]));
    }

    [Fact]
    public void Full_sockets_blame_the_receiving_tasks()
    {
        RunReport run = SampleRuns.Quiet with { Devices = [SampleRuns.Eth0 with { SocketDropped = 5_000 }] };
        Finding finding = Assert.Single(Findings.Of(run));
        Assert.Equal(
            ("socket-drops", "/proc/net/snmp: Udp RcvbufErrors 5,000, 2.5 % of 200,000 packets"), (finding.Id, finding.Because[0]));
    }

    [Theory]
    [InlineData(10.0, false)]
    [InlineData(10.1, true)]
    public void Ksoftirqd_is_worth_a_word_above_a_tenth_of_a_core(double ksoftirqdPct, bool found)
    {
        RunReport run = SampleRuns.Quiet with { Cpus = [SampleRuns.Quiet.Cpus[0] with { KsoftirqdPct = ksoftirqdPct }, .. SampleRuns.Quiet.Cpus.Skip(1)] };
        Assert.Equal(found, Findings.Of(run).Any(finding => finding.Id == "ksoftirqd-at-work"));
    }

    [Fact]
    public void A_few_squeezes_are_for_information_only()
    {
        RunReport run = SampleRuns.Quiet with { Cpus = [SampleRuns.Quiet.Cpus[0] with { TimeSqueeze = 3 }, .. SampleRuns.Quiet.Cpus.Skip(1)] };
        Finding finding = Assert.Single(Findings.Of(run));
        Assert.Equal(("budget-squeezed", Severity.Info), (finding.Id, finding.Severity));
    }

    [Theory]
    [InlineData(200_000, 160_000, 20, true)]
    [InlineData(200_000, 160_000, 10, false)] // a hardirq share nobody misses
    [InlineData(200_000, 100_000, 20, false)] // two packets each time
    [InlineData(110_000, 99_000, 20, false)] // too few to matter
    public void A_card_that_interrupts_for_every_packet_should_wait_a_little(long packets, long interrupts, double hardirqPct, bool found)
    {
        RunReport run = SampleRuns.Quiet with
        {
            Cpus = [SampleRuns.Cpu(0, hardirq: hardirqPct, packets: packets / 2), SampleRuns.Cpu(1, packets: packets / 2), SampleRuns.Cpu(2), SampleRuns.Cpu(3)],
            Devices = [SampleRuns.Eth0 with { RxPackets = packets, Interrupts = interrupts }],
        };
        Assert.Equal(found ? ["ethtool -C eth0 rx-usecs 50"] : [], Findings.Of(run).SelectMany(finding => finding.Try));
    }

    [Fact]
    public void A_line_that_nobody_cared_for_is_an_error_that_names_its_handlers()
    {
        RunReport run = SampleRuns.Quiet with
        {
            Interrupts = [new InterruptReport(11, "usb1, snd", "usb1", "IO-APIC", "fasteoi", "0-3", "0", [100_000, 0, 0, 0])],
            Log = ["[    1.250000] irq 11: nobody cared (try booting with the \"irqpoll\" option)"],
        };
        Finding finding = Assert.Single(Findings.Of(run));
        Assert.Equal(("unhandled-line", Severity.Error), (finding.Id, finding.Severity));
        Assert.Contains("usb1, snd", finding.Says);
        Assert.Equal("/proc/interrupts: irq 11 (usb1, snd) came 100,000 times", finding.Because[1]);
    }

    private static string Print(IEnumerable<Finding> findings)
    {
        var text = new StringWriter { NewLine = "\n" };
        foreach (Finding finding in findings)
        {
            text.WriteLine($"{finding.Severity} {finding.Id}: {finding.Says}");
            foreach (string because in finding.Because)
                text.WriteLine($"  because {because}");
            foreach (string remedy in finding.Try)
                text.WriteLine($"  try     {remedy}");
        }

        return text.ToString();
    }
}
