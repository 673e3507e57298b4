using Tophalf.Advisor;
using Tophalf.Twin.Reports;

namespace Tophalf.Tests.Advisor;

/// <summary>Reports written by hand: a four-core machine that has nothing to complain of, to be spoilt with <c>with</c>.</summary>
internal static class SampleRuns
{
    public static RunReport Quiet { get; } = new()
    {
        Scenario = "scenarios/quiet.yaml",
        Seed = 1,
        SimulatedS = 2,
        WallS = 0.25,
        Costs = "server-3ghz",
        Interrupts =
        [
            new InterruptReport(24, "eth0-TxRx-0", "eth0", "PCI-MSIX-0000:01:00.0", "edge", "0-3", "0", [20_000, 0, 0, 0]),
            new InterruptReport(25, "eth0-TxRx-1", "eth0", "PCI-MSIX-0000:01:00.0", "edge", "0-3", "1", [0, 20_000, 0, 0]),
        ],
        SystemVectors = [new SystemVectorReport("LOC", [500, 500, 500, 500])],
        Cpus = [Cpu(0, softirq: 6, packets: 100_000), Cpu(1, softirq: 6, packets: 100_000), Cpu(2), Cpu(3)],
        Devices = [Eth0],
    };

    public static DeviceReport Eth0 => new()
    {
        Name = "eth0",
        Model = "ixgbe",
        Offered = 200_000,
        RxPackets = 200_000,
        Delivered = 200_000,
        Interrupts = 40_000,
        Latency = new LatencyReport(12.5, 40, 63.25, 80, 14, 200_000),
        LatencyBuckets = [new LatencyBucket(8, 16, 150_000), new LatencyBucket(16, 32, 40_000), new LatencyBucket(32, 64, 9_000), new LatencyBucket(64, 128, 1_000)],
        Queues = [new QueueReport(0, 24, 0, 100_000, 0, 20_000, 20_000), new QueueReport(1, 25, 1, 100_000, 0, 20_000, 20_000)],
    };

    /// <summary>eth0 has a single queue, all of it on CPU 0, which can do no more.</summary>
    public static RunReport Flooded { get; } = Quiet with
    {
        Scenario = "scenarios/core0-flood.yaml",
        Interrupts = [new InterruptReport(24, "eth0-TxRx-0", "eth0", "PCI-MSIX-0000:01:00.0", "edge", "0", "0", [4_000, 0, 0, 0])],
        Cpus = [Cpu(0, softirq: 98, packets: 4_000_000) with { KsoftirqdPct = 95, TimeSqueeze = 9_000 }, Cpu(1), Cpu(2), Cpu(3)],
        Devices =
        [
            Eth0 with
            {
                Offered = 6_000_000,
                RxPackets = 4_000_000,
                RxDropped = 2_000_000,
                Delivered = 4_000_000,
                Interrupts = 4_000,
                Latency = new LatencyReport(240, 251.5, 260, 270, 238, 4_000_000),
                Queues = [new QueueReport(0, 24, 0, 4_000_000, 2_000_000, 4_000, 60_000)],
            },
        ],
    };

    /// <summary>The runs with what is found of them.</summary>
    public static AdvisedRun QuietRun { get; } = new(Quiet, []);

    public static AdvisedRun FloodedRun { get; } = new(Flooded, [Found("ring-drops", Severity.Error), Found("one-core-carries-all", Severity.Warning), Found("budget-squeezed", Severity.Warning)]);

    /// <summary>A finding of that rule as it stands in outputs.</summary>
    public static Finding Found(string rule, Severity severity) => new(
        Doctor.Cards.First(card => card.Id == rule), severity, "eth0 dropped packets.", [new Evidence("/proc/net/dev", "drop 5")], ["ethtool -G eth0 rx 4096"]);

    public static CpuReport Cpu(int cpu, double user = 0, double hardirq = 1, double softirq = 1, long packets = 0) => new()
    {
        Cpu = cpu,
        UserPct = user,
        NicePct = 0,
        SystemPct = 1,
        HardirqPct = hardirq,
        SoftirqPct = softirq,
        IowaitPct = 0,
        StealPct = 0,
        IdlePct = 100 - user - 1 - hardirq - softirq,
        KsoftirqdPct = 0,
        SoftnetProcessed = packets,
        TimeSqueeze = 0,
    };
}
