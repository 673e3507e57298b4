using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// A receive and a transmit queue of a controller with their MSI-X entry, or their two: armed, it raises when moderation says so, and is then
/// disarmed until the driver arms it again.
/// </summary>
public sealed class QueueVector
{
    private readonly NetworkController _controller;
    private readonly RaiseEvent _raise;
    private readonly ArrivalEvent? _arrival;
    private long _rxGapEndPs, _txGapEndPs;
    private TxQueue? _xdpTx;

    // Packets that somebody took since the entry was armed: the device's timer and count know nothing of that.
    private int _served;
    private long _servedFirstPs, _servedLastPs, _servedNthPs;

    internal QueueVector(NetworkController controller, int index, NetworkControllerOptions options)
    {
        _controller = controller;
        Index = index;
        Entry = options.FirstEntry + index * (options.HasTransmitEntries ? 2 : 1);
        TransmitEntry = options.HasTransmitEntries ? Entry + 1 : Entry;
        Rx = new RxQueue(controller.Port, index, options.RxRing);
        Tx = new TxQueue(controller.Port, options.TxRing);
        RxModeration = TxModeration = new Moderation(options.ModerationKind, 0, 0);
        _raise = new RaiseEvent(this) { Rank = options.Rank + 2 * index + 1 };
        if (options.Exact) _arrival = new ArrivalEvent(this) { Rank = options.Rank + 2 * index };
    }

    public int Index { get; }

    /// <summary>The MSI-X entry of both queues, or of the receive queue alone.</summary>
    public int Entry { get; }

    public int TransmitEntry { get; }
    public RxQueue Rx { get; }
    public TxQueue Tx { get; }

    /// <summary>A second transmit queue of the same entry, for frames that never were the stack's; made when it is first asked for.</summary>
    public TxQueue XdpTx => _xdpTx ??= new TxQueue(_controller.Port, Tx.RingSize) { Limit = Tx.Limit };
    public bool HasXdpTx => _xdpTx is not null;
    public Moderation RxModeration { get; private set; }
    public Moderation TxModeration { get; private set; }

    /// <summary>The device may raise this entry. False from a raise until the driver arms it again.</summary>
    public bool IsArmed { get; private set; }

    public long Raised { get; private set; }

    /// <summary>Those that the receive queue asked for, and the transmit queue; some are asked for by both.</summary>
    public long RxEvents { get; private set; }
    public long TxEvents { get; private set; }

    public string ActionName { get; set; } = "";

    /// <summary>
    /// Told before the ring is looked at from outside, and when something comes to it that was not in sight: for whoever polls it while the entry may be armed.
    /// </summary>
    public Action<long>? Watcher { get; set; }

    internal void SetTransmitLimit(EthernetLink? limit)
    {
        Tx.Limit = limit;
        if (_xdpTx is { } xdp) xdp.Limit = limit;
    }

    public void SetModeration(Moderation rx, Moderation tx, long nowPs)
    {
        RxModeration = rx;
        TxModeration = tx;
        Reconsider(nowPs);
    }

    /// <summary>New descriptor rings. Packets that do not fit a smaller receive ring are lost, and counted as dropped.</summary>
    public void Resize(int rxRing, int txRing, long nowPs)
    {
        Rx.Resize(rxRing, nowPs);
        Tx.Resize(txRing);
        _xdpTx?.Resize(txRing);
        Reconsider(nowPs);
    }

    /// <summary>The driver's write that lets the entry raise again. Packets that came in the meantime count from their own arrival.</summary>
    public void Arm(long nowPs)
    {
        IsArmed = true;
        _served = 0;
        Reconsider(nowPs);
    }

    public void Disarm()
    {
        IsArmed = false;
        _controller.Events.Cancel(_raise);
    }

    /// <summary>Software has the entry raised, whatever is in the rings.</summary>
    public void Interrupt(long nowPs)
    {
        Watcher?.Invoke(nowPs);
        Disarm();
        _served = 0;
        Raised++;
        _controller.Raise(this, forReceive: true, nowPs);
    }

    /// <summary>A poll took a packet although the entry is armed: what it started goes on.</summary>
    public void Served(long arrivedPs)
    {
        if (_served++ == 0) _servedFirstPs = arrivedPs;
        if (_served == RxModeration.Frames) _servedNthPs = arrivedPs;
        _servedLastPs = arrivedPs;
    }

    /// <summary>Something changed (armed, a frame posted, moderation, RSS): when is the next interrupt due?</summary>
    public void Reconsider(long nowPs)
    {
        Watcher?.Invoke(nowPs);
        // A ring that is being polled is not looked at from outside: what the poll takes before now may not have been taken out yet.
        if (_arrival is null && !IsArmed) return;
        // A handler that runs ahead of the clock must not take frames from the wire ahead by sending one.
        Rx.Pump(IsArmed ? nowPs : Math.Min(nowPs, _controller.Events.NowPs));
        if (_arrival is not null) ScheduleArrival(nowPs);
        if (!IsArmed) return;
        long duePs = Math.Min(DueByReceive(nowPs), DueByTransmit());
        // Nothing in sight: look again when more of the wire can be seen. Exact mode needs no looking, each arrival comes by itself.
        if (duePs == SimTime.Never) duePs = _arrival is null && _controller.Port.StreamPs != SimTime.Never ? _controller.SightFrom(nowPs) : SimTime.Never;
        if (duePs == SimTime.Never) _controller.Events.Cancel(_raise);
        else _controller.Events.Schedule(_raise, Math.Max(duePs, nowPs));
    }

