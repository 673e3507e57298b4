using Tophalf.Hardware.Devices;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>The driver's ethtool operations: what may be set, what is refused, and what was really set.</summary>
public sealed partial class NetDevice : IEthtoolOps
{
    public string InterfaceName => Name;
    public CoalesceSettings Coalesce { get; private set; }

    public DriverInfo GetDriverInfo() => new(Model.Driver, _kernel.Options.Release, "N/A", _controller.Function.Address.ToString(), Model.Offers);
    public CoalesceSettings? GetCoalesce() => Coalesce == new CoalesceSettings() ? null : Coalesce;

    public EthtoolResult SetCoalesce(CoalesceSettings change)
    {
        CoalesceSettings now = Coalesce;
        EthtoolResult refused = CoalesceRules.Check(Model, now, change);
        if (refused.Errno != Errno.None) return refused;
        _kernel.Sync();
        Coalesce = CoalesceRules.Apply(Model, now, change);
        ApplyModeration(_kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    private void ApplyModeration(long nowPs)
    {
        for (int queue = 0; queue < _controller.Queues; queue++) _napis[queue].Moderation.Set(Coalesce, _controller.Queues, nowPs);
    }

    public Channels? GetChannels() => !Model.HasChannels ? null : new(null, null, Model.OtherAction is null ? null : 1, MaxCombined, null, null, Model.OtherAction is null ? null : 1, _controller.Queues);

    private int MaxCombined => _controller.Vectors.Length;

    public EthtoolResult SetChannels(int? rx, int? tx, int? other, int? combined)
    {
        if (!Model.HasChannels) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (rx is > 0 || tx is > 0 || combined > MaxCombined || other > 1) return new EthtoolResult(Errno.EINVAL, "requested channel count exceeds maximum");
        if (combined is 0) return new EthtoolResult(Errno.EINVAL, "requested channel counts would result in no RX or TX channel being configured");
        if (combined is not { } queues || queues == _controller.Queues) return EthtoolResult.Ok;
        int before = _controller.Queues;
        _kernel.Sync();
        Stop();
        _controller.SetQueues(queues, _kernel.Events.NowPs);
        _transmitQueues.Reset();
        try
        {
            Open();
        }
        catch (DriverException noVectors)
        {
            Stop();
            _controller.SetQueues(before, _kernel.Events.NowPs);
            Open();
            return new EthtoolResult(noVectors.Errno);
        }
        return EthtoolResult.Ok;
    }

    public RingParameters GetRings() => new(Model.MaxRing, Model.MaxRing, _controller.Vectors[0].Rx.RingSize, _controller.Vectors[0].Tx.RingSize);

    public EthtoolResult SetRings(int? rx, int? tx)
    {
        if (rx > Model.MaxRing || tx > Model.MaxRing) return new EthtoolResult(Errno.EINVAL, "requested ring size exceeds maximum");
        if (rx is < 1 || tx is < 1) return new EthtoolResult(Errno.EINVAL);
        _kernel.Sync(); // what a poll has taken by now has left its ring
        foreach (QueueVector vector in _controller.Vectors)
        {
            vector.Resize(Rounded(rx ?? vector.Rx.RingSize), Rounded(tx ?? vector.Tx.RingSize), _kernel.Events.NowPs);
        }
        return EthtoolResult.Ok;
    }

    /// <summary>Drivers clamp a size to what they can do and round it up.</summary>
    private int Rounded(int size)
    {
        size = Math.Clamp(size, Model.MinRing, Model.MaxRing);
        return Model.RingMultiple == 0 ? (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size) : (size + Model.RingMultiple - 1) / Model.RingMultiple * Model.RingMultiple;
    }

    public RssSettings? GetRss() => Model.RssTableSize == 0 ? null : new(_controller.Indirection, _controller.RssKey, _controller.Queues);

    public EthtoolResult SetRss(IReadOnlyList<int>? table, byte[]? key)
    {
        if (Model.RssTableSize == 0) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (table is not null)
        {
            if (table.Count != _controller.Indirection.Count) return new EthtoolResult(Errno.EINVAL);
            foreach (int queue in table)
            {
                if (queue < 0 || queue >= _controller.Queues) return new EthtoolResult(Errno.EINVAL);
            }
        }
        if (key is not null && key.Length != _controller.RssKey.Length) return new EthtoolResult(Errno.EINVAL);
        _kernel.Sync();
        if (key is not null) _controller.SetRssKey(key, _kernel.Events.NowPs);
        if (table is not null) _controller.SetIndirection(table, _kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    public IReadOnlyList<(string Name, ulong Value)> GetStatistics()
    {
        _kernel.Sync();
        var rows = new List<(string, ulong)>
        {
            ("rx_packets", (ulong)RxTaken),
            ("tx_packets", (ulong)TxSent),
            (Model.RingDrops, (ulong)(RxDropped + (Model.PortDrops is null ? _controller.Discarded : 0))),
            ("tx_dropped", (ulong)_controller.Vectors.Sum(vector => vector.Tx.Full)),
        };
        if (Model.PortDrops is { } port) rows.Add((port, (ulong)_controller.Discarded));
        if (XdpDropped + XdpReturned + XdpRedirected > 0)
            rows.AddRange([("rx_xdp_drop", (ulong)XdpDropped), ("rx_xdp_redirect", (ulong)XdpRedirected), ("rx_xdp_tx", (ulong)XdpReturned)]);
        if (XdpTransmitted + XdpTransmitFull > 0) rows.AddRange([("tx_xdp_xmit", (ulong)XdpTransmitted), ("tx_xdp_full", (ulong)XdpTransmitFull)]);
        for (int queue = 0; queue < _controller.Queues; queue++)
        {
            QueueVector vector = _controller.Vectors[queue];
            rows.Add(($"rx_queue_{queue}_packets", (ulong)vector.Rx.Taken));
            rows.Add(($"rx_queue_{queue}_drops", (ulong)vector.Rx.Dropped));
            rows.Add(($"tx_queue_{queue}_packets", (ulong)vector.Tx.Sent));
        }
        return rows;
    }
}
