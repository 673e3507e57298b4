using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A real-time task stands above the thread that handles its CPU's interrupts.</summary>
internal sealed class IrqThreadPriority() : Rule(new RuleCard(
    "irq-thread-priority",
    "A threaded handler runs as SCHED_FIFO 50 unless somebody changed it, and a task of the same or a higher priority on its CPU keeps it waiting. The device then is served when that task sleeps.",
    $"A real-time task that is no kernel thread uses {MuchPct:0} % of a CPU at a priority not below that of an irq thread there.",
    "kernel/irq/manage.c setup_irq_thread (sched_set_fifo); sched(7)",
    Part.KernelThreads, Part.Rates))
{
    private const double MuchPct = 20;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedTask task in seen.Tasks.Where(task => !task.IsKernelThread && task.IsRealtime && task.BusyPct >= MuchPct))
        {
            ObservedTask? thread = seen.Tasks
                .Where(other => other.Name.StartsWith("irq/", StringComparison.Ordinal) && other.Cpu == task.Cpu && other.RealtimePriority <= task.RealtimePriority)
                .MinBy(other => other.RealtimePriority);
            if (thread is null)
                continue;
            yield return Found(
                Severity.Warning,
                $"{task.Label} at priority {task.RealtimePriority} goes before {thread.Name} at {thread.RealtimePriority} on CPU {task.Cpu}: the device waits for the task.",
                [
                    new Evidence($"/proc/{task.Tid}/stat", $"policy {task.Policy}, priority {task.RealtimePriority}, {Wording.Pct(task.BusyPct!.Value)} of CPU {task.Cpu}"),
                    new Evidence($"/proc/{thread.Tid}/stat", $"{thread.Name}, priority {thread.RealtimePriority}"),
                ],
                $"chrt -f -p {Math.Min(98, task.RealtimePriority + 1)} {thread.Tid}",
                $"taskset -p -c OTHER {task.Tid}");
        }
    }
}
