using Tophalf.Hardware.Devices;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>The driver's ethtool operations: what may be set, what is refused, and what was really set.</summary>
public sealed partial class NetDevice : IEthtoolOps
{
    public string InterfaceName => Name;
    public CoalesceSettings Coalesce { get; private set; }

    public DriverInfo GetDriverInfo() => new(Model.Driver, Model.Version ?? _kernel.Options.Release, Model.Firmware, BusAddress ?? "", Model.Offers);

    /// <summary>Of its PCI function; null without hardware.</summary>
    public string? BusAddress => Model.IsVirtual ? null : _controller.Function.Address.ToString();

    /// <summary>veth_get_link_ksettings() says 10 Gb/s of what has no speed.</summary>
    public long? SpeedMbps => Model.IsVirtual ? 10_000 : Model.KnowsSpeed ? _controller.TransmitLink.BitsPerSecond / 1_000_000 : null;

    public CoalesceSettings? GetCoalesce() => Coalesce == new CoalesceSettings() ? null : Coalesce;

    public EthtoolResult SetCoalesce(CoalesceSettings change)
    {
        CoalesceSettings now = Coalesce;
        EthtoolResult refused = CoalesceRules.Check(Model, now, change);
        if (refused.Errno != Errno.None)
        {
            if (CoalesceRules.Complaint(Model, now, change) is { } text) Log(text);
            return refused;
        }
        _kernel.Sync();
        Coalesce = CoalesceRules.Apply(Model, now, change);
        ApplyModeration(_kernel.Events.NowPs);
        return EthtoolResult.Ok;
    }

    private void ApplyModeration(long nowPs)
    {
        for (int queue = 0; queue < _controller.Queues; queue++) _napis[queue].Moderation.Set(Coalesce, _controller.Queues, nowPs);
    }

    public Channels? GetChannels() => !Model.HasChannels ? null : Model.HasSeparateChannels ? new(MaxCombined, MaxCombined, null, null, _controller.Queues, _controller.Queues, null, null) : new(null, null, Model.ShowsOtherChannel ? 1 : null, MaxCombined, null, null, Model.ShowsOtherChannel ? 1 : null, _controller.Queues);

    /// <summary>Sizes of the rings when the device was found.</summary>
    private readonly (int Rx, int Tx) _madeRings;

    private int MaxCombined => _controller.Vectors.Length;

    public EthtoolResult SetChannels(int? rx, int? tx, int? other, int? combined)
    {
        if (!Model.HasChannels) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (Model.HasSeparateChannels)
        {
            if (combined is > 0 || rx > MaxCombined || tx > MaxCombined || other is > 0) return new EthtoolResult(Errno.EINVAL, "requested channel count exceeds maximum");
            // The twin's queues are pairs; gve_set_channels takes different numbers too.
            if ((rx ?? Queues) != (tx ?? Queues)) return new EthtoolResult(Errno.EINVAL);
            (combined, rx, tx) = (rx, null, null);
        }
        if (rx is > 0 || tx is > 0 || combined > MaxCombined || other > (Model.ShowsOtherChannel ? 1 : 0)) return new EthtoolResult(Errno.EINVAL, "requested channel count exceeds maximum");
        if (combined is 0) return new EthtoolResult(Errno.EINVAL, "requested channel counts would result in no RX or TX channel being configured");
        if (combined is not { } queues || queues == _controller.Queues) return EthtoolResult.Ok;
        if (queues <= LargestQueueOfTables) return new EthtoolResult(Errno.EINVAL, "requested channel counts are too low for existing indirection table settings");
        if (_controller.FlowRules.Any(rule => rule.Queue >= queues)) return new EthtoolResult(Errno.EINVAL, "requested channel counts are too low for existing ntuple filter settings");
        // ena_set_channels.
        if (IsXdpNative && Model.Xdp is { NeedsSpareQueues: true } && 2 * queues > MaxCombined) return new EthtoolResult(Errno.EINVAL);
        if (Sockets.Exists(socket => socket.Queue >= queues))
            return new EthtoolResult(Errno.EINVAL, "requested channel counts are too low for existing zerocopy AF_XDP sockets");
        int before = _controller.Queues;
        _kernel.Sync();
        if (_filters.Count > 0) DropFilters();
        Stop();
        _controller.SetQueues(queues, _isTableSet, _kernel.Events.NowPs);
        _transmitQueues.Reset();
        try
        {
            Open();
        }
        catch (DriverException noVectors)
        {
            Stop();
            _controller.SetQueues(before, _isTableSet, _kernel.Events.NowPs);
            Open();
            return new EthtoolResult(noVectors.Errno);
        }
        return EthtoolResult.Ok;
    }

    private int MostRx => Model.KeepsRingsAsMade ? _madeRings.Rx : Model.MaxRing;
    private int MostTx => Model.KeepsRingsAsMade ? _madeRings.Tx : Model.MaxRing;

    public RingParameters? GetRings() => Model.IsVirtual ? null : new(MostRx, MostTx, _controller.Vectors[0].Rx.RingSize, _controller.Vectors[0].Tx.RingSize);

    public EthtoolResult SetRings(int? rx, int? tx)
    {
        if (rx > MostRx || tx > MostTx) return new EthtoolResult(Errno.EINVAL, "requested ring size exceeds maximum");
        if (rx is < 1 || tx is < 1) return new EthtoolResult(Errno.EINVAL);
        // virtqueue_resize() asks the ring's allocator, which knows powers of two alone.
        if (Model.KeepsRingsAsMade && !(int.IsPow2(rx ?? 1) && int.IsPow2(tx ?? 1))) return new EthtoolResult(Errno.ENOMEM);
        // i40e_set_ringparam, ice_set_ringparam: the frames of a process are in the ring.
        if (Sockets.Exists(socket => socket.IsZeroCopy)) return new EthtoolResult(Errno.EBUSY);
        _kernel.Sync(); // what a poll has taken by now has left its ring
        foreach (QueueVector vector in _controller.Vectors)
        {
            vector.Resize(Rounded(rx ?? vector.Rx.RingSize), Rounded(tx ?? vector.Tx.RingSize), _kernel.Events.NowPs);
        }
        return EthtoolResult.Ok;
    }

    /// <summary>Drivers clamp a size to what they can do and round it.</summary>
    private int Rounded(int size)
    {
        size = Math.Clamp(size, Model.MinRing, Model.MaxRing);
        if (Model.RoundsRingsDown) return (int)(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size + 1) >> 1);
        return Model.RingMultiple == 0 ? (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size) : (size + Model.RingMultiple - 1) / Model.RingMultiple * Model.RingMultiple;
    }
}
