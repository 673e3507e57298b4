using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking.Adaptive;

/// <summary>
/// The driver's side of one vector's moderation: what was set, and, where that is adaptive, what the last polls made of it. Told of every poll that is
/// complete; what it decides is written to the device as a register write.
/// </summary>
internal sealed class VectorModeration
{
    private readonly Kernel _kernel;
    private readonly NicModel _model;
    private readonly QueueVector _vector;
    private readonly long _bitsPerSecond;
    private readonly XdpCounts _xdp;
    private readonly ApplyEvent _apply;

    private Moderation _rx, _tx;
    private AdaptiveItr? _itr;
    private NetDim? _rxDim, _txDim;
    private bool _rxChanged, _txChanged, _rxCqe, _txCqe;
    private long _rxPackets, _rxBytes, _txPackets, _txBytes;

    public VectorModeration(Kernel kernel, NicModel model, QueueVector vector, long bitsPerSecond, int rank, XdpCounts xdp)
    {
        _kernel = kernel;
        _model = model;
        _vector = vector;
        _bitsPerSecond = bitsPerSecond;
        _xdp = xdp;
        _apply = new ApplyEvent(this) { Rank = rank };
    }


    public NetDim? RxDim => _rxDim;

    /// <summary>The driver's set_coalesce, or its open: everything adaptive starts anew.</summary>
    public void Set(CoalesceSettings settings, int vectors, long nowPs)
    {
        _kernel.Events.Cancel(_apply);
        _rxChanged = _txChanged = false;
        (_rxCqe, _txCqe) = (settings.CqeRx == true, settings.CqeTx == true);
        _itr = MakeItr(settings, vectors, _kernel.Jiffies(nowPs));
        bool isDim = _model.Adaptive is AdaptiveKind.Dim or AdaptiveKind.Ice;
        _rxDim = isDim && settings.AdaptiveRx == true ? new NetDim(NetDim.DefaultProfile) : null;
        _txDim = isDim && settings.AdaptiveTx == true ? new NetDim(NetDim.DefaultProfile) : null;
        (_rxPackets, _rxBytes, _txPackets, _txBytes) = (_vector.Rx.Taken, _vector.Rx.TakenBytes, _vector.Tx.Cleaned, _vector.Tx.CleanedBytes);
        if (_itr is null)
        {
            _rx = Written(settings.RxUsecs ?? 0, settings.RxFrames ?? 0, _rxCqe);
            _tx = settings.TxUsecs is { } usecs && !_model.SharesThrottle ? Written(usecs, settings.TxFrames ?? 0, _txCqe) : _rx;
            if (_rxDim is not null) _rx = Written(DimProfiles.Rx(_model.Adaptive, _rxCqe)[_rxDim.Profile], _rxCqe);
            if (_txDim is not null) _tx = Written(DimProfiles.Tx(_model.Adaptive, _txCqe)[_txDim.Profile], _txCqe);
        }
        else ReadItr();
        _vector.SetModeration(_rx, _tx, nowPs);
    }

    /// <summary>A poll of this vector is complete.</summary>
    public void PollDone(long nowPs)
    {
        if (_itr is not null) UpdateItr(nowPs);
        else if (_rxDim is not null || _txDim is not null) UpdateDim(nowPs);
    }

    private AdaptiveItr? MakeItr(CoalesceSettings settings, int vectors, long jiffies)
    {
        bool isGigabit = _bitsPerSecond == 1_000_000_000;
        switch (_model.Adaptive)
        {
            case AdaptiveKind.E1000e when settings.RxUsecs is 1 or 3: return new E1000eItr(settings.RxUsecs == 3, isGigabit);
            case AdaptiveKind.Igb when settings.RxUsecs is 1 or 3: return new IgbItr(settings.RxUsecs == 3, isGigabit, vectors == 1);
            case AdaptiveKind.Ixgbe when settings.RxUsecs == 1: return new IxgbeItr(_bitsPerSecond is 100_000_000 or >= 5_000_000_000, jiffies);
            case AdaptiveKind.I40e when settings.AdaptiveRx == true || settings.AdaptiveTx == true:
                return new I40eItr(settings.AdaptiveRx == true, settings.AdaptiveTx == true, (int)settings.RxUsecs!, (int)settings.TxUsecs!, _bitsPerSecond, jiffies);
            default: return null;
        }
    }

