using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A card interrupts for nearly every packet, often enough to matter.</summary>
internal sealed class InterruptPerPacket() : Rule(new RuleCard(
    "interrupt-per-packet",
    "The card interrupts for nearly every packet, so that entering and leaving handlers costs a CPU noticeable time. A moderation of tens of microseconds gathers several packets for one interrupt.",
    $"Fewer than {FewPacketsPerInterrupt} packets for an interrupt, {ManyPerSecond:N0} interrupts a second, and {CostlyHardirqPct:0} % of a CPU in hard interrupts.",
    "Documentation/networking/napi.rst (Software IRQ coalescing); ethtool(8) -C",
    Part.NetDev, Part.Interrupts, Part.Stat, Part.Rates))
{
    private const double FewPacketsPerInterrupt = 1.5;
    private const double ManyPerSecond = 50_000;
    private const double CostlyHardirqPct = 10;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedInterface device in seen.Interfaces)
        {
            ObservedCpu? hottest = device.Lines.Where(line => line.Count > 0).Select(line => line.Target(seen.Cpus)).OfType<int>()
                .Select(seen.CpuTime).OfType<ObservedCpu>().MaxBy(cpu => cpu.HardirqPct);
            double each = device.RxPackets / (double)Math.Max(1, device.Interrupts);
            if (each >= FewPacketsPerInterrupt || seen.Rate(device.Interrupts) is not > ManyPerSecond || hottest is not { HardirqPct: > CostlyHardirqPct })
                continue;
            yield return Found(
                Severity.Warning,
                FormattableString.Invariant($"{device.Name} interrupts {seen.PerSecond(device.Interrupts)}, for {each:0.00} packets each time."),
                [
                    new Evidence("/proc/interrupts", $"{Wording.Count(device.Interrupts)} of {device.Name}"),
                    new Evidence("/proc/net/dev", $"{Wording.Count(device.RxPackets)} packets received"),
                    new Evidence("/proc/stat", $"CPU {hottest.Cpu} hardirq {Wording.Pct(hottest.HardirqPct)}"),
                    new Evidence($"ethtool -c {device.Name}", $"rx-usecs {device.RxUsecs?.ToString() ?? "not shown"}, adaptive-rx {device.Coalesce?["adaptive-rx"]?.Text ?? "not shown"}"),
                ],
                device.FewerInterrupts ?? device.SpreadInSoftware);
        }
    }
}
