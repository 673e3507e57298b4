using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// Spreads the processors of a machine over a number of groups, so that each group stays in one NUMA node and hardware threads of a core stay together
/// where possible (lib/group_cpus.c, group_cpus_evenly).
/// </summary>
public static class CpuGroups
{
    /// <summary>
    /// One mask per group; every possible processor is in exactly one, those that are present first. With more groups than processors the last ones stay empty.
    /// The order of nodes of equal size is not defined by the kernel; here it is by number.
    /// </summary>
    public static CpuMask[] Evenly(int groups, CpuLayout layout)
    {
        var masks = new CpuMask[groups];
        if (groups == 0) return masks;
        CpuMask present = layout.Present.And(layout.Possible);
        int used = Spread(masks, 0, present, layout);
        Spread(masks, used >= groups ? 0 : used, layout.Possible.AndNot(present), layout);
        return masks;
    }

    /// <summary>__group_cpus_evenly: one pass, beginning with group <paramref name="current"/>. Returns how many groups it used.</summary>
    private static int Spread(CpuMask[] masks, int current, CpuMask cpus, CpuLayout layout)
    {
        List<CpuMask> nodes = [.. layout.Nodes.Select(node => node.And(cpus)).Where(node => !node.IsEmpty)];
        if (nodes.Count == 0) return 0;
        if (masks.Length <= nodes.Count)
        {
            foreach (CpuMask node in nodes)
            {
                masks[current] = masks[current].Or(node);
                if (++current == masks.Length) current = 0;
            }
            return masks.Length;
        }

        int remainingCpus = cpus.Count, remainingGroups = Math.Min(remainingCpus, masks.Length), done = 0;
        foreach (CpuMask node in nodes.OrderBy(node => node.Count))
        {
            int nodeCpus = node.Count;
            int groups = Math.Max(1, remainingGroups * nodeCpus / remainingCpus);
            remainingCpus -= nodeCpus;
            remainingGroups -= groups;
            int extra = nodeCpus % groups;
            CpuMask left = node;
            for (int group = 0; group < groups; group++, current++)
            {
                if (current >= masks.Length) current = 0;
                masks[current] = masks[current].Or(Take(ref left, nodeCpus / groups + (group < extra ? 1 : 0), layout));
            }
            done += groups;
        }
        return done;
    }

    /// <summary>grp_spread_init_one: the lowest processor, then its siblings, then the lowest of what is left.</summary>
    private static CpuMask Take(ref CpuMask left, int count, CpuLayout layout)
    {
        CpuMask taken = CpuMask.Empty;
        while (count > 0 && !left.IsEmpty)
        {
            int cpu = left.First;
            foreach (int sibling in CpuMask.Of(cpu).Or(layout.Siblings[cpu].Without(cpu)).And(left))
            {
                // The core's lowest free processor is cpu itself, so ascending order is the kernel's.
                if (count-- == 0) return taken;
                taken = taken.With(sibling);
                left = left.Without(sibling);
            }
        }
        return taken;
    }
}