    private void UpdateItr(long nowPs)
    {
        var work = new ItrWork(
            (int)(_vector.Rx.Taken - _rxPackets), (int)(_vector.Rx.TakenBytes - _rxBytes), (int)(_vector.Tx.Cleaned - _txPackets), (int)(_vector.Tx.CleanedBytes - _txBytes));
        (_rxPackets, _rxBytes, _txPackets, _txBytes) = (_vector.Rx.Taken, _vector.Rx.TakenBytes, _vector.Tx.Cleaned, _vector.Tx.CleanedBytes);
        if (!_itr!.Update(work, _kernel.Jiffies(nowPs))) return;
        ReadItr();
        _kernel.Events.Schedule(_apply, nowPs + _kernel.Costs.DeviceWrite);
    }

    private void ReadItr()
    {
        _rx = new Moderation(_model.Moderation, _model.Throttle!.Value.GapPs(_itr!.RxRegister), 0);
        _tx = new Moderation(_model.Moderation, _model.Throttle!.Value.GapPs(_itr!.TxRegister), 0);
    }

    private void UpdateDim(long nowPs)
    {
        // mlx5 has a completion queue, and so a count, for each direction (mlx5e_handle_rx_dim).
        var rxEvents = (ushort)(_model.CountsEventsApart ? _vector.RxEvents : _vector.Raised);
        var txEvents = (ushort)(_model.CountsEventsApart ? _vector.TxEvents : _vector.Raised);
        long overlookedPackets = _model.DimOverlooksXdp ? _xdp.Kept : 0, overlookedBytes = _model.DimOverlooksXdp ? _xdp.KeptBytes : 0;
        if (_rxDim is not null
            && _rxDim.Update(new DimSample(nowPs, (uint)(_vector.Rx.Taken - overlookedPackets), (uint)(_vector.Rx.TakenBytes - overlookedBytes), rxEvents)))
        {
            _rx = Written(DimProfiles.Rx(_model.Adaptive, _rxCqe)[_rxDim.Profile], _rxCqe);
            _rxChanged = true;
        }
        if (_txDim is not null && _txDim.Update(new DimSample(nowPs, (uint)_vector.Tx.Frames, (uint)_vector.Tx.Bytes, txEvents)))
        {
            _tx = Written(DimProfiles.Tx(_model.Adaptive, _txCqe)[_txDim.Profile], _txCqe);
            _txChanged = true;
        }
        if ((_rxChanged || _txChanged) && !_apply.IsScheduled) _kernel.Events.Schedule(_apply, nowPs + _kernel.Costs.DeviceWrite);
    }

    private Moderation Written(DimProfile profile, bool cqe) => Written((uint)profile.Usecs, (uint)profile.Packets, cqe);

    private Moderation Written(uint usecs, uint frames, bool cqe)
    {
        long delayPs = _model.Throttle is { } register ? register.GapPs(register.ForUsecs(usecs)) : usecs * SimTime.Microsecond;
        return new Moderation(cqe ? ModerationKind.FromLastPacket : _model.Moderation, delayPs, (int)frames);
    }

    private void Apply(long nowPs)
    {
        if (_rxChanged) _rxDim!.Applied();
        if (_txChanged) _txDim!.Applied();
        _rxChanged = _txChanged = false;
        _vector.SetModeration(_rx, _tx, nowPs);
    }

    /// <summary>The driver's write of a new setting, when it reaches the device.</summary>
    private sealed class ApplyEvent(VectorModeration moderation) : SimEvent
    {
        protected override void Fire(long nowPs) => moderation.Apply(nowPs);
    }
}
