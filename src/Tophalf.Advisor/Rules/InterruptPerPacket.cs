using Tophalf.Twin.Reports;

namespace Tophalf.Advisor.Rules;

/// <summary>A card interrupts for nearly every packet, often enough that entering and leaving handlers costs a CPU noticeable time.</summary>
internal sealed class InterruptPerPacket : IRule
{
    private const double FewPacketsPerInterrupt = 1.5;
    private const double ManyPerSecond = 50_000;
    private const double CostlyHardirqPct = 10;

    public IEnumerable<Finding> Look(RunReport report) =>
        report.Devices.Where(device => IsConcerned(report, device)).Select(device => Found(report, device));

    private static bool IsConcerned(RunReport report, DeviceReport device) =>
        device.Queues.Count > 0
        && device.Interrupts > 0
        && (double)device.RxPackets / device.Interrupts < FewPacketsPerInterrupt
        && report.PerSecond(device.Interrupts) > ManyPerSecond
        && HottestHardirq(report, device) is { HardirqPct: > CostlyHardirqPct };

    private static CpuReport? HottestHardirq(RunReport report, DeviceReport device) =>
        report.Cpus.Where(cpu => device.Queues.Any(queue => queue.Cpu == cpu.Cpu)).MaxBy(cpu => cpu.HardirqPct);

    private static Finding Found(RunReport report, DeviceReport device)
    {
        CpuReport hottest = HottestHardirq(report, device)!;
        return new Finding(
            "interrupt-per-packet",
            Severity.Warning,
            $"{device.Name} interrupts {report.PerSecond(device.Interrupts):N0} times a second, for {(double)device.RxPackets / device.Interrupts:0.00} packets each time.",
            [
                $"/proc/interrupts: {device.Interrupts:N0} of {device.Name}; /proc/net/dev: {device.RxPackets:N0} packets received",
                $"/proc/stat: CPU {hottest.Cpu} hardirq {hottest.HardirqPct:0.0} %",
            ],
            [$"ethtool -C {device.Name} rx-usecs 50"]);
    }
}
