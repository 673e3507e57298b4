using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// Forwarding by a driver in user space that polls (ixy, raw data of ixy-languages): at a million packets a second latency is flat, p99 3.95 and p99.9 4.24 us on a median of 3.76;
/// at twenty million the median is 9.53 us. Fitted: the two costs of scenarios/published/ixy2019.costs.
/// </summary>
public class S18PolledForwarding
{
    [Fact]
    public void Polling_is_flat_at_low_load_and_two_to_three_times_slower_where_bursts_are_full()
    {
        LatencyReport low = Run("500kpps", "100ms"), high = Run("10Mpps", "20ms");
        Assert.InRange(low.P50, 3.76 * 0.95, 3.76 * 1.05);
        Assert.InRange(low.P99 / low.P50, 1, 1.15);
        Assert.InRange(low.P999 / low.P50, 1, 1.3);
        Assert.InRange(high.P50 / low.P50, 2, 3.5);
    }

    private static LatencyReport Run(string rate, string run)
    {
        string path = TwinRuns.Shipped("scenarios/published/s18-polled-forwarding.yaml");
        string yaml = File.ReadAllText(path).Replace("500kpps", rate, StringComparison.Ordinal).Replace("run: 100ms", $"run: {run}", StringComparison.Ordinal);
        RunReport report = TwinRunner.Run(ScenarioFile.Parse(yaml, path), new RunOptions());
        Assert.All(report.Devices, device => Assert.Equal(0, device.RxDropped));
        return report.Devices[0].Latency;
    }
}
