using Tophalf.Advisor.Observations;
using Tophalf.Linux;

namespace Tophalf.Advisor.Rules;

/// <summary>Device interrupts arrive on CPUs that were set aside.</summary>
internal sealed class IsolatedCpuInterrupted() : Rule(new RuleCard(
    "isolated-cpu-interrupted",
    "isolcpus= and nohz_full= keep tasks and ticks away from a CPU, but not device interrupts: those follow their own masks. Each one stops the task the CPU was isolated for.",
    $"An unmanaged or managed line comes at least {Few} times between two moments (or {Many:N0} times since boot) on an isolated or nohz_full CPU.",
    "kernel/sched/isolation.c; Documentation/admin-guide/kernel-parameters.txt (isolcpus=, irqaffinity=)",
    Part.Interrupts, Part.Topology))
{
    private const long Few = 2;
    private const long Many = 1_000;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        if (seen.Isolated.IsEmpty)
            yield break;
        int[] housekeeping = [.. seen.Cpus.Where(cpu => !seen.Isolated.Contains(cpu))];
        int[] isolated = [.. Enumerable.Range(0, seen.Cpus.Count).Where(i => seen.Isolated.Contains(seen.Cpus[i]))];
        foreach (ObservedLine line in seen.Lines)
        {
            long there = isolated.Sum(i => line.PerCpu[i]);
            if (there < (seen.Seconds is null ? Many : Few) || housekeeping.Length == 0)
                continue;
            int[] hit = [.. isolated.Where(i => line.PerCpu[i] > 0).Select(i => seen.Cpus[i])];
            yield return Found(
                Severity.Warning,
                $"{line.Label} interrupts isolated {Wording.CpuNames(hit)}: {seen.PerSecond(there)}.",
                [
                    new Evidence($"{CpuTopology.Path}/isolated, nohz_full", seen.Isolated.ToList()),
                    new Evidence("/proc/interrupts", $"irq {line.Irq} came {Wording.Count(there)} times there"),
                ],
                line.IsManaged == true
                    ? $"boot with isolcpus=managed_irq,{seen.Isolated.ToList()}: the mask of a managed line cannot be written"
                    : $"echo {CpuMask.Of(housekeeping).ToList()} > {line.Path("smp_affinity_list")}");
        }
    }
}
