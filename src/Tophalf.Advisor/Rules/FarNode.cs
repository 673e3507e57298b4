using Tophalf.Advisor.Observations;
using Tophalf.Linux;

namespace Tophalf.Advisor.Rules;

/// <summary>A device's interrupts go to CPUs of another NUMA node.</summary>
internal sealed class FarNode() : Rule(new RuleCard(
    "far-numa-node",
    "The device writes packets and descriptors to memory near its own node, and a CPU of another node reads each over the link between the sockets. The CPUs of its node do the same work with shorter waits.",
    $"A line that comes {OftenPerSecond:0} times a second goes to a CPU of another node than its device's.",
    "kernel/irq/manage.c irq_setup_affinity; /proc/irq/N/node",
    Part.Interrupts, Part.IrqDirectory))
{
    private const double OftenPerSecond = 1_000;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        foreach (IGrouping<int, (ObservedLine Line, int Cpu, int Node)> far in seen.Lines.Select(line => Place(seen, line)).OfType<(ObservedLine Line, int Cpu, int Node)>().GroupBy(place => place.Node))
        {
            (ObservedLine line, int cpu, int node) = far.MaxBy(place => place.Line.Count);
            CpuMask near = seen.Nodes.First(other => other.Node == node).Cpus;
            ObservedLine[] movable = [.. far.Select(place => place.Line).Where(place => place.IsManaged != true)];
            yield return Found(
                Severity.Warning,
                $"{far.Count()} busy {(far.Count() == 1 ? "line" : "lines")} of devices on node {node} interrupt CPUs of other nodes, {line.Label} CPU {cpu} the most.",
                [
                    new Evidence(line.Path("node"), $"{node}"),
                    new Evidence("/proc/interrupts", $"irq {line.Irq} on CPU {cpu}: {seen.PerSecond(line.Count)}"),
                    new Evidence($"{NumaNodes.Path}/node{node}/cpulist", near.ToList()),
                ],
                [.. movable.Select((place, i) => $"echo {near.Skip(i % near.Count).First()} > {place.Path("smp_affinity_list")}")]);
        }
    }

    private static (ObservedLine Line, int Cpu, int Node)? Place(Observation seen, ObservedLine line)
    {
        int? node = line.Node is >= 0 ? line.Node : seen.Interfaces.FirstOrDefault(device => device.Lines.Contains(line))?.Node;
        if (node is not >= 0 || seen.Nodes.Count < 2 || !seen.IsAtLeast(line.Count, OftenPerSecond) || line.Target(seen.Cpus) is not { } cpu)
            return null;
        NumaNode? home = seen.Nodes.FirstOrDefault(other => other.Node == node);
        return home is null || home.Cpus.IsEmpty || home.Cpus.Contains(cpu) ? null : (line, cpu, node.Value);
    }
}
