using Tophalf.Advisor;
using Tophalf.Advisor.Observations;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Advisor;

/// <summary>Conditions drawn into a capture: those that the twin has no parts for, and the thresholds of others.</summary>
public sealed class CaptureConditionTests
{
    private const string Irqbalance = "irqbalance", MaskModes = "ls -l /proc/irq/*/smp_affinity", Cpuidle = "/sys/devices/system/cpu/cpu0/cpuidle";

    private static bool Finds(string rule, Sketch sketch) => sketch.Diagnose().Findings.Any(finding => finding.Id == rule);

    [Fact]
    public void A_quiet_machine_gets_no_advice()
    {
        Sketch quiet = new Sketch().Line(24, "eth0-TxRx-0", [100, 0, 0, 0], "0").Line(25, "eth0-TxRx-1", [0, 100, 0, 0], "1").Interface("eth0", 1000).Row("ERR", 0).Row("MIS", 0);
        Assert.Empty(quiet.Diagnose().Findings);
    }

    [Theory]
    [InlineData("irq 18: nobody cared (try booting with the \"irqpoll\" option)", true)]
    [InlineData("irq 18: request_irq failed", false)]
    public void A_line_the_kernel_turned_off_is_an_error_that_names_its_handlers(string message, bool found)
    {
        Sketch sketch = new Sketch().Line(18, "ata_piix, uhci_hcd", [5, 0, 0, 0], "0-3").Command("dmesg", $"[    1.250000] {message}\n");
        Assert.Equal(found, Finds("unhandled-line", sketch));
        if (found)
            Assert.Contains("ata_piix, uhci_hcd", sketch.Finding("unhandled-line").Says);
    }

    [Theory]
    [InlineData("400 300", "380 290", true)]
    [InlineData("400 300", "380 300", false)] // handled ones only
    public void Unhandled_interrupts_that_grow_are_found_before_the_kernel_cuts_the_line(string now, string then, bool found) =>
        Assert.Equal(found, Finds("unhandled-growing", new Sketch().Line(16, "snd", [20, 0, 0, 0], "0", spurious: now, then: then)));

    [Theory]
    [InlineData(0x50, true)]
    [InlineData(0, false)]
    public void A_full_backlog_is_an_error_with_a_longer_one_to_try(int dropped, bool found)
    {
        static string Softnet(int dropped) => string.Concat(Enumerable.Range(0, 4).Select(cpu =>
            $"00001000 {(cpu == 1 ? dropped : 0):x8} 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 {cpu:x8}\n"));
        Sketch sketch = new Sketch().File("/proc/net/softnet_stat", Softnet(0), Softnet(dropped)).File("/proc/sys/net/core/netdev_max_backlog", "1000\n");
        Assert.Equal(found, Finds("backlog-drops", sketch));
        if (found)
            Assert.Equal("echo 4000 > /proc/sys/net/core/netdev_max_backlog", sketch.Finding("backlog-drops").Try[0]);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(8, false)]
    public void More_queues_than_processors_are_a_few_too_many(int cpus, bool found)
    {
        var sketch = new Sketch(cpus);
        for (int queue = 0; queue < 8; queue++)
            sketch.Line(24 + queue, $"eth0-TxRx-{queue}", [.. Enumerable.Repeat(10L, cpus)], $"{queue % cpus}");
        Assert.Equal(found, Finds("queues-above-cpus", sketch));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(2, false)]
    public void A_line_on_the_far_node_is_sent_home(int cpu, bool found)
    {
        long[] counts = new long[4];
        counts[cpu] = 5000;
        Sketch sketch = new Sketch().Line(24, "nvme0q1", counts, $"{cpu}", node: 1)
            .File("/sys/devices/system/node/node0/cpulist", "0-1\n").File("/sys/devices/system/node/node1/cpulist", "2-3\n");
        Assert.Equal(found, Finds("far-numa-node", sketch));
        if (found)
            Assert.Equal(["echo 2 > /proc/irq/24/smp_affinity_list"], sketch.Finding("far-numa-node").Try);
    }

    [Theory]
    [InlineData(50, true)]
    [InlineData(0, false)]
    public void A_driver_that_ignores_the_mask_is_told_from_a_line_that_waits_for_its_next_interrupt(long outside, bool found)
    {
        Sketch sketch = new Sketch().Line(24, "iavf-eth0-TxRx-0", [0, 0, outside, found ? 0 : 50], affinity: "3", effective: "3");
        Assert.Equal(found, Finds("mask-not-in-force", sketch));
        if (found)
            Assert.Equal(Severity.Warning, sketch.Finding("mask-not-in-force").Severity);
    }

