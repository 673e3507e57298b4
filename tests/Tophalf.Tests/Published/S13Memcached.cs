using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;
using Xunit;

namespace Tophalf.Tests.Published;

/// <summary>
/// Interrupt deferral and busy polling under memcached (M. Karsten and J. Damato, netdev, November 2024). Cases: base; deferX, with napi_defer_hard_irqs 100 and gro_flush_timeout
/// X us; fullbusy, with 5 ms and a busy poll of 1 ms, preferred, budget 64. Fitted: the costs of scenarios/published/memcached2024.costs, on three figures of the rows for
/// 200 000 queries a second. Not met, and red in docs/fidelity.md: the tail with interrupts at 600 000.
/// </summary>
public class S13Memcached
{
    private static readonly string[] ByLatency = ["fullbusy", "defer10", "defer20", "defer50", "base", "defer200"];

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    [InlineData(600)]
    public void How_threads_wait_orders_latency_processor_time_and_interrupts(int kiloQueries)
    {
        var rows = ByLatency.ToDictionary(name => name, name => Run(kiloQueries, name));
        for (int i = 1; i < ByLatency.Length; i++)
            Assert.True(Latency(rows[ByLatency[i - 1]]).Mean < Latency(rows[ByLatency[i]]).Mean, $"{ByLatency[i - 1]} is not faster than {ByLatency[i]}");

        Assert.InRange((Latency(rows["defer200"]).Mean - Latency(rows["defer10"]).Mean) / (200 - 10), 0.35, 0.75);
        // The criterion wants 1.5 at 600 000 too; when that is met, the page has a red less.
        double tails = Latency(rows["base"]).P99 / Latency(rows["defer200"]).P99;
        if (kiloQueries == 400) Assert.True(tails >= 1.5);
        if (kiloQueries == 600) Assert.InRange(tails, 0.8, 1.5);

        Assert.True(Busy(rows["defer200"]) < Busy(rows["defer50"]) && Busy(rows["defer50"]) <= Busy(rows["base"]));
        Assert.InRange(Busy(rows["fullbusy"]), 99.9, 100);
        foreach (string deferred in ByLatency.Where(name => name.StartsWith("defer", StringComparison.Ordinal)))
            Assert.InRange(rows[deferred].Devices[0].Interrupts, 0, rows["base"].Devices[0].Interrupts / 100);
    }

    private static LatencyReport Latency(RunReport report) => report.Clients[0].Latency;
    private static double Busy(RunReport report) => report.Cpus.Average(cpu => 100 - cpu.IdlePct);

    private static RunReport Run(int kiloQueries, string name)
    {
        string path = TwinRuns.Shipped("scenarios/published/s13-memcached.yaml");
        // A client thinks for what its share of the rate leaves of its time: 100 us go by with the request itself.
        string think = $"think: {2688_000 / kiloQueries - 100}us";
        string yaml = File.ReadAllText(path).Replace("think: 13340us", think, StringComparison.Ordinal);
        if (name == "fullbusy") yaml = yaml.Replace("wait: epoll", "wait: epoll, busy: 1ms, budget: 64, prefer: yes", StringComparison.Ordinal);
        string? microseconds = name == "base" ? null : name == "fullbusy" ? "5000" : name["defer".Length..];
        string? command = microseconds is null ? null
            : $"echo 100 > /sys/class/net/eth0/napi_defer_hard_irqs; echo {microseconds}000 > /sys/class/net/eth0/gro_flush_timeout";
        return TwinRunner.Run(ScenarioFile.Parse(yaml, path), new RunOptions { Command = command });
    }
}
