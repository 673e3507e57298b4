using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>One CPU takes nearly all interrupts or packets and is busy with them, while the others could help.</summary>
internal sealed class OneCoreCarriesAll() : Rule(new RuleCard(
    "one-core-carries-all",
    "One CPU takes nearly all interrupts or packets and is busy with them. A card with one queue, or with all its lines on one CPU, cannot use a second core, however idle it is.",
    $"One CPU of several takes more than {CarriedPct:0} % of device interrupts or packets, is busier than {BusyEnoughPct:0} %, and spends more than {InterruptTimePct:0} % in interrupts.",
    "Documentation/networking/scaling.rst",
    Part.Interrupts, Part.Stat))
{
    private const double CarriedPct = 80;
    private const double BusyEnoughPct = 60;

    /// <summary>Below this share of hardirq and softirq time the CPU is busy with something else.</summary>
    private const double InterruptTimePct = 10;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        if (seen.Cpus.Count < 2)
            yield break;
        long interrupts = seen.Lines.Sum(line => line.Count), packets = seen.CpuTimes.Sum(cpu => cpu.SoftnetProcessed);
        for (int i = 0; i < seen.Cpus.Count; i++)
        {
            ObservedCpu cpu = seen.CpuTimes[i];
            long taken = seen.Lines.Sum(line => line.PerCpu[i]);
            bool carries = Wording.Percent(taken, interrupts) > CarriedPct || Wording.Percent(cpu.SoftnetProcessed, packets) > CarriedPct;
            if (carries && cpu.BusyPct > BusyEnoughPct && cpu.InterruptPct > InterruptTimePct)
                yield return Found(seen, cpu, taken, interrupts, packets);
        }
    }

    private Finding Found(Observation seen, ObservedCpu carrier, long taken, long interrupts, long packets)
    {
        double others = seen.CpuTimes.Where(cpu => cpu.Cpu != carrier.Cpu).Average(cpu => cpu.BusyPct);
        var evidence = new List<Evidence>();
        if (interrupts > 0)
            evidence.Add(new Evidence("/proc/interrupts", $"CPU {carrier.Cpu} took {Wording.Count(taken)} of {Wording.Count(interrupts)} device interrupts ({Wording.Pct(Wording.Percent(taken, interrupts))})"));
        if (packets > 0)
        {
            string share = Wording.Pct(Wording.Percent(carrier.SoftnetProcessed, packets));
            evidence.Add(new Evidence("/proc/net/softnet_stat", $"CPU {carrier.Cpu} processed {Wording.Count(carrier.SoftnetProcessed)} of {Wording.Count(packets)} packets ({share})"));
        }
        evidence.Add(new Evidence("/proc/stat", $"CPU {carrier.Cpu} hardirq {Wording.Pct(carrier.HardirqPct)}, softirq {Wording.Pct(carrier.SoftirqPct)}; the others are busy {Wording.Pct(others)}"));
        return Found(
            Severity.Warning,
            $"CPU {carrier.Cpu} carries the interrupt work alone and is busy {Wording.Pct(carrier.BusyPct)}; {seen.Cpus.Count - 1} others could share it.",
            evidence,
            [.. seen.Interfaces.SelectMany(device => Spread(seen, device, carrier.Cpu))]);
    }

    /// <summary>More queues where the card has more; else one CPU for each of the queues.</summary>
    private static IEnumerable<string> Spread(Observation seen, ObservedInterface device, int carrier)
    {
        ObservedLine[] here = [.. device.Lines.Where(line => line.Count > 0 && line.Target(seen.Cpus) == carrier)];
        if (here.Length == 0)
            return [];
        return device.MoreQueues(seen.Cpus.Count) is { } command ? [command] : QueuesOnOneCpu.Moves(seen, here, carrier);
    }
}
