using Tophalf.Advisor;
using Tophalf.Advisor.Observations;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Xunit;

namespace Tophalf.Tests.Advisor;

/// <summary>Conditions made on the twin: the rule speaks there, is silent where the condition is not, and falls silent when its first command has been run.</summary>
public sealed class TwinConditionTests
{
    private const string Flood = "scenarios/core0-flood.yaml", Spread = "scenarios/spread.yaml";

    private const string Quiet = """
        machine: {cores: 4}
        devices:
          eth0: {model: ixgbe, queues: 4, rx-usecs: 20}
        workloads:
          - packets: {to: eth0, rate: 20kpps, flows: 64, app: none}
        run: 200ms
        """;

    private const string FourQueuesOnCpu0 = """
        machine: {cores: 4}
        devices:
          eth0: {model: ixgbe, queues: 4, rx-usecs: 20}
        workloads:
          - packets: {to: eth0, rate: 200kpps, flows: 64, app: none}
        tuning: |
          for q in 0 1 2 3; do
            irq=$(grep eth0-TxRx-$q /proc/interrupts | cut -d: -f1 | tr -d ' ')
            echo 0 > /proc/irq/$irq/smp_affinity_list
          done
        run: 200ms
        """;

    private const string UnevenTable = """
        machine: {cores: 4}
        devices:
          eth0: {model: ixgbe, queues: 4}
        workloads:
          - packets: {to: eth0, rate: 20kpps, app: none}
        tuning: |
          ethtool -X eth0 weight 8 1 1 1
        run: 100ms
        """;

    private const string BothThreadsOfACore = """
        machine: {cores: 4, threads: 2}
        devices:
          eth0: {model: ixgbe, queues: 2, rss-key: microsoft}
        workloads:
          - packets: {to: eth0, rate: 4Mpps, flows: 64, app: none}
        tuning: |
          a=$(grep eth0-TxRx-0 /proc/interrupts | cut -d: -f1 | tr -d ' ')
          b=$(grep eth0-TxRx-1 /proc/interrupts | cut -d: -f1 | tr -d ' ')
          echo 0 > /proc/irq/$a/smp_affinity_list
          echo 4 > /proc/irq/$b/smp_affinity_list
        run: 200ms
        """;

    private const string IsolatedCpu = """
        machine: {cores: 4, kernel: {cmdline: "isolcpus=2-3"}}
        devices:
          eth0: {model: ixgbe, queues: 1}
        workloads:
          - packets: {to: eth0, rate: 20kpps, app: none}
        tuning: |
          irq=$(grep eth0-TxRx-0 /proc/interrupts | cut -d: -f1 | tr -d ' ')
          echo 2 > /proc/irq/$irq/smp_affinity_list
        run: 100ms
        """;

    private const string MovedWhileQuiet = """
        machine: {cores: 2}
        devices:
          eth0: {model: ixgbe, queues: 1}
        tuning: |
          irq=$(grep eth0-TxRx-0 /proc/interrupts | cut -d: -f1 | tr -d ' ')
          at=$(cat /proc/irq/$irq/effective_affinity_list)
          echo $((1 - at)) > /proc/irq/$irq/smp_affinity_list
        run: 100ms
        """;

    private const string ManyVectors = """
        machine: {cores: 1}
        devices:
          card: {model: line, chip: msix, vectors: 190}
        run: 100ms
        """;

    private const string SharedWire = """
        machine: {cores: 2}
        devices:
          bus: {model: line, irq: 16, trigger: level, actions: [usb1, snd]}
        workloads:
          - interrupts: {to: bus, rate: 2000/s, arrivals: constant}
        run: 200ms
        """;

    private const string Storm = """
        machine: {cores: 2}
        devices:
          card: {model: line, chip: msix}
        workloads:
          - interrupts: {to: card, rate: 1000000/s, arrivals: constant}
        run: 100ms
        """;

    private const string SlowReceiver = """
        machine: {cores: 2}
        devices:
          eth0: {model: ixgbe, queues: 1}
        workloads:
          - packets: {to: eth0, rate: 100kpps, flows: 8, app: {threads: 1, cpus: "1", work: 50us}}
        run: 200ms
        """;

