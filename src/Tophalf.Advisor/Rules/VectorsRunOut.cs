using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>A CPU's vector table is nearly full.</summary>
internal sealed class VectorsRunOut() : Rule(new RuleCard(
    "vectors-run-out",
    "An x86 CPU has 203 interrupt vectors for devices, and a line needs one on the CPU it goes to. When they are used up, moving a line there answers ENOSPC, a CPU cannot be taken offline, and request_irq may fail.",
    $"{NearlyAll} lines go to one CPU, or the log tells of vector space exhaustion.",
    "kernel/irq/matrix.c; arch/x86/kernel/apic/vector.c assign_vector_locked",
    Part.IrqDirectory))
{
    private const int VectorsOfCpu = 203;
    private const int NearlyAll = 180;

    private static readonly string[] s_messages = ["vector space exhaustion", "Interrupt reservation exceeds available resources", "Cannot disable CPU"];

    public override IEnumerable<Finding> Look(Observation seen)
    {
        string[] said = [.. seen.Log.Where(line => s_messages.Any(message => line.Contains(message, StringComparison.Ordinal)))];
        var fullest = seen.Lines.Where(line => line.Effective is { Count: 1 }).GroupBy(line => line.Effective!.Value.First).MaxBy(lines => lines.Count());
        int most = fullest?.Count() ?? 0;
        if (most < NearlyAll && said.Length == 0)
            yield break;
        List<Evidence> evidence = [.. said.Take(1).Select(line => new Evidence("dmesg", line.Trim()))];
        if (fullest is not null)
            evidence.Add(new Evidence("/proc/irq/*/effective_affinity_list", $"{most} lines go to CPU {fullest.Key}, which has {VectorsOfCpu} vectors for devices"));
        int[] others = [.. seen.Cpus.Where(cpu => cpu != fullest?.Key && !seen.Isolated.Contains(cpu))];
        yield return Found(
            said.Length > 0 ? Severity.Error : Severity.Warning,
            most >= NearlyAll ? $"CPU {fullest!.Key} has {most} of {VectorsOfCpu} device vectors in use." : "The kernel ran out of interrupt vectors.",
            evidence,
            others.Length > 0 && fullest?.FirstOrDefault(line => line.IsManaged != true) is { } line
                ? [$"echo {others[0]} > {line.Path("smp_affinity_list")}", "give devices fewer queues (ethtool -L): every queue has a vector"]
                : ["give devices fewer queues (ethtool -L): every queue has a vector"]);
    }
}
