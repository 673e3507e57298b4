using Tophalf.Twin.Reports;

namespace Tophalf.Advisor.Rules;

/// <summary>
/// Softirqs that do not end are handed to ksoftirqd, where they wait for their turn among the tasks (kernel/softirq.c): latency grows
/// by the scheduler's slices.
/// </summary>
internal sealed class KsoftirqdAtWork : IRule
{
    private const double NoticeablePct = 10;

    public IEnumerable<Finding> Look(RunReport report)
    {
        List<CpuReport> concerned = [.. report.Cpus.Where(cpu => cpu.KsoftirqdPct > NoticeablePct)];
        if (concerned.Count == 0)
            yield break;
        CpuReport worst = concerned.MaxBy(cpu => cpu.KsoftirqdPct)!;
        IEnumerable<DeviceReport> polled = report.Devices.Where(device => device.Queues.Any(queue => concerned.Any(cpu => cpu.Cpu == queue.Cpu)));
        yield return new Finding(
            "ksoftirqd-at-work",
            Severity.Warning,
            $"Softirqs on {Load.CpuNames([.. concerned.Select(cpu => cpu.Cpu)])} no longer end by themselves; ksoftirqd runs them between the tasks.",
            [
                $"top: ksoftirqd/{worst.Cpu} uses {worst.KsoftirqdPct:0.0} % of CPU {worst.Cpu}",
                $"/proc/stat: CPU {worst.Cpu} softirq {worst.SoftirqPct:0.0} %, idle {worst.IdlePct:0.0} %",
                $"/proc/net/softnet_stat: CPU {worst.Cpu} time_squeeze {worst.TimeSqueeze:N0}",
            ],
            [.. polled.Select(device => report.MoreQueues(device) ?? $"ethtool -C {device.Name} rx-usecs 50")]);
    }
}
