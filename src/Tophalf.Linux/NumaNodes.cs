using System.Collections.Immutable;
using System.Globalization;

namespace Tophalf.Linux;

/// <summary>A NUMA node and the CPUs in it.</summary>
public sealed record NumaNode(int Node, CpuMask Cpus);

/// <summary>/sys/devices/system/node (drivers/base/node.c).</summary>
public static class NumaNodes
{
    public const string Path = "/sys/devices/system/node";

    /// <summary>Ascending; none where the kernel knows of no NUMA.</summary>
    public static ImmutableArray<NumaNode> Read(ILinuxMachine machine)
    {
        List<NumaNode> nodes = [];
        foreach (string name in OptionalFile.List(machine, Path))
        {
            if (name.StartsWith("node", StringComparison.Ordinal) && int.TryParse(name.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out int node)
                && OptionalFile.Read(machine, $"{Path}/{name}/cpulist") is { } list)
                nodes.Add(new NumaNode(node, IrqDirectory.ListMask(list)));
        }
        return [.. nodes.OrderBy(node => node.Node)];
    }
}
