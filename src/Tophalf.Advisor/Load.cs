using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Advisor;

/// <summary>What several rules ask of a report.</summary>
internal static class Load
{
    private const int MostQueuesWorthwhile = 64;

    /// <summary>Percent of the run in which the CPU did anything; waiting for a disk is idling.</summary>
    public static double BusyPct(this CpuReport cpu) => 100 - cpu.IdlePct - cpu.IowaitPct;

    /// <summary>Events per second of the run.</summary>
    public static double PerSecond(this RunReport report, long count) => report.SimulatedS > 0 ? count / report.SimulatedS : 0;

    /// <summary>Percent of a whole; 0 of nothing.</summary>
    public static double Percent(long part, long whole) => whole > 0 ? 100.0 * part / whole : 0;

    /// <summary>The command that gives every CPU a queue of the device; null where the card has as many as it can use.</summary>
    public static string? MoreQueues(this RunReport report, DeviceReport device)
    {
        int most = Math.Min(DeviceModel.Find(device.Model)?.MaxQueues ?? MostQueuesWorthwhile, report.Cpus.Count);
        return device.Queues.Count > 0 && device.Queues.Count < most ? $"ethtool -L {device.Name} combined {most}" : null;
    }

    /// <summary>"CPU 3", "CPUs 0, 1 and 5", "CPUs 0, 1, 2, 3 and 12 more".</summary>
    public static string CpuNames(IReadOnlyList<int> cpus)
    {
        const int Shown = 5;
        if (cpus.Count == 1)
            return $"CPU {cpus[0]}";
        return cpus.Count <= Shown
            ? $"CPUs {string.Join(", ", cpus.SkipLast(1))} and {cpus[^1]}"
            : $"CPUs {string.Join(", ", cpus.Take(Shown - 1))} and {cpus.Count - Shown + 1} more";
    }
}
