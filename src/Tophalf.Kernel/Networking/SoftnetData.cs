using System.Diagnostics.CodeAnalysis;

namespace Tophalf.Kernel.Networking;

/// <summary>struct softnet_data of one processor: the NAPI contexts waiting to be polled, and the counters of /proc/net/softnet_stat.</summary>
public sealed class SoftnetData
{
    private readonly Queue<Napi> _arrived = new(), _taken = new();

    public uint Processed { get; internal set; }
    public uint Dropped { get; internal set; }
    public uint TimeSqueeze { get; internal set; }

    internal bool InNetRxAction { get; set; }
    internal List<Napi> Repoll { get; } = [];
    internal bool HasWork => _arrived.Count > 0;

    internal void Add(Napi napi) => _arrived.Enqueue(napi);

    /// <summary>net_rx_action takes the whole list; contexts scheduled from now on wait for its next turn.</summary>
    internal void TakeList()
    {
        while (_arrived.TryDequeue(out Napi? napi)) _taken.Enqueue(napi);
    }

    internal bool TryTake([NotNullWhen(true)] out Napi? napi) => _taken.TryDequeue(out napi);

    /// <summary>What was not polled goes before what came meanwhile, and what must be polled again behind both.</summary>
    internal void PutBack()
    {
        while (_arrived.TryDequeue(out Napi? napi)) _taken.Enqueue(napi);
        foreach (Napi napi in Repoll) _taken.Enqueue(napi);
        Repoll.Clear();
        TakeBack();
    }

    private void TakeBack()
    {
        while (_taken.TryDequeue(out Napi? napi)) _arrived.Enqueue(napi);
    }
}
