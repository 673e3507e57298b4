using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>ksoftirqd wants to run and a real-time task does not let it.</summary>
internal sealed class KsoftirqdStarved() : Rule(new RuleCard(
    "ksoftirqd-starved",
    "Softirqs handed to ksoftirqd run at the priority of an ordinary task, and a real-time task on that CPU goes first as long as it likes. Packets and timers of the CPU wait for it.",
    $"ksoftirqd is runnable at both moments and got less than {LittlePct:0} % of its CPU, of which a real-time task used {MuchPct:0} %.",
    "kernel/softirq.c wakeup_softirqd; sched(7)",
    Part.KernelThreads, Part.Rates))
{
    private const double LittlePct = 10;
    private const double MuchPct = 80;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedTask ksoftirqd in seen.Tasks.Where(task => task.Name.StartsWith("ksoftirqd/", StringComparison.Ordinal) && task.WasRunnable && task.BusyPct < LittlePct))
        {
            ObservedTask? above = seen.Tasks.Where(task => task.Cpu == ksoftirqd.Cpu && task.IsRealtime).MaxBy(task => task.BusyPct ?? 0);
            if (above is not { BusyPct: >= MuchPct })
                continue;
            yield return Found(
                Severity.Error,
                $"{ksoftirqd.Name} waits while {above.Label} at real-time priority {above.RealtimePriority} has CPU {ksoftirqd.Cpu}.",
                [
                    new Evidence($"/proc/{ksoftirqd.Tid}/stat", $"state R at both moments, {Wording.Pct(ksoftirqd.BusyPct ?? 0)} of the CPU"),
                    new Evidence($"/proc/{above.Tid}/stat", $"policy {above.Policy}, priority {above.RealtimePriority}, {Wording.Pct(above.BusyPct.Value)} of the CPU"),
                ],
                $"taskset -p -c OTHER {above.Tid}, or move the interrupts whose softirqs wait away from CPU {ksoftirqd.Cpu}",
                $"chrt -f -p {above.RealtimePriority + 1} {ksoftirqd.Tid}");
        }
    }
}
