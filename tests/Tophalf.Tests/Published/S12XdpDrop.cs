using System.Globalization;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// XDP on a 100 Gb/s card (Hoiland-Jorgensen et al., CoNEXT 2018): what cores drop in a program and in the raw table of iptables, up to what the card's bus carries; how busy one core is
/// at lower rates; and how long a packet takes that is sent back. Fitted: the costs of scenarios/published/xdp2018.costs, on what one core drops at most and on two loads.
/// </summary>
public class S12XdpDrop
{
    private static readonly (double Mpps, double BusyPct)[] s_published =
        [(0.25, 7.0), (0.5, 11.7), (1, 19.6), (2, 28.9), (3, 35.2), (5, 47.3), (10, 62.4), (15, 74.7), (20, 91.8), (24.8, 100)];

    [Theory]
    [InlineData(1, 24_379_188)]
    [InlineData(2, 49_805_895)]
    [InlineData(3, 73_230_349)]
    public void Xdp_drops_at_the_published_rate_a_core(int cores, double published) =>
        Assert.InRange(Rate(Drop(cores)), published * 0.95, published * 1.05);

    [Theory]
    [InlineData(1, 5_051_787)]
    [InlineData(2, 10_226_514)]
    [InlineData(3, 15_104_793)]
    public void The_stack_drops_at_the_published_rate_a_core(int cores, double published) =>
        Assert.InRange(Rate(Drop(cores, "ip link set dev eth0 xdp off")), published * 0.95, published * 1.05);

    [Fact]
    public void Beyond_what_the_bus_carries_further_cores_only_gain_idle_time()
    {
        double idleBefore = 0;
        foreach ((int cores, double published) in new[] { (4, 86_624_323.0), (5, 86_830_822.0), (6, 86_608_045.0) })
        {
            // At the start, idle for long, the cores sleep deeply and rings overflow while they wake: long enough for that not to count.
            RunReport report = Drop(cores, run: "40ms");
            Assert.InRange(Rate(report), published * 0.98, published * 1.02);
            double idle = report.Cpus.Average(cpu => cpu.IdlePct);
            Assert.True(idle > idleBefore + 2, $"{cores} cores: {idle} % idle after {idleBefore}");
            idleBefore = idle;
        }
    }

    [Fact]
    public void One_core_is_as_busy_as_published_at_each_load_and_packets_get_cheaper_with_it()
    {
        double nsBefore = double.MaxValue, first = 0, ns = 0;
        foreach ((double mpps, double published) in s_published)
        {
            RunReport report = Drop(1, run: "40ms", rate: string.Create(CultureInfo.InvariantCulture, $"{mpps}Mpps"));
            double busy = 100 - report.Cpus[0].IdlePct;
            Assert.InRange(busy, published - 6, published + 6);
            ns = busy * 10 / mpps;
            Assert.True(ns < nsBefore, $"{mpps} Mpps: {ns} ns a packet after {nsBefore}");
            if (first == 0) first = ns;
            nsBefore = ns;
        }
        Assert.InRange(first / ns, 5, 9);
    }

    [Fact]
    public void A_packet_sent_back_takes_far_longer_when_the_core_has_gone_to_sleep()
    {
        double seldom = Forward("100pps", "500ms"), often = Forward("1Mpps", "100ms");
        Assert.True(seldom > 5 * often, $"{seldom} us at 100 packets a second, {often} us at a million");
    }

    [Fact]
    public void A_program_that_polls_is_as_fast_for_one_packet_as_for_a_million()
    {
        double seldom = Polled("100pps", "500ms"), often = Polled("1Mpps", "50ms");
        Assert.InRange(seldom / often, 0.5, 2);
    }

    private static double Polled(string rate, string run)
    {
        string yaml = $$"""
            machine: {cores: 2, costs: xdp2018, idle: xdp2018}
            devices:
              eth0: {model: mlx5, link: 100Gb/s, driver: vfio-pci}
            workloads:
              - packets: {to: eth0, rate: {{rate}}, size: 64, flows: 2048, arrivals: poisson}
              - poll-mode: {ports: [eth0], cpus: "1"}
            run: {{run}}
            """;
        return TwinRunner.Run(ScenarioFile.Parse(yaml, TwinRuns.Shipped("scenarios/published/s12-xdp-drop.yaml")), new RunOptions()).Devices[0].Latency.Mean;
    }

    private static double Forward(string rate, string run) => Drop(1, "ip -force link set dev eth0 xdp obj xdp_tx.o", run, rate).Devices[0].Latency.Mean;

    private static double Rate(RunReport report) => report.Devices[0].RxPackets / report.SimulatedS;

    private static RunReport Drop(int cores, string? command = null, string run = "5ms", string rate = "line")
    {
        string path = TwinRuns.Shipped("scenarios/published/s12-xdp-drop.yaml");
        string yaml = File.ReadAllText(path).Replace("cores: 1,", $"cores: {cores},", StringComparison.Ordinal).Replace("queues: 1,", $"queues: {cores},", StringComparison.Ordinal)
            .Replace("rate: line", $"rate: {rate}", StringComparison.Ordinal).Replace("run: 5ms", $"run: {run}", StringComparison.Ordinal);
        return TwinRunner.Run(ScenarioFile.Parse(yaml, path), new RunOptions { Command = command });
    }
}