    [Theory]
    [InlineData("-r--r--r--", true)]
    [InlineData("-rw-r--r--", false)]
    public void A_busy_line_whose_mask_nobody_may_write_is_worth_knowing(string mode, bool found) => Assert.Equal(found, Finds(
        "managed-mask", new Sketch().Line(36, "virtio1-req.0", [5000, 0, 0, 0], "0-3").Command(MaskModes, $"{mode} 1 root root 0 Nov 21 00:58 /proc/irq/36/smp_affinity\n")));

    [Theory]
    [InlineData("tuned", true)]
    [InlineData("sshd", false)]
    public void Two_writers_of_masks_are_one_too_many(string other, bool found) =>
        Assert.Equal(found, Finds("several-mask-owners", new Sketch().Task(700, Irqbalance).Task(701, other)));

    [Theory]
    [InlineData(Irqbalance, "1", true)]
    [InlineData(Irqbalance, "0", false)]
    [InlineData("sshd", "1", false)]
    public void A_mask_rewritten_while_irqbalance_runs_is_noticed(string task, string now, bool found) =>
        Assert.Equal(found, Finds("irqbalance-fights-pins", new Sketch().Task(700, task).Line(24, "eth0-TxRx-0", [0, 0, 0, 0], affinity: now, before: "0")));

    [Fact]
    public void Queues_pinned_in_order_while_irqbalance_runs_will_not_stay()
    {
        Sketch sketch = new Sketch().Task(700, Irqbalance);
        for (int queue = 0; queue < 4; queue++)
            sketch.Line(24 + queue, $"eth0-TxRx-{queue}", [1, 1, 1, 1], $"{queue}");
        Assert.Contains("--banirq=24 --banirq=25 --banirq=26 --banirq=27", sketch.Finding("irqbalance-fights-pins").Try[0]);
    }

    [Theory]
    [InlineData("pci=nomsi", "", "the kernel was booted without them")]
    [InlineData("quiet", "[    0.1] ACPI FADT declares the system doesn't support MSI, so disable it\n", "the firmware declares that the board has none")]
    [InlineData("quiet", "", "the adapter or its driver has none")]
    public void A_card_on_a_wire_is_told_which_layer_lacks_messages(string cmdline, string log, string layer)
    {
        Sketch sketch = new Sketch().Line(11, "eth0", [5000, 0, 0, 0], "0", chip: "IO-APIC").Interface("eth0", 5000).File("/proc/cmdline", cmdline + "\n").Command("dmesg", log);
        Assert.Contains(layer, sketch.Finding("missing-feature").Says);
    }

    [Fact]
    public void A_card_with_messages_lacks_nothing() =>
        Assert.False(Finds("missing-feature", new Sketch().Line(24, "eth0", [5000, 0, 0, 0], "0").Interface("eth0", 5000)));

    [Theory]
    [InlineData(1, 80, true)]
    [InlineData(4, 80, false)] // the setting is what lacks, and another rule says so
    [InlineData(1, 10, false)]
    public void A_card_with_a_single_queue_is_spread_in_software(int most, long softirq, bool found)
    {
        Sketch sketch = new Sketch().Line(24, "eth0", [5000, 0, 0, 0], "0").Interface("eth0", 50_000).Cpu(0, softirq: softirq).Command(
            "ethtool -l eth0", $"Channel parameters for eth0:\nPre-set maximums:\nRX:\t\tn/a\nCombined:\t{most}\nCurrent hardware settings:\nRX:\t\tn/a\nCombined:\t1\n");
        Assert.Equal(found, Finds("missing-feature", sketch));
        if (found)
            Assert.Contains("echo e > /sys/class/net/eth0/queues/rx-0/rps_cpus", sketch.Finding("missing-feature").Try[0]);
    }

    [Theory]
    [InlineData(50, 'R', true)]
    [InlineData(50, 'S', false)] // it has nothing to do
    [InlineData(0, 'R', false)] // an ordinary task takes turns with it
    public void Ksoftirqd_that_a_real_time_task_keeps_waiting_is_an_error(int priority, char state, bool found)
    {
        Sketch sketch = new Sketch().Task(15, "ksoftirqd/0", ticks: 1, cpu: 0, state: state, isKernel: true).Task(800, "control", ticks: 95, cpu: 0, policy: priority > 0 ? 1 : 0, priority: priority);
        Assert.Equal(found, Finds("ksoftirqd-starved", sketch));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(40, false)]
    public void A_task_above_the_interrupt_thread_of_its_processor_makes_the_device_wait(int priority, bool found)
    {
        Sketch sketch = new Sketch().Task(90, "irq/24-eth0", cpu: 1, policy: 1, priority: 50, isKernel: true).Task(800, "control", ticks: 60, cpu: 1, policy: 1, priority: priority);
        Assert.Equal(found, Finds("irq-thread-priority", sketch));
    }

