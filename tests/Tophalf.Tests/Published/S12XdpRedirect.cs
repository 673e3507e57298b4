using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// XDP_REDIRECT to another card of 100 Gb/s (benchmark notes of "The eXpress Data Path", CoNEXT 2018: bench05_xdp_redirect, receive ring 256). Fitted: xdp_xmit of
/// scenarios/published/xdp2018.costs, on one core. With five and six cores the twin is 6 and 14 % too fast: there the caches that cores share were what limited, which it does not have.
/// </summary>
public class S12XdpRedirect
{
    [Theory]
    [InlineData(1, 8_641_197)]
    [InlineData(2, 16_742_325)]
    [InlineData(3, 25_738_189)]
    [InlineData(4, 34_185_239)]
    public void Cores_redirect_at_the_published_rate(int cores, double published)
    {
        RunReport report = Redirect(cores);
        Assert.InRange(report.Devices[1].TxPackets / report.SimulatedS, published * 0.95, published * 1.05);
        Assert.Equal(0, report.Devices[0].RedirectLost);
    }

    private static RunReport Redirect(int cores)
    {
        string path = TwinRuns.Shipped("scenarios/published/s12-xdp-redirect.yaml");
        string yaml = File.ReadAllText(path).Replace("cores: 1,", $"cores: {cores},", StringComparison.Ordinal).Replace("queues: 1,", $"queues: {cores},", StringComparison.Ordinal);
        return TwinRunner.Run(ScenarioFile.Parse(yaml, path), new RunOptions());
    }
}
