using System.Text.RegularExpressions;
using Tophalf.Tests.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>The command run from its arguments to its output, on a small scenario.</summary>
public sealed partial class RunCommandTests
{
    private static ReadOnlySpan<byte> SmallScenario => """
        machine: {cores: 2, costs: textbook}
        devices:
          eth0: {model: ixgbe, link: 10Gb/s, queues: 1, rx-usecs: 0}
        workloads:
          - packets: {to: eth0, rate: 100kpps, size: 64, flows: 4, arrivals: constant, app: none}
        tuning: |
          echo 1 > /proc/irq/24/smp_affinity
        run: 10ms
        """u8;

    [Fact]
    public void The_same_scenario_and_seed_print_the_same_bytes()
    {
        string first = Run("--json", "--seed", "3"), second = Run("--json", "--seed", "3");
        Assert.Equal(WithoutWallTime(first), WithoutWallTime(second));
        Assert.Contains("\"seed\": 3,", first);
    }

    [Fact]
    public void Every_packet_its_own_event_prints_the_same_bytes_too() =>
        Assert.Equal(WithoutWallTime(Run("--json")), WithoutWallTime(Run("--json", "--exact")));

    [Fact]
    public void A_run_names_its_seed_and_costs_first_and_last()
    {
        string text = Run("--for", "5ms", "--seed", "9");
        Assert.Contains(", seed 9, costs textbook, 5 ms\n", text.Split("\n\n")[0] + "\n");
        Assert.Matches(@"\nseed 9 · simulated 5 ms in \d+\.\d\d s\n\z", text);
    }

    [Fact]
    public void A_followed_interrupt_reaches_its_handler_after_305_ns() =>
        Assert.Contains("device to handler: 305 ns to the kernel's", Run("--follow", "eth0"));

    [Fact]
    public void A_change_is_compared_with_what_was() =>
        Assert.Matches(@"interrupts +99,900/s +20,000/s +-80.0 %", Run("--vs", "ethtool -C eth0 rx-usecs 50"));

    [Fact]
    public void A_command_that_fails_ends_the_run_with_its_words()
    {
        using var folder = new TemporaryFolder();
        CommandLineRun run = CommandLineRun.Of("run", folder.Write("small.yaml", SmallScenario), "--vs", "ethtool -C eth1 rx-usecs 50");
        Assert.Equal(2, run.Status);
        Assert.StartsWith("tophalf: 'ethtool -C eth1 rx-usecs 50': ", run.Error);
    }

    private static string Run(params string[] options)
    {
        using var folder = new TemporaryFolder();
        CommandLineRun run = CommandLineRun.Of(["run", folder.Write("small.yaml", SmallScenario), .. options]);
        Assert.Equal((0, ""), (run.Status, run.Error));
        return run.Output;
    }

    private static string WithoutWallTime(string json) => ScenarioPath().Replace(WallTime().Replace(json, ""), "");

    [GeneratedRegex("\"wall_s\": [0-9.]+,")]
    private static partial Regex WallTime();

    [GeneratedRegex("\"scenario\": \".*\",")]
    private static partial Regex ScenarioPath();
}
