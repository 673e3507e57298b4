using System.Globalization;
using Tophalf.Cli;
using Tophalf.Simulation;
using Tophalf.Tests.Cli;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Docs;

/// <summary>What README and the pages show is what their commands print.</summary>
public class SampleTests
{
    [Fact]
    public void The_first_screen_of_the_readme()
    {
        const string command = "ethtool -L eth0 combined 8";
        string shown = Sample.Of(Page("README.md"), $"./tophalf run scenarios/core0-flood.yaml --vs '{command}'");
        Sample.Resembles(shown, Printed("scenarios/core0-flood.yaml", command));
    }

    [Fact]
    public void Where_the_time_went()
    {
        string printed = Printed("scenarios/late-thread.yaml", null);
        string tail = printed[printed.IndexOf("tasks, and from", StringComparison.Ordinal)..printed.IndexOf("\nfindings", StringComparison.Ordinal)];
        Sample.Resembles(Sample.Of(Page("docs/scheduling.md"), "`tophalf run scenarios/late-thread.yaml` ends with:"), tail);
    }

    [Theory]
    [InlineData(null, "as it is")]
    [InlineData("echo f > /sys/class/net/eth0/queues/rx-0/rps_cpus", "rps_cpus`")]
    [InlineData("echo 1 > /sys/class/net/eth0/threaded", "threaded`")]
    [InlineData("echo 20000 > /sys/class/net/eth0/gro_flush_timeout; echo 100 > /sys/class/net/eth0/napi_defer_hard_irqs", "napi_defer_hard_irqs`")]
    public void One_queue_and_what_steering_does_to_it(string? command, string row)
    {
        RunReport report = Run("scenarios/one-queue.yaml", command);
        DeviceReport card = report.Devices[0];
        string[] cells = Row("| command | p50 | p99 | lost |", row);
        AssertAgree([cells[1], cells[2], cells[3], cells[5]], [card.Latency.P50, card.Latency.P99, card.SocketDropped + card.RxDropped, card.Interrupts / report.SimulatedS]);
    }

    [Theory]
    [InlineData(null, "| on cores of their own")]
    [InlineData("for i in $(grep eth0v /proc/interrupts | cut -d: -f1); do echo 0-1 > /proc/irq/$i/smp_affinity_list; done", "| on the same two cores")]
    public void Two_tenants_on_one_card(string? command, string row)
    {
        LatencyReport latency = Run("scenarios/tenants.yaml", command).Devices.Single(device => device.Name == "eth0v0").Latency;
        AssertAgree(Row("| interrupts of eth0v0 and eth0v1 |", row)[1..3], [latency.P50, latency.P99]);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("ethtool -C eth0 adaptive-rx on", 2)]
    public void Adaptive_moderation_where_nobody_waits(string? command, int column)
    {
        RunReport report = Run("scenarios/coalesce.yaml", command, 500 * SimTime.Millisecond);
        string Cell(string row) => Row("| | rx-usecs 0 | adaptive |", row)[column];

        AssertAgree([Cell("| interrupts a second"), Cell("| latency, median")], [report.Devices[0].Interrupts / report.SimulatedS, report.Devices[0].Latency.P50]);
    }

    private static void AssertAgree(string[] cells, double[] figures) =>
        Assert.All(cells.Zip(figures), pair => Assert.True(Sample.Agree(Number(pair.First), pair.Second), FormattableString.Invariant($"the page says {pair.First}, the twin {pair.Second}")));

    private static double Number(string cell) => double.Parse(cell.Replace(" us", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    private static string Page(string path) => File.ReadAllText(TwinRuns.Shipped(path));

    /// <summary>The cells of a row of one of network.md's tables, found by what its first cell says.</summary>
    private static string[] Row(string table, string says)
    {
        string page = Page("docs/network.md");
        string rows = page[page.IndexOf(table, StringComparison.Ordinal)..];
        string row = rows.Split('\n').First(line => line.Contains(says, StringComparison.Ordinal));
        return [.. row.Split('|')[1..^1].Select(cell => cell.Trim())];
    }

    private static RunReport Run(string scenario, string? command, long? forPs = null) =>
        TwinRunner.Run(ScenarioFile.Load(TwinRuns.Shipped(scenario)), new RunOptions { Command = command, ForPs = forPs });

    private static string Printed(string scenario, string? command)
    {
        var output = new StringWriter();
        string[] vs = command is null ? [] : ["--vs", command];
        CommandLine.Run(["run", TwinRuns.Shipped(scenario), .. vs], CommandLineRun.PlainTerminal(output));
        return output.ToString().Replace(TwinRuns.Shipped(scenario), scenario, StringComparison.Ordinal);
    }
}
