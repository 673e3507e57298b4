using Tophalf.Advisor.Observations;
using Tophalf.Linux;

namespace Tophalf.Advisor.Rules;

/// <summary>Two busy queues sit on the two threads of one core.</summary>
internal sealed class SiblingsShareQueues() : Rule(new RuleCard(
    "smt-siblings-share",
    "Two hardware threads of a core share its execution units and caches, so two busy queues on them do not get twice the work done. A core that takes no interrupts gives more.",
    $"Two CPUs of one core each spend {BusyPct:0} % in interrupts for queues of one device, while a whole core spends less than {IdlePct:0} %.",
    "Documentation/networking/scaling.rst; /sys/devices/system/cpu/cpuN/topology/thread_siblings_list",
    Part.Interrupts, Part.Stat, Part.Topology))
{
    private const double BusyPct = 25;
    private const double IdlePct = 5;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (ObservedInterface device in seen.Interfaces)
        {
            (ObservedLine Line, int Cpu)[] busy =
            [
                .. device.Queues.Where(line => line.Count > 0).Select(line => (line, Cpu: line.Target(seen.Cpus) ?? -1)).Where(pair => seen.CpuTime(pair.Cpu)?.InterruptPct >= BusyPct),
            ];
            foreach ((ObservedLine line, int cpu) in busy)
            {
                CpuMask siblings = Siblings(seen, cpu);
                (ObservedLine Line, int Cpu) other = busy.FirstOrDefault(pair => pair.Cpu > cpu && siblings.Contains(pair.Cpu));
                if (other.Line is null || FreeCore(seen) is not { } free)
                    continue;
                yield return Found(
                    Severity.Warning,
                    $"CPUs {cpu} and {other.Cpu} are threads of one core and both poll queues of {device.Name}, while the core of CPU {free} takes no interrupts.",
                    [
                        new Evidence($"{CpuTopology.Path}/cpu{cpu}/topology/thread_siblings_list", siblings.ToList()),
                        new Evidence("/proc/stat", $"interrupts: CPU {cpu} {Wording.Pct(seen.CpuTime(cpu)!.InterruptPct)}, CPU {other.Cpu} {Wording.Pct(seen.CpuTime(other.Cpu)!.InterruptPct)}, CPU {free} {Wording.Pct(seen.CpuTime(free)!.InterruptPct)}"),
                    ],
                    $"echo {free} > {other.Line.Path("smp_affinity_list")}");
            }
        }
    }

    private static CpuMask Siblings(Observation seen, int cpu) => seen.Topology?.Cpus.FirstOrDefault(place => place.Cpu == cpu)?.ThreadSiblings ?? CpuMask.Of(cpu);

    /// <summary>A CPU of a core none of whose threads has interrupts to speak of.</summary>
    private static int? FreeCore(Observation seen) => seen.Cpus
        .Where(cpu => !seen.Isolated.Contains(cpu) && Siblings(seen, cpu).All(thread => (seen.CpuTime(thread)?.InterruptPct ?? 0) < IdlePct))
        .Cast<int?>().FirstOrDefault();
}