    private const string EveryPacketAnInterrupt = """
        machine: {cores: 4}
        devices:
          eth0: {model: mlx5, queues: 1, rx-usecs: 0, rx-frames: 0}
        workloads:
          - packets: {to: eth0, rate: 250kpps, arrivals: constant, app: none}
        run: 200ms
        """;

    private const string LonelyPackets = """
        machine: {cores: 4}
        devices:
          eth0: {model: mlx5, queues: 1, rx-usecs: 50, rx-frames: 0}
        workloads:
          - packets: {to: eth0, rate: 1kpps, arrivals: constant, app: none}
        run: 200ms
        """;

    /// <summary>Five full polls of 64 packets exceed the budget of 300; fewer queues end the round by themselves.</summary>
    private const string SixBusyCardsOneCpu = """
        machine: {cores: 1}
        devices:
          eth0: {model: ixgbe, queues: 1}
          eth1: {model: ixgbe, queues: 1}
          eth2: {model: ixgbe, queues: 1}
          eth3: {model: ixgbe, queues: 1}
          eth4: {model: ixgbe, queues: 1}
          eth5: {model: ixgbe, queues: 1}
        workloads:
          - packets: {to: eth0, rate: 1Mpps, app: none}
          - packets: {to: eth1, rate: 1Mpps, app: none}
          - packets: {to: eth2, rate: 1Mpps, app: none}
          - packets: {to: eth3, rate: 1Mpps, app: none}
          - packets: {to: eth4, rate: 1Mpps, app: none}
          - packets: {to: eth5, rate: 1Mpps, app: none}
        run: 100ms
        """;

    private const string SteeredToOneShortBacklog = """
        machine: {cores: 2}
        devices:
          eth0: {model: ixgbe, queues: 1}
        workloads:
          - packets: {to: eth0, rate: 1500kpps, flows: 64, app: none}
        tuning: |
          irq=$(grep eth0-TxRx-0 /proc/interrupts | cut -d: -f1 | tr -d ' ')
          echo 0 > /proc/irq/$irq/smp_affinity_list
          echo 2 > /sys/class/net/eth0/queues/rx-0/rps_cpus
          echo 10 > /proc/sys/net/core/netdev_max_backlog
        run: 50ms
        """;

    private const string BusyDisk = """
        machine: {cores: 2}
        devices:
          nvme0: {model: nvme}
        workloads:
          - interrupts: {to: nvme0, vector: 1, rate: 5000/s}
        run: 100ms
        """;

    private const string PollsInsteadOfIdling = """
        machine: {cores: 2, kernel: {cmdline: "idle=poll"}}
        devices:
          eth0: {model: ixgbe, queues: 1}
        run: 50ms
        """;

    private const string TaskAboveTheThread = """
        machine: {cores: 2, kernel: {cmdline: threadirqs}}
        devices:
          eth0: {model: ixgbe, queues: 1, rx-usecs: 20}
        workloads:
          - packets: {to: eth0, rate: 20kpps, flows: 8, app: none}
          - task: {name: control, cpus: "0", compute: 1ms, sleep: 1ms, policy: "fifo:60"}
        tuning: |
          irq=$(grep eth0-TxRx-0 /proc/interrupts | cut -d: -f1 | tr -d ' ')
          echo 0 > /proc/irq/$irq/smp_affinity_list
        run: 200ms
        """;

    private static readonly string TaskBelowTheThread = TaskAboveTheThread.Replace("fifo:60", "fifo:40", StringComparison.Ordinal);

    /// <summary>Gaps of 400 us on average, of which the governor knows nothing but the timer.</summary>
    private const string ShortSleeps = """
        machine: {cores: 2, idle: skylake-server}
        devices:
          card: {model: line, chip: msix}
        workloads:
          - interrupts: {to: card, rate: 2500/s, arrivals: poisson}
        run: 200ms
        """;

    private static readonly string LongSleeps = ShortSleeps.Replace("2500/s", "300/s", StringComparison.Ordinal);

