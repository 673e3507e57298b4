using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A device has several queues, and one CPU serves them all.</summary>
internal sealed class QueuesOnOneCpu() : Rule(new RuleCard(
    "queues-on-one-cpu",
    "Queues exist so that several CPUs can work at once; with all their lines on one CPU they only cost more interrupts. An x86 line goes to one CPU of its mask, and without a hint or a balancer masks of all CPUs may well end on the same one.",
    $"A device has two or more active receive queues, {SamePct:0} % of their interrupts come on one CPU, and there are others.",
    "Documentation/core-api/irq/irq-affinity.rst; arch/x86/kernel/apic/vector.c",
    Part.Interrupts))
{
    private const double SamePct = 95;
    private const double QuietPerSecond = 100;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        if (seen.Cpus.Count < 2)
            yield break;
        foreach (IGrouping<string, ObservedLine> device in seen.Lines.Where(line => line.Queue is { IsReceive: true }).GroupBy(line => line.Queue!.Device))
        {
            ObservedLine[] active = [.. device.Where(line => line.Count > 0)];
            long total = active.Sum(line => line.Count);
            if (active.Length < 2 || !seen.IsAtLeast(total, QuietPerSecond))
                continue;
            int i = Enumerable.Range(0, seen.Cpus.Count).MaxBy(cpu => active.Sum(line => line.PerCpu[cpu]));
            long here = active.Sum(line => line.PerCpu[i]);
            if (Wording.Percent(here, total) < SamePct)
                continue;
            int cpu = seen.Cpus[i];
            var evidence = new List<Evidence>
            {
                new("/proc/interrupts", $"CPU {cpu} took {Wording.Count(here)} of {Wording.Count(total)} interrupts of {active.Length} queues ({Wording.Pct(Wording.Percent(here, total))})"),
            };
            if (active[0].Effective is { } effective)
                evidence.Add(new Evidence(active[0].Path("effective_affinity_list"), effective.ToList()));
            yield return Found(
                Severity.Warning, Says(seen, active.Length, device.Key, cpu), evidence, [.. Moves(seen, active, cpu)]);
        }
    }

    private static string Says(Observation seen, int queues, string device, int cpu) => seen.Seconds is null
        ? $"All {queues} active queues of {device} have interrupted CPU {cpu} since boot, and the other {seen.Cpus.Count - 1} CPUs hardly."
        : $"All {queues} active queues of {device} interrupt CPU {cpu}; the other {seen.Cpus.Count - 1} CPUs get none.";

    /// <summary>One CPU each for all lines but the first, which stays.</summary>
    internal static IEnumerable<string> Moves(Observation seen, IReadOnlyList<ObservedLine> lines, int from)
    {
        int[] others = [.. seen.Cpus.Where(cpu => cpu != from && !seen.Isolated.Contains(cpu))];
        if (others.Length == 0)
            return [];
        return lines
            .Where(line => line.IsManaged != true)
            .Skip(1)
            .Select((line, i) => $"echo {others[i % others.Length]} > {line.Path("smp_affinity_list")}");
    }
}