    [Theory]
    [InlineData(new[] { 0.1, 0.9, 0.1, 0.9, 0.1, 0.9 }, true)]
    [InlineData(new[] { 0.1, 0.2, 0.4, 0.8, 0.9, 0.9 }, false)] // it settles
    [InlineData(new[] { 0.5, 0.52, 0.5, 0.49, 0.5, 0.5 }, false)]
    public void Moderation_that_swings_under_steady_traffic_is_found(double[] interruptsPerPacket, bool found)
    {
        Observation seen = new Sketch().Line(24, "eth0-TxRx-0", [5000, 0, 0, 0], "0").Interface("eth0", 10_000)
            .Command("ethtool -c eth0", "Coalesce parameters for eth0:\nAdaptive RX: on  TX: off\nrx-usecs: 20\n").See();
        var samples = new List<TrafficSample>();
        long interrupts = 0;
        for (int i = 0; i <= interruptsPerPacket.Length; i++)
        {
            samples.Add(new TrafficSample(i * 100_000_000L, new Dictionary<int, long> { [24] = interrupts }, new Dictionary<string, long> { ["eth0"] = i * 1000L }));
            interrupts += i < interruptsPerPacket.Length ? (long)(interruptsPerPacket[i] * 1000) : 0;
        }
        Assert.Equal(found, Doctor.Examine(seen with { Samples = samples }).Findings.Any(finding => finding.Id == "adaptive-oscillates"));
    }

    [Theory]
    [InlineData("ERR", "apic-errors")]
    [InlineData("MIS", "level-as-edge")]
    public void A_row_that_should_stay_at_zero_grows(string row, string rule)
    {
        Assert.True(Finds(rule, new Sketch().Row(row, 3)));
        Assert.False(Finds(rule, new Sketch().Row(row, 0)));
    }

    [Fact]
    public void Spurious_vectors_are_summed_over_the_processors()
    {
        Assert.Contains("3 spurious APIC interrupts", new Sketch().Row("SPU", 1, 2, 0, 0).Finding("spurious-vectors").Says);
        Assert.False(Finds("spurious-vectors", new Sketch().Row("SPU", 0, 0, 0, 0)));
    }

    [Theory]
    [InlineData("1", "2-3", true)]
    [InlineData("1", "", false)]
    [InlineData("0", "2-3", false)]
    public void The_watchdogs_nmi_matters_on_isolated_processors(string isOn, string isolated, bool found)
    {
        Sketch sketch = new Sketch().Row("NMI", 0, 0, 1, 0).File("/proc/sys/kernel/nmi_watchdog", isOn + "\n").File("/sys/devices/system/cpu/isolated", isolated + "\n");
        Assert.Equal(found, Finds("nmi-watchdog-cost", sketch));
    }

    [Theory]
    [InlineData(40_000, true)] // 40 us each in a state that wants 600
    [InlineData(900_000, false)]
    public void A_deep_sleep_too_short_to_pay_is_found(long timeUs, bool found)
    {
        Sketch sketch = new Sketch().File($"{Cpuidle}/state0/name", "C6\n").File($"{Cpuidle}/state0/latency", "133\n").File($"{Cpuidle}/state0/residency", "600\n")
            .File($"{Cpuidle}/state0/usage", "0\n", "1000\n").File($"{Cpuidle}/state0/time", "0\n", $"{timeUs}\n");
        Assert.Equal(found, Finds("idle-exits", sketch));
    }

    [Theory]
    [InlineData("lcore-worker-2", 99, true)]
    [InlineData("lcore-worker-2", 20, false)] // its interrupt mode
    [InlineData("compiler", 99, false)]
    public void A_core_that_polls_is_told_from_one_that_works(string task, long ticks, bool found) =>
        Assert.Equal(found, Finds("polling-core", new Sketch().Task(900, task, ticks, cpu: 2)));

    [Theory]
    [InlineData("quiet idle=poll", true)]
    [InlineData("quiet", false)]
    public void A_kernel_booted_to_poll_burns_every_core(string cmdline, bool found) => Assert.Equal(found, Finds("polling-core", new Sketch().File("/proc/cmdline", cmdline + "\n")));

    [Theory]
    [InlineData("CPU 0/KVM", "N", true)]
    [InlineData("CPU 0/KVM", "Y", false)]
    [InlineData("sshd", "N", false)]
    public void Guests_on_a_host_without_posted_interrupts_pay_by_exits(string task, string apicv, bool found) =>
        Assert.Equal(found, Finds("no-posted-interrupts", new Sketch().Task(900, task).File("/sys/module/kvm_intel/parameters/enable_apicv", apicv + "\n")));

    [Theory]
    [InlineData(12, Severity.Warning)]
    [InlineData(3, Severity.Info)]
    [InlineData(1, null)]
    public void Time_the_host_took_away_is_told_by_how_much(long ticks, Severity? severity) =>
        Assert.Equal(severity, new Sketch().Cpu(1, user: 20, steal: ticks).Diagnose().Findings.FirstOrDefault(finding => finding.Id == "steal")?.Severity);
}
