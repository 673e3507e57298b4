using Tophalf.Linux;

namespace Tophalf.Kernel.Procfs;

/// <summary>/sys/devices/system/node: which processors are near which memory (drivers/base/node.c). A socket is a node; without firmware's table of distances others are twice as far.</summary>
internal sealed class NodeFiles(Kernel kernel)
{
    private const int LocalDistance = 10, RemoteDistance = 20;

    private IReadOnlyList<CpuMask> Nodes => kernel.Layout.Nodes;

    public Directory Tree() => Directory.Of(
    [
        .. new[] { "has_cpu", "has_memory", "online", "possible" }.Select(name => (name, (Node)new File(() => CpuMask.FirstCpus(Nodes.Count).ToList() + "\n"))),
        .. Enumerable.Range(0, Nodes.Count).Select(node => ($"node{node}", (Node)Of(node))),
    ]);

    private Directory Of(int node) => Directory.Of(
        ("cpulist", new File(() => Nodes[node].And(kernel.OnlineMask).ToList() + "\n")),
        ("cpumap", new File(() => Nodes[node].And(kernel.OnlineMask).ToHex(kernel.CpuCount) + "\n")),
        ("distance", new File(() => string.Join(' ', Enumerable.Range(0, Nodes.Count).Select(other => other == node ? LocalDistance : RemoteDistance)) + "\n")));
}
