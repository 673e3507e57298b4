using Tophalf.Advisor;
using Tophalf.Twin.Reports;

namespace Tophalf.Cli.Run;

/// <summary>Two runs of one scenario and seed, with and without one more command.</summary>
/// <param name="Command">The command that makes the difference.</param>
internal sealed record Comparison(AdvisedRun BaseRun, AdvisedRun ChangedRun, string Command)
{
    public RunReport Base => BaseRun.Report;
    public RunReport Changed => ChangedRun.Report;

    /// <summary>The devices of both runs; a command does not add or take away any.</summary>
    public IEnumerable<(DeviceReport Base, DeviceReport Changed)> Devices => Base.Devices.Zip(Changed.Devices);

    /// <summary>The tasks, clients and streams of both runs, likewise.</summary>
    public IEnumerable<(TaskReport Base, TaskReport Changed)> Tasks => Base.Tasks.Zip(Changed.Tasks);
    public IEnumerable<(ClientsReport Base, ClientsReport Changed)> Clients => Base.Clients.Zip(Changed.Clients);
    public IEnumerable<(StreamsReport Base, StreamsReport Changed)> Streams => Base.Streams.Zip(Changed.Streams);

    /// <summary>CPU time by class, in cores: 1.5 is one and a half CPUs' worth of time.</summary>
    public static IReadOnlyList<(string Class, double Cores)> Cores(RunReport report) =>
    [
        ("user", report.Cpus.Sum(cpu => cpu.UserPct + cpu.NicePct) / 100),
        ("system", report.Cpus.Sum(cpu => cpu.SystemPct) / 100),
        ("hardirq", report.Cpus.Sum(cpu => cpu.HardirqPct) / 100),
        ("softirq", report.Cpus.Sum(cpu => cpu.SoftirqPct) / 100),
        ("iowait", report.Cpus.Sum(cpu => cpu.IowaitPct) / 100),
        ("steal", report.Cpus.Sum(cpu => cpu.StealPct) / 100),
        ("idle", report.Cpus.Sum(cpu => cpu.IdlePct) / 100),
    ];

    public static double PerSecond(RunReport report, long count) => report.SimulatedS > 0 ? count / report.SimulatedS : 0;

    /// <summary>Packets received per interrupt; 0 without interrupts.</summary>
    public static double PacketsPerInterrupt(DeviceReport device) => device.Interrupts > 0 ? (double)device.RxPackets / device.Interrupts : 0;

    /// <summary>Segments in what reached TCP as one; 0 where nothing did.</summary>
    public static double SegmentsPerPiece(RunReport report, StreamsReport streams) => report.DeviceOf(streams) is { StreamPieces: > 0 } device ? (double)device.StreamSegments / device.StreamPieces : 0;
}
