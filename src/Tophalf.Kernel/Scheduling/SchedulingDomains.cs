using Tophalf.Linux;

namespace Tophalf.Kernel.Scheduling;

/// <summary>One level of a processor's scheduling domains: its name since 6.15 shows, and the processors it spans.</summary>
internal readonly record struct SchedulingDomain(string Name, CpuMask Span);

/// <summary>
/// The domains of a processor, innermost first (kernel/sched/topology.c): its core's threads, its socket, all sockets. A level that spans no more than the one below
/// does not exist; a processor that is isolated, or alone, has none.
/// </summary>
internal static class SchedulingDomains
{
    public static IEnumerable<SchedulingDomain> Of(Kernel kernel, int cpu)
    {
        CpuMask balanced = kernel.ActiveMask.AndNot(kernel.Isolation.Domain);
        if (!balanced.Contains(cpu)) yield break;
        int below = 1;
        foreach (SchedulingDomain level in Levels(kernel, cpu))
        {
            CpuMask span = level.Span.And(balanced);
            if (span.Count <= below) continue;
            below = span.Count;
            yield return level with { Span = span };
        }
    }

    private static IEnumerable<SchedulingDomain> Levels(Kernel kernel, int cpu)
    {
        yield return new("SMT", kernel.Layout.Siblings[cpu]);
        yield return new("MC", kernel.Layout.Nodes[kernel.Layout.NodeOf(cpu)]);
        yield return new("NUMA", kernel.Layout.Possible);
    }
}