    private const string CardWithOneQueue = """
        machine: {cores: 4, costs: guest}
        devices:
          eth0: {model: e1000e, rx-usecs: 0}
        workloads:
          - packets: {to: eth0, rate: line, flows: 64, app: none}
        run: 100ms
        """;

    /// <summary>Devices are on node 0, CPUs 2 and 3 on node 1.</summary>
    private const string FarNode = """
        machine: {sockets: 2, cores: 2}
        devices:
          eth0: {model: ixgbe, queues: 1, rx-usecs: 20}
        workloads:
          - packets: {to: eth0, rate: 100kpps, flows: 64, app: none}
        tuning: |
          irq=$(grep eth0-TxRx-0 /proc/interrupts | cut -d: -f1 | tr -d ' ')
          echo 2 > /proc/irq/$irq/smp_affinity_list
        run: 100ms
        """;

    private static readonly string NearNode = FarNode.Replace("echo 2 >", "echo 1 >", StringComparison.Ordinal);

    private const string StolenTime = """
        machine: {cores: 2, costs: guest, steal: 10%}
        workloads:
          - task: {name: hog, cpus: "0", busy: 80%}
        run: 1s
        """;

    private static readonly string OwnTime = StolenTime.Replace(", steal: 10%", "", StringComparison.Ordinal);

    /// <summary>Rule, scenario in which it speaks, and one in which it must not.</summary>
    public static TheoryData<string, string, string> Conditions => new()
    {
        { "ring-drops", Flood, Spread },
        { "one-core-carries-all", Flood, Spread },
        { "ksoftirqd-at-work", Flood, Spread },
        { "queues-below-possible", Flood, Spread },
        { "queues-on-one-cpu", FourQueuesOnCpu0, Quiet },
        { "rss-uneven", UnevenTable, Quiet },
        { "smt-siblings-share", BothThreadsOfACore, Quiet },
        { "isolated-cpu-interrupted", IsolatedCpu, Quiet },
        { "mask-not-in-force", MovedWhileQuiet, FourQueuesOnCpu0 },
        { "vectors-run-out", ManyVectors, Quiet },
        { "shared-line", SharedWire, Storm },
        { "interrupt-storm", Storm, SharedWire },
        { "socket-drops", SlowReceiver, Spread },
        { "interrupt-per-packet", EveryPacketAnInterrupt, Quiet },
        { "moderation-at-low-rate", LonelyPackets, Quiet },
        { "budget-squeezed", SixBusyCardsOneCpu, Quiet },
        { "backlog-drops", SteeredToOneShortBacklog, Quiet },
        { "managed-mask", BusyDisk, Quiet },
        { "nmi-watchdog-cost", IsolatedCpu, Quiet },
        { "polling-core", PollsInsteadOfIdling, Quiet },
        { "irq-thread-priority", TaskAboveTheThread, TaskBelowTheThread },
        { "idle-exits", ShortSleeps, LongSleeps },
        { "missing-feature", CardWithOneQueue, Quiet },
        { "far-numa-node", FarNode, NearNode },
        { "steal", StolenTime, OwnTime },
    };

    [Theory]
    [MemberData(nameof(Conditions))]
    public void A_rule_speaks_of_its_condition_and_is_silent_without_it(string rule, string condition, string without)
    {
        Assert.Contains(Twins.Of(condition), finding => finding.Id == rule);
        Assert.DoesNotContain(Twins.Of(without), finding => finding.Id == rule);
    }

    /// <summary>Rules whose first command takes the condition away on the twin.</summary>
    [Theory]
    [InlineData("ring-drops", Flood)]
    [InlineData("one-core-carries-all", Flood)]
    [InlineData("ksoftirqd-at-work", Flood)]
    [InlineData("queues-below-possible", Flood)]
    [InlineData("rss-uneven", UnevenTable)]
    [InlineData("isolated-cpu-interrupted", IsolatedCpu)]
    [InlineData("interrupt-per-packet", EveryPacketAnInterrupt)]
    [InlineData("moderation-at-low-rate", LonelyPackets)]
    [InlineData("nmi-watchdog-cost", IsolatedCpu)]
    [InlineData("idle-exits", ShortSleeps)]
    [InlineData("far-numa-node", FarNode)]
    public void What_a_finding_says_to_try_takes_it_away(string rule, string condition)
    {
        string remedy = Twins.Of(condition).First(finding => finding.Id == rule).Try[0];
        Assert.DoesNotContain(Twins.Of(condition, remedy), finding => finding.Id == rule);
    }

