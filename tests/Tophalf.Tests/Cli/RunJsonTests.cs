using System.Text.Json;
using Tophalf.Cli.Run;
using Tophalf.Cli.Text;
using Tophalf.Tests.Advisor;
using Xunit;

namespace Tophalf.Tests.Cli;

/// <summary>A run as programs see it: the keys scripts rely on.</summary>
public sealed class RunJsonTests
{
    [Fact]
    public void A_run_has_the_keys_that_were_promised()
    {
        JsonElement run = Parse(JsonText.Of(json => RunJson.Write(json, SampleRuns.FloodedRun)));
        AssertHas(run, "seed", "simulated_s", "wall_s", "costs", "interrupts", "cpus", "devices", "findings");
        AssertHas(run.GetProperty("interrupts")[0], "irq", "name", "device", "chip", "per_cpu");
        AssertHas(run.GetProperty("cpus")[0], "cpu", "user_pct", "system_pct", "hardirq_pct", "softirq_pct", "idle_pct");
        AssertHas(run.GetProperty("devices")[0], "name", "rx_packets", "rx_dropped", "tx_packets", "interrupts", "latency_us");
        AssertHas(run.GetProperty("devices")[0].GetProperty("latency_us"), "p50", "p99", "p999", "max");
        AssertHas(run.GetProperty("findings")[0], "id", "severity", "says", "because", "try");
        Assert.Equal("error", run.GetProperty("findings")[0].GetProperty("severity").GetString());
    }

    [Fact]
    public void A_comparison_holds_both_runs_and_the_changed_less_the_base()
    {
        var comparison = new Comparison(SampleRuns.FloodedRun, SampleRuns.QuietRun, "ethtool -L eth0 combined 2");
        JsonElement both = Parse(JsonText.Of(json => ComparisonJson.Write(json, comparison)));
        AssertHas(both, "command", "base", "changed", "difference");
        JsonElement device = both.GetProperty("difference").GetProperty("devices")[0];
        Assert.Equal(-2_000_000, device.GetProperty("rx_dropped").GetInt64());
        Assert.Equal(-227.5, device.GetProperty("latency_us").GetProperty("p50").GetDouble());
        Assert.Equal(18_000, device.GetProperty("interrupts_per_s").GetDouble());
        Assert.Equal(-0.87, both.GetProperty("difference").GetProperty("cores").GetProperty("softirq").GetDouble());
    }

    [Fact]
    public void A_figure_that_is_no_number_becomes_null()
    {
        string text = JsonText.Of(json => RunJson.Write(json, SampleRuns.QuietRun with { Report = SampleRuns.Quiet with { SimulatedS = double.NaN } }));
        Assert.Equal(JsonValueKind.Null, Parse(text).GetProperty("simulated_s").ValueKind);
    }

    private static JsonElement Parse(string text) => JsonDocument.Parse(text).RootElement;

    private static void AssertHas(JsonElement element, params string[] keys) =>
        Assert.All(keys, key => Assert.True(element.TryGetProperty(key, out _), $"no key {key}"));
}
