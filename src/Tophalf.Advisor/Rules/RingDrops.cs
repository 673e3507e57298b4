using Tophalf.Twin.Reports;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Advisor.Rules;

/// <summary>
/// Packets found no free receive descriptor. A longer ring bridges a burst; where the CPU that polls it is always busy, only more
/// queues on more CPUs help.
/// </summary>
internal sealed class RingDrops : IRule
{
    /// <summary>From this share of all packets on the loss is an error rather than a burst.</summary>
    private const double ErrorPct = 1;

    private const double SaturatedPct = 90;
    private const int CommonLargestRing = 4096;

    public IEnumerable<Finding> Look(RunReport report) =>
        report.Devices.Where(device => device.RxDropped > 0 && device.Queues.Count > 0).Select(device => Found(report, device));

    private static Finding Found(RunReport report, DeviceReport device)
    {
        double lost = Load.Percent(device.RxDropped, device.Offered);
        QueueReport worst = device.Queues.MaxBy(queue => queue.Dropped)!;
        CpuReport? poller = report.Cpus.FirstOrDefault(cpu => cpu.Cpu == worst.Cpu);
        var because = new List<string>
        {
            $"/proc/net/dev: {device.Name} receive drop {device.RxDropped:N0} of {device.Offered:N0} packets",
            $"/proc/interrupts: irq {worst.Irq}, queue {worst.Queue} of {device.Name}, is polled on CPU {worst.Cpu}; its ring dropped {worst.Dropped:N0}",
        };
        if (poller != null)
            because.Add($"/proc/stat: CPU {poller.Cpu} busy {poller.BusyPct():0.0} %, softirq {poller.SoftirqPct:0.0} %");

        string ring = $"ethtool -G {device.Name} rx {DeviceModel.Find(device.Model)?.MaxRing ?? CommonLargestRing}";
        string? queues = report.MoreQueues(device);
        bool isSaturated = poller != null && poller.BusyPct() > SaturatedPct;
        string?[] remedies = isSaturated ? [queues, ring] : [ring, queues];
        return new Finding(
            "ring-drops",
            lost >= ErrorPct ? Severity.Error : Severity.Warning,
            $"{device.Name} dropped {report.PerSecond(device.RxDropped):N0} packets a second for want of a free descriptor, {lost:0.##} % of those that came.",
            because,
            [.. remedies.OfType<string>()]);
    }
}
