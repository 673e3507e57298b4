using System.Globalization;
using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Networking.Xdp;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>What a device is told of its link: how long packets may be, whether pause frames are sent; and what it counts.</summary>
public sealed partial class NetDevice
{
    private PauseSettings _pause;

    /// <summary>The longest packet, without Ethernet's header and check sequence.</summary>
    public int Mtu { get; private set; }

    public PauseSettings? GetPause() => Model.Pause is null ? null : _pause;

    public EthtoolResult SetPause(bool? autoneg, bool? rx, bool? tx)
    {
        if (Model.Pause is not { } support) return new EthtoolResult(Errno.EOPNOTSUPP);
        Errno error = support.Apply(_pause, autoneg, rx, tx, out PauseSettings set);
        if (error != Errno.None) return new EthtoolResult(error);
        _kernel.Sync();
        WritePause(set);
        return EthtoolResult.Ok;
    }

    private void WritePause(PauseSettings set)
    {
        _pause = set;
        _controller.Port.SetSendsPause(set.Tx, _kernel.Events.NowPs);
    }

    /// <summary>dev_set_mtu_ext(), net/core/dev.c. The links of the drivers that reset their card for it do not go down here.</summary>
    public EthtoolResult SetMtu(int mtu)
    {
        if (mtu == Mtu) return EthtoolResult.Ok;
        if (mtu < Model.Mtu.Least) return new EthtoolResult(Errno.EINVAL, "mtu less than device minimum");
        if (mtu > MostMtu) return new EthtoolResult(Errno.EINVAL, "mtu greater than device maximum");
        if (IsXdpNative && mtu > Model.Xdp?.MostMtuLater)
        {
            LogXdp(Model.Xdp.LogsLater, mtu, Model.Xdp.MostMtuLater.Value);
            return new EthtoolResult(Errno.EINVAL);
        }
        _kernel.Sync();
        WriteMtu(mtu);
        LimitVlans();
        return EthtoolResult.Ok;
    }

    /// <summary>max_mtu.</summary>
    public int MostMtu => IsXdpNative && Model.Xdp is { SetsMaximum: true } limits ? Math.Min(limits.MostMtu, Model.Mtu.Most) : Model.Mtu.Most;

    private void WriteMtu(int mtu)
    {
        Mtu = mtu;
        int frameBytes = MtuSupport.FrameBytes(mtu), bufferBytes = mtu > MtuSupport.Ethernet ? Model.Mtu.JumboBufferBytes : 0;
        foreach (QueueVector vector in _controller.Vectors) vector.Rx.SetBuffers(bufferBytes, frameBytes, _kernel.Events.NowPs);
        if (Model.Mtu.CardDropsLonger) _controller.Port.SetLongestFrame(frameBytes, _kernel.Events.NowPs);
    }

    // ---- counters --------------------------------------------------------------------------------------------------------------

    /// <summary>Frames longer than the card was told to take.</summary>
    public long RxTooLong => _controller.Port.LostTo(FrameLoss.TooLong);

    /// <summary>dev_get_stats(), net/core/dev.c.</summary>
    public LinkStatistics LinkStatistics
    {
        get
        {
            _kernel.Sync();
            long ring = RxDropped, port = _controller.IsVirtual ? 0 : _controller.Port.Discarded, tooLong = Model.Counters.TooLongIsAnError ? RxTooLong : 0;
            long As(LinkCounter counter) => (Model.Counters.RingDropsAs == counter ? ring : 0) + (Model.Counters.PortDropsAs == counter ? port : 0);
            return new LinkStatistics(
                RxTaken, RxBytes, tooLong + As(LinkCounter.Errors), BacklogDropped + As(LinkCounter.Dropped), As(LinkCounter.Missed) + As(LinkCounter.MissedAndFifo), tooLong, As(LinkCounter.MissedAndFifo),
                TxSent, TxBytes, TxFull, OtherHostDropped);
        }
    }

    private long TxFull => _controller.Vectors.Sum(vector => vector.Tx.Full);

    public IReadOnlyList<(string Name, ulong Value)> GetStatistics()
    {
        _kernel.Sync();
        var rows = new List<(string, ulong)>();
        foreach ((string name, NicCounter counts) in Model.Counters.Device) rows.Add((name, (ulong)Value(counts)));
        if (!Model.Counters.TellsOfXdp && XdpDropped + XdpReturned + XdpRedirected > 0)
            rows.AddRange([("rx_xdp_drop", (ulong)XdpDropped), ("rx_xdp_redirect", (ulong)XdpRedirected), ("rx_xdp_tx", (ulong)XdpReturned)]);
        if (!Model.Counters.TellsOfXdp && XdpTransmitted + XdpTransmitFull > 0) rows.AddRange([("tx_xdp_xmit", (ulong)XdpTransmitted), ("tx_xdp_full", (ulong)XdpTransmitFull)]);
        NicCounters counters = Model.Counters.Before610 is { } before && !new Procfs.KernelProfile(_kernel.Options.Release).HasDeviceStatistics ? before : Model.Counters;
        AddQueues(rows, counters, counters.Queue);
        AddQueues(rows, counters, counters.Queue2);
        foreach ((string name, NicCounter counts) in counters.Last) rows.Add((name, (ulong)Value(counts)));
        return rows;
    }

    private void AddQueues(List<(string, ulong)> rows, NicCounters counters, IReadOnlyList<(string Name, QueueCounter Counts)> ofEach)
    {
        for (int queue = 0; queue < Math.Max(_controller.Queues, counters.QueuesShown); queue++)
        {
            foreach ((string name, QueueCounter counts) in ofEach)
                rows.Add((string.Format(CultureInfo.InvariantCulture, name, queue), queue < _controller.Queues ? (ulong)Value(counts, queue) : 0));
        }
    }

    private long Value(NicCounter counts) => counts switch
    {
        NicCounter.One => 1,
        NicCounter.RxPackets => RxTaken,
        NicCounter.RxBytes => RxBytes,
        NicCounter.TxPackets => TxSent,
        NicCounter.TxBytes => TxBytes,
        NicCounter.RingDrops => RxDropped,
        NicCounter.PortDrops => _controller.Port.Discarded,
        NicCounter.Missed => RxDropped + _controller.Port.Discarded,
        NicCounter.TooLong => RxTooLong,
        NicCounter.TxFull => TxFull,
        NicCounter.XoffSent => _controller.Port.XoffSent,
        NicCounter.XonSent => _controller.Port.XonSent,
        NicCounter.PauseSent => _controller.Port.XoffSent + _controller.Port.XonSent,
        _ => 0,
    };

    private long Value(QueueCounter counts, int queue)
    {
        QueueVector vector = _controller.Vectors[queue];
        XdpCounts xdp = XdpCounts[queue];
        return counts switch
        {
            QueueCounter.RxPackets => vector.Rx.Taken,
            QueueCounter.RxBytes => vector.Rx.TakenBytes,
            QueueCounter.RxDrops => vector.Rx.Dropped,
            QueueCounter.TxPackets => vector.Tx.Frames,
            QueueCounter.TxBytes => vector.Tx.Bytes,
            QueueCounter.Interrupts => vector.Raised,
            QueueCounter.Polls => _napis[queue].Polls,
            QueueCounter.XdpPackets => xdp.Dropped + xdp.Returned + xdp.Redirected,
            QueueCounter.XdpTx => xdp.Returned,
            QueueCounter.XdpRedirects => xdp.Redirected,
            QueueCounter.XdpDrops => xdp.Dropped,
            _ => 0,
        };
    }
}
