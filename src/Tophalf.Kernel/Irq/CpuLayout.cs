using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>Which processors belong together, as far as the spreading of interrupts asks (include/linux/topology.h).</summary>
/// <param name="Nodes">The processors of each NUMA node, by node number.</param>
/// <param name="Siblings">For each processor the hardware threads of its core, itself among them.</param>
/// <param name="Present">Processors that are plugged in; the possible ones are those of all nodes.</param>
public sealed record CpuLayout(IReadOnlyList<CpuMask> Nodes, IReadOnlyList<CpuMask> Siblings, CpuMask Present)
{
    public CpuMask Possible { get; } = Nodes.Aggregate(CpuMask.Empty, (all, node) => all.Or(node));

    /// <summary>cpu_to_node; 0 for a processor there is not.</summary>
    internal int NodeOf(int cpu)
    {
        for (int node = 1; node < Nodes.Count; node++)
        {
            if (Nodes[node].Contains(cpu)) return node;
        }
        return 0;
    }

    /// <summary>A machine with a node for each socket and all processors present.</summary>
    internal static CpuLayout Of(KernelOptions options)
    {
        var nodes = new CpuMask[Math.Max(1, options.Sockets)];
        var siblings = new CpuMask[options.Cpus];
        for (int cpu = 0; cpu < options.Cpus; cpu++)
        {
            CpuPosition place = options.Place(cpu);
            int node = Math.Min(place.Socket, nodes.Length - 1);
            nodes[node] = nodes[node].With(cpu);
            siblings[cpu] = place.Siblings;
        }
        return new CpuLayout(nodes, siblings, CpuMask.FirstCpus(options.Cpus));
    }
}