    [Fact]
    public void All_that_queues_on_one_cpu_says_to_try_takes_it_away()
    {
        Finding finding = Twins.Of(FourQueuesOnCpu0).First(finding => finding.Id == "queues-on-one-cpu");
        Assert.Equal(3, finding.Try.Count);
        Assert.DoesNotContain(Twins.Of(FourQueuesOnCpu0, string.Join("\n", finding.Try)), other => other.Id == finding.Id);
    }

    /// <summary>Commands the twin's shell has; others are for other machines' programs, or sentences.</summary>
    private static readonly string[] s_commands = ["echo ", "ethtool ", "cat ", "dmesg"];

    [Theory]
    [MemberData(nameof(Conditions))]
    public void Every_command_to_try_is_one_the_machine_takes(string rule, string condition, string without)
    {
        Assert.NotEqual(condition, without);
        TwinMachine machine = MachineBuilder.Build(Twins.Load(condition), seed: 1, exact: false);
        TwinRunner.Tune(machine, null);
        foreach (string remedy in Twins.Of(condition).Where(finding => finding.Id == rule).SelectMany(finding => finding.Try))
        {
            if (s_commands.Any(command => remedy.StartsWith(command, StringComparison.Ordinal)))
                Assert.Equal(("", 0, remedy), (machine.Run(remedy).Error, machine.Run(remedy).Status & ~80, remedy));
        }
    }

    /// <summary>Watched from the middle of it: ksoftirqd has to want to run at both moments.</summary>
    [Theory]
    [InlineData("fifo:50", true)]
    [InlineData("fair", false)]
    public void Ksoftirqd_behind_a_real_time_task_is_starved_and_beside_an_ordinary_one_is_not(string policy, bool found)
    {
        TwinMachine machine = TwinRuns.Machine(
            $$"""
            machine: {cores: 2}
            devices:
              eth0: {model: ixgbe, queues: 1}
            workloads:
              - packets: {to: eth0, rate: 3Mpps, flows: 8, app: none}
              - task: {name: control, cpus: "0", busy: 100%, policy: "{{policy}}"}
            tuning: |
              irq=$(grep eth0-TxRx-0 /proc/interrupts | cut -d: -f1 | tr -d ' ')
              echo 0 > /proc/irq/$irq/smp_affinity_list
            run: 1s
            """);
        machine.Sleep(50_000_000);
        Assert.Equal(found, Doctor.Examine(Observer.Watch(machine, 100_000_000)).Findings.Any(finding => finding.Id == "ksoftirqd-starved"));
    }

    /// <summary>Net DIM decides every 64 interrupts, by differences of a tenth: at 20 000 packets a second chance alone makes as much, and it wanders over its profiles.</summary>
    [Theory]
    [InlineData("20kpps", null, true)]
    [InlineData("20kpps", "ethtool -C eth0 adaptive-rx off rx-usecs 50", false)]
    [InlineData("200kpps", null, false)]
    public void Adaptive_moderation_wanders_where_chance_looks_like_a_change_of_traffic(string rate, string? remedy, bool found)
    {
        TwinMachine machine = TwinRuns.Machine(
            $$"""
            machine: {cores: 2}
            devices:
              eth0: {model: mlx5, queues: 1}
            workloads:
              - packets: {to: eth0, rate: {{rate}}, size: 64, flows: 64, arrivals: poisson, app: none}
            run: 1s
            """, seed: 3);
        if (remedy is not null) Assert.Equal(0, machine.Run(remedy).Status);
        Assert.Equal(found, Doctor.Examine(Observer.Watch(machine, 1_000_000_000)).Findings.Any(finding => finding.Id == "adaptive-oscillates"));
    }

    [Fact]
    public void A_machine_with_nothing_the_matter_gets_no_advice() => Assert.Empty(Twins.Of(Quiet));
}