    private long DueByReceive(long nowPs)
    {
        // Exact mode sees only what has arrived; the lazy way looks along the wire. Both must come to the same moment.
        long untilPs = _arrival is null ? _controller.SightFrom(nowPs) : nowPs;
        if (RxModeration.Kind == ModerationKind.FromLastPacket && RxModeration.DelayPs > 0) return DueAfterBurst(nowPs, untilPs);
        long firstPs = _served > 0 ? _servedFirstPs : Seen(Rx.FirstPs(untilPs), nowPs);
        if (RxModeration.Frames <= 1) return RxModeration.DuePs(firstPs, firstPs, _rxGapEndPs);
        // The first packet may come so late in sight that its timer ends beyond: the count can be complete anywhere before that.
        if (_arrival is null && firstPs != SimTime.Never) untilPs = Math.Max(untilPs, firstPs + RxModeration.DelayPs);
        long nthPs = _served >= RxModeration.Frames ? _servedNthPs : Seen(Rx.NthPs(RxModeration.Frames - _served, untilPs), nowPs);
        return RxModeration.DuePs(firstPs, nthPs, _rxGapEndPs);
    }

    /// <summary>The first pause between packets that is longer than the delay, or the packet that makes the count full.</summary>
    private long DueAfterBurst(long nowPs, long untilPs)
    {
        if (_served > 0 && _served >= RxModeration.Frames && RxModeration.Frames > 0) return _servedNthPs;
        int seen = _served;
        long lastPs = _served > 0 ? _servedLastPs : SimTime.Never;
        // A full ring completes no more packets.
        for (int i = 1; i <= Rx.RingSize; i++)
        {
            if (_arrival is null && lastPs != SimTime.Never) untilPs = lastPs + RxModeration.DelayPs;
            long nextPs = Seen(Rx.NthPs(i, untilPs), nowPs);
            if (nextPs == SimTime.Never || lastPs != SimTime.Never && nextPs > lastPs + RxModeration.DelayPs) break;
            lastPs = nextPs;
            if (++seen == RxModeration.Frames) return lastPs;
            // As far as the ring goes; but somebody may be taking packets out of it: look again when they are there.
            if (i == Rx.RingSize && Rx.Count < Rx.RingSize && _arrival is null) return lastPs;
        }
        return lastPs == SimTime.Never ? SimTime.Never : lastPs + RxModeration.DelayPs;
    }

    private long Seen(long atPs, long nowPs) => _arrival is not null && atPs > nowPs ? SimTime.Never : atPs;

    private long DueByTransmit()
    {
        long duePs = TxModeration.DuePs(Tx.NthPs(1), Tx.NthPs(TxModeration.Frames), _txGapEndPs);
        return _xdpTx is { } xdp ? Math.Min(duePs, TxModeration.DuePs(xdp.NthPs(1), xdp.NthPs(TxModeration.Frames), _txGapEndPs)) : duePs;
    }

    private void Due(long nowPs)
    {
        Watcher?.Invoke(nowPs);
        Rx.Pump(nowPs);
        long receivePs = DueByReceive(nowPs), transmitPs = DueByTransmit();
        if (Math.Min(receivePs, transmitPs) > nowPs)
        {
            Reconsider(nowPs);
            return;
        }
        IsArmed = false;
        _served = 0;
        Raised++;
        if (receivePs <= nowPs) RxEvents++;
        if (transmitPs <= nowPs) TxEvents++;
        _rxGapEndPs = nowPs + RxModeration.DelayPs;
        _txGapEndPs = nowPs + TxModeration.DelayPs;
        if (_controller.Trace is { } trace && trace.TryBegin(_controller.Name, ActionName, nowPs))
        {
            string what = Rx.Count > 0 ? $"{Rx.Count} packet(s) in the ring, first arrived {SimTime.Format(nowPs - Rx[0].AtPs)} ago" : "transmit completion";
            trace.Add(nowPs, _controller.Name, $"queue {Index} raises: {what}", 0);
        }
        _controller.Raise(this, forReceive: receivePs <= nowPs, nowPs);
    }

    private void ScheduleArrival(long nowPs)
    {
        long nextPs = Rx.NextOnWirePs(_controller.SightFrom(nowPs));
        if (nextPs != SimTime.Never) _controller.Events.Schedule(_arrival!, nextPs);
        else if (_controller.Port.StreamPs != SimTime.Never) _controller.Events.Schedule(_arrival!, _controller.SightFrom(nowPs));
    }

    private sealed class RaiseEvent(QueueVector vector) : SimEvent
    {
        protected override void Fire(long nowPs) => vector.Due(nowPs);
    }

    private sealed class ArrivalEvent(QueueVector vector) : SimEvent
    {
        protected override void Fire(long nowPs) => vector.Reconsider(nowPs);
    }
}
