using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// What a core drops (Hoiland-Jorgensen et al., CoNEXT 2018, one to three cores with a queue each): in an XDP program, and in the raw table of iptables. Fitted: the
/// one cost of scenarios/published/xdp2018.costs, on the first row.
/// </summary>
public class S12XdpDrop
{
    [Theory]
    [InlineData(1, 24_379_188)]
    [InlineData(2, 49_805_895)]
    [InlineData(3, 73_230_349)]
    public void Xdp_drops_at_the_published_rate_a_core(int cores, double published) =>
        Assert.InRange(Rate(cores, null), published * 0.95, published * 1.05);

    [Theory]
    [InlineData(1, 5_051_787)]
    [InlineData(2, 10_226_514)]
    [InlineData(3, 15_104_793)]
    public void The_stack_drops_at_the_published_rate_a_core(int cores, double published) => Assert.InRange(Rate(cores, "ip link set dev eth0 xdp off"), published * 0.95, published * 1.05);

    private static double Rate(int cores, string? command)
    {
        string path = TwinRuns.Shipped("scenarios/published/s12-xdp-drop.yaml");
        string yaml = File.ReadAllText(path).Replace("cores: 1", $"cores: {cores}", StringComparison.Ordinal).Replace("queues: 1", $"queues: {cores}", StringComparison.Ordinal);
        RunReport report = TwinRunner.Run(ScenarioFile.Parse(yaml, path), new RunOptions { Command = command });
        return report.Devices[0].RxPackets / report.SimulatedS;
    }
}
