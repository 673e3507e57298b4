using System.Diagnostics.CodeAnalysis;

namespace Tophalf.Kernel.Networking;

/// <summary>struct softnet_data of one processor: the NAPI contexts waiting to be polled, and the counters of /proc/net/softnet_stat.</summary>
public sealed class SoftnetData
{
    private readonly Queue<Napi> _pollList = new();

    public uint Processed { get; internal set; }
    public uint Dropped { get; internal set; }
    public uint TimeSqueeze { get; internal set; }

    internal bool InNetRxAction { get; set; }
    internal List<Napi> Repoll { get; } = [];
    internal bool HasWork => _pollList.Count > 0;

    internal void Add(Napi napi) => _pollList.Enqueue(napi);
    internal bool TryTake([NotNullWhen(true)] out Napi? napi) => _pollList.TryDequeue(out napi);

    internal void PutBackRepoll()
    {
        foreach (Napi napi in Repoll) _pollList.Enqueue(napi);
        Repoll.Clear();
    }
}
