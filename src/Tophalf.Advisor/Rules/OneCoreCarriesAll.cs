using Tophalf.Twin.Reports;

namespace Tophalf.Advisor.Rules;

/// <summary>
/// One CPU takes nearly all interrupts or packets and is busy with them, while the others could help. A card with one queue, or with
/// all its lines on one CPU, cannot use a second core, however idle it is (Documentation/networking/scaling.rst).
/// </summary>
internal sealed class OneCoreCarriesAll : IRule
{
    private const double CarriedPct = 80;
    private const double BusyEnoughPct = 60;

    /// <summary>Below this share of hardirq and softirq time the CPU is busy with something else.</summary>
    private const double InterruptTimePct = 10;

    public IEnumerable<Finding> Look(RunReport report)
    {
        if (report.Cpus.Count < 2)
            yield break;
        long interrupts = report.Interrupts.Sum(line => line.Total);
        long packets = report.Cpus.Sum(cpu => cpu.SoftnetProcessed);
        for (int i = 0; i < report.Cpus.Count; i++)
        {
            CpuReport cpu = report.Cpus[i];
            long taken = report.Interrupts.Sum(line => line.PerCpu[i]);
            bool carries = Load.Percent(taken, interrupts) > CarriedPct || Load.Percent(cpu.SoftnetProcessed, packets) > CarriedPct;
            if (carries && cpu.BusyPct() > BusyEnoughPct && cpu.HardirqPct + cpu.SoftirqPct > InterruptTimePct)
                yield return Found(report, cpu, taken, interrupts, packets);
        }
    }

    private static Finding Found(RunReport report, CpuReport carrier, long taken, long interrupts, long packets)
    {
        double others = report.Cpus.Where(cpu => cpu.Cpu != carrier.Cpu).Average(cpu => cpu.BusyPct());
        var because = new List<string>();
        if (interrupts > 0)
            because.Add($"/proc/interrupts: CPU {carrier.Cpu} took {taken:N0} of {interrupts:N0} device interrupts ({Load.Percent(taken, interrupts):0.0} %)");
        if (packets > 0)
        {
            string share = $"{Load.Percent(carrier.SoftnetProcessed, packets):0.0} %";
            because.Add($"/proc/net/softnet_stat: CPU {carrier.Cpu} processed {carrier.SoftnetProcessed:N0} of {packets:N0} packets ({share})");
        }

        because.Add($"/proc/stat: CPU {carrier.Cpu} hardirq {carrier.HardirqPct:0.0} %, softirq {carrier.SoftirqPct:0.0} %; the others are busy {others:0.0} %");
        return new Finding(
            "one-core-carries-all",
            Severity.Warning,
            $"CPU {carrier.Cpu} carries the interrupt work alone and is busy {carrier.BusyPct():0.0} %; {report.Cpus.Count - 1} others could share it.",
            because,
            [.. report.Devices.SelectMany(device => Spread(report, device, carrier.Cpu))]);
    }

    /// <summary>More queues where the card has more; else one CPU for each of the queues.</summary>
    private static IEnumerable<string> Spread(RunReport report, DeviceReport device, int carrier)
    {
        if (!device.Queues.Any(queue => queue.Cpu == carrier))
            return [];
        if (report.MoreQueues(device) is { } command)
            return [command];
        int[] others = [.. report.Cpus.Select(cpu => cpu.Cpu).Where(cpu => cpu != carrier)];
        return device.Queues
            .Where(queue => queue.Cpu == carrier)
            .Skip(1)
            .Select((queue, i) => $"echo {others[i % others.Length]} > /proc/irq/{queue.Irq}/smp_affinity_list");
    }
}
