using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Tests.Twin.Captures;
using Tophalf.Tests.Twin.Scenarios;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Twin;

/// <summary>What a machine cannot have or a command cannot do is said with its place in the file and what to write instead.</summary>
public class BadRunTests
{
    private static string Message(string yaml, RunOptions? options = null) => Assert.Throws<TuningException>(() => TwinRuns.Run(yaml, options)).Message;

    [Fact]
    public void An_unknown_command_in_tuning_is_reported_at_its_line_as_sh_does()
    {
        Assert.Equal(
            "test.yaml:4:1: sh: etohtool: not found (status 127); write a command the twin's shell knows: echo, cat, grep, ethtool …",
            Message("machine: {cores: 1}\ntuning: |\n  echo good\n  etohtool -C eth0 rx-usecs 5\nrun: 1ms\n"));
    }

    [Fact]
    public void An_impossible_mask_is_refused_by_the_kernel()
    {
        Assert.Equal(
            "test.yaml:6:1: sh: write error: Invalid argument (status 1); look at its usage, or try it by hand with tophalf sh",
            Message("machine: {cores: 2}\ndevices:\n  eth0: {model: ixgbe}\n\ntuning: |\n  echo 0 > /proc/irq/24/smp_affinity\n"));
    }

    [Fact]
    public void A_command_of_the_caller_is_reported_without_a_place() => Assert.Equal(
        "'ethtool -L eth9 combined 2': netlink error: no device matches name (offset 24), netlink error: No such device (status 1); look at its usage, or try it by hand with tophalf sh",
        Message("machine: {cores: 1}\n", new RunOptions { Command = "ethtool -L eth9 combined 2" }));

    [Fact]
    public void More_queues_than_cpus_are_too_many_for_most_drivers() => Assert.Equal(
        "test.yaml:3:32: eth0: 8 queues, but ixgbe makes one per CPU and the machine has 4; write 1 to 4",
        Message("machine: {cores: 4}\ndevices:\n  eth0: {model: ixgbe, queues: 8}\n"));

    [Fact]
    public void A_driver_says_what_it_takes_where_a_moderation_is_refused() => Assert.Equal(
        "test.yaml:3:34: eth0: Invalid argument; ixgbe takes rx-usecs, times 0, 1 and 2 to 1022",
        Message("machine: {cores: 4}\ndevices:\n  eth0: {model: ixgbe, rx-usecs: 5000}\n"));

    [Fact]
    public void An_unknown_cost_set_is_answered_with_the_known_ones() => Assert.Equal(
        "test.yaml:1:28: there is no cost set 'laptop'; write one of guest, guest-nested, livelock1996, server-3ghz, textbook, or put laptop.costs beside the scenario",
        Message("machine: {cores: 4, costs: laptop}\n"));

    [Fact]
    public void Vectors_run_out_where_many_queues_meet_few_cpus()
    {
        string devices = string.Concat(Enumerable.Range(0, 4).Select(i => $"  eth{i}: {{model: virtio-net, queues: 32}}\n"));
        string message = Message($"machine: {{cores: 1}}\ndevices:\n{devices}");
        Assert.Matches(
            @"^test\.yaml:6:37: eth3: request_irq\(\d+, ""virtio3-(in|out)put\.\d+""\) failed: No space left on device; "
            + @"no vectors are left on these CPUs: give the devices fewer queues, or the machine more CPUs$", message);
    }

    [Fact]
    public void A_second_cpu_has_vectors_for_them()
    {
        string devices = string.Concat(Enumerable.Range(0, 4).Select(i => $"  eth{i}: {{model: virtio-net, queues: 32}}\n"));
        RunReport report = TwinRuns.Run($"machine: {{cores: 2}}\ndevices:\n{devices}run: 1ms\n");
        Assert.Equal(4 * 65 + 1, report.Interrupts.Count);
    }

    [Fact]
    public void To_follow_nothing_that_is_there_is_answered_with_what_is() => Assert.Equal(
        "--follow eth1: no such device or interrupt handler; write one of eth0, timer, eth0-TxRx-0",
        Message("machine: {cores: 1}\ndevices:\n  eth0: {model: ixgbe}\n", new RunOptions { Follow = "eth1" }));

    [Fact]
    public void A_capture_cut_in_the_middle_is_refused_unless_asked_for()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = WholeCaptures.All[0];
        string pcap = folder.Write("trace.pcap", whole.AsSpan(0, whole.Length - 7));
        string Yaml(string more) => $"machine: {{cores: 1}}\ndevices:\n  eth0: {{model: ixgbe}}\nworkloads:\n  - pcap: {{to: eth0, file: {pcap}, app: none{more}}}\nrun: 50ms\n";

        string message = Message(Yaml(""));
        Assert.StartsWith($"{pcap}: ", message);
        Assert.EndsWith("; write 'cut: use' in the workload at test.yaml:5 to replay them", message);
        Assert.True(TwinRuns.Run(Yaml(", cut: use")).Devices[0].RxPackets > 0);
    }
}
