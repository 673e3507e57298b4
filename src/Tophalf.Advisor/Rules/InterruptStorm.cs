using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>One line takes a CPU for itself.</summary>
internal sealed class InterruptStorm() : Rule(new RuleCard(
    "interrupt-storm",
    "One line keeps a CPU in hard interrupt handlers, where nothing else of that CPU runs. The kernel's own watchdog calls it a storm when handlers take more than half of the time.",
    $"A line comes {StormPerSecond:N0} times a second to one CPU, or a CPU spends {HalfPct:0} % in hard interrupts and the line brings {NoticeablePerSecond:N0} a second of them.",
    "kernel/watchdog.c (CONFIG_SOFTLOCKUP_DETECTOR_INTR_STORM)",
    Part.Interrupts, Part.Rates))
{
    private const double StormPerSecond = 500_000;
    private const double HalfPct = 50;
    private const double NoticeablePerSecond = 20_000;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedLine line in seen.Lines)
        {
            for (int i = 0; i < seen.Cpus.Count; i++)
            {
                double rate = seen.Rate(line.PerCpu[i]) ?? 0;
                double hardirqPct = seen.CpuTime(seen.Cpus[i])?.HardirqPct ?? 0;
                bool isStorm = rate >= StormPerSecond || hardirqPct >= HalfPct && rate >= NoticeablePerSecond;
                if (!isStorm)
                    continue;
                var evidence = new List<Evidence> { new("/proc/interrupts", $"irq {line.Irq} on CPU {seen.Cpus[i]}: {seen.PerSecond(line.PerCpu[i])}") };
                if (seen.Has(Part.Stat))
                    evidence.Add(new Evidence("/proc/stat", $"CPU {seen.Cpus[i]} hardirq {Wording.Pct(hardirqPct)}"));
                ObservedInterface? device = seen.Interfaces.FirstOrDefault(device => device.Lines.Contains(line));
                yield return Found(
                    Severity.Error,
                    $"{line.Label} storms: {seen.PerSecond(line.PerCpu[i])} on CPU {seen.Cpus[i]}.",
                    evidence,
                    device is not null ? device.FewerInterrupts ?? device.SpreadInSoftware : $"cat /proc/irq/{line.Irq}/spurious",
                    device is not null ? "a card that ignores its moderation wants other firmware" : "a level line that its handler does not quiet wants another driver, or its device disabled");
            }
        }
    }
}
