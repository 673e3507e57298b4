using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// The wire side of a card: senders, link, packet buffer and bus, and which function gets a frame. The functions of a card (SR-IOV) share it, and the numbers by which flows are known.
/// Nothing here depends on what the receiver does, so it is read ahead of the clock.
/// </summary>
public sealed class EthernetPort
{
    /// <summary>Frames that are read from the wire in one go.</summary>
    private const int ReadAtOnce = 16;

    private static readonly Packet None = new(SimTime.Never, 0, 0);

    private readonly string _name;
    private readonly EventQueue _events;
    private readonly List<Feed> _feeds = [];
    private readonly EthernetLink _receiveLink;
    private readonly HostBus? _hostBus;
    private FunctionSwitch? _switch;
    private readonly CallbackEvent _connected;
    private readonly List<NetworkController> _functions = [];
    private readonly List<FlowKey> _flows = [];
    private readonly List<int> _functionOf = [];
    private readonly TimedFrames[] _lost;
    private int _longestFrame = int.MaxValue;
    private Packet _next = None;
    private bool _isClosedLoop;

    public EthernetPort(string name, long bitsPerSecond, HostBusLimit? hostBus, int packetBufferBytes, EventQueue events)
    {
        _name = name;
        _events = events;
        _receiveLink = new EthernetLink(bitsPerSecond);
        TransmitLink = new EthernetLink(bitsPerSecond);
        if (hostBus is { } limit) _hostBus = new HostBus(limit, packetBufferBytes);
        _connected = new CallbackEvent(BeginReading);
        _lost = [.. Enum.GetValues<FrameLoss>().Select(_ => new TimedFrames())];
    }

    public EthernetLink TransmitLink { get; }

    /// <summary>What a frame that is sent passes.</summary>
    internal EthernetLink WayOf(int flow) => _switch is { } inside && inside.Has(flow) ? inside.Link : TransmitLink;

    /// <summary>Flows of frames that one function of the card sends to another.</summary>
    internal void Switch(int first, int count) => (_switch ??= new FunctionSwitch(TransmitLink.BitsPerSecond, _events, FromInside)).Add(first, count);

    /// <summary>A frame that was sent goes to its function, if it is one for another of this card.</summary>
    internal void TurnRound(in Packet frame)
    {
        if (_switch is not { } inside || !inside.Has(frame.Flow)) return;
        if (HasNext || _feeds.Count > 0) throw new InvalidOperationException($"{_name}: the wire has been read ahead for another sender");
        _isClosedLoop = true;
        Offered++;
        inside.Send(frame);
    }

    private void FromInside(Packet frame)
    {
        Sort(frame);
        Reconsider(frame.Flow, frame.AtPs);
    }

    public IReadOnlyList<FlowKey> Flows => _flows;

    /// <summary>Frames handed to some queue so far, drops included.</summary>
    public long Offered { get; private set; }

    /// <summary>Frames discarded so far because the bus was busy and the packet buffer full; no queue has seen them.</summary>
    public long Discarded => ReadToNow() is { } bus ? bus.DiscardedBy(_events.NowPs) : 0;

    /// <summary>Pause frames sent so far: those that stop the sender, and those that let it go on.</summary>
    public long XoffSent => ReadToNow() is { } bus ? bus.XoffBy(_events.NowPs) : 0;
    public long XonSent => ReadToNow() is { } bus ? bus.XonBy(_events.NowPs) : 0;

    /// <summary>Frames that came to nothing in the card so far, by reason.</summary>
    public long LostTo(FrameLoss loss)
    {
        if (StreamPs <= _events.NowPs) ReadAhead(_events.NowPs);
        return _lost[(int)loss].CountBy(_events.NowPs);
    }

    /// <summary>Called for each frame that was handed to the card, with the moment its last bit leaves: who waits for an answer gets it here.</summary>
    public Action<Packet>? FrameSent { get; set; }

    /// <summary>Time up to which the wire has been read: the next unread frame's arrival, Never when all sources are dry.</summary>
    internal long StreamPs => _next.AtPs;

    private bool HasNext => _next.AtPs != SimTime.Never;

    internal void Add(NetworkController function) => _functions.Add(function);

    /// <summary>Flows whose frames carry the address of a function.</summary>
    internal int AddFlows(IEnumerable<FlowKey> flows, NetworkController to)
    {
        int first = _flows.Count, number = _functions.IndexOf(to);
        _flows.AddRange(flows);
        _functionOf.AddRange(Enumerable.Repeat(number, _flows.Count - first));
        foreach (NetworkController function in _functions) function.Rehash(first);
        return first;
    }

    /// <summary>
    /// Connects a sender. All senders share the wire, so it is not read before those that are connected at one moment all are: what one sends
    /// late must not hold back what another sends early.
    /// </summary>
    public void Connect(IPacketSource source)
    {
        var feed = new Feed(source);
        if (!feed.Advance()) return;
        _feeds.Add(feed);
        _events.Schedule(_connected, _events.NowPs);
    }

    /// <summary>
    /// A sender whose frames depend on what came back begins to send one at <paramref name="nowPs"/>. The wire is not read ahead for it, so it has the link for itself and
    /// its like: throws where a source is connected too.
    /// </summary>
    public void Send(int bytes, int flow, long nowPs)
    {
        Begin(new Packet(nowPs, bytes, flow));
        Reconsider(flow, nowPs);
    }

    /// <summary>A frame that another card of the machine sends arrives here, at its time. It is seen from now on; the wire is not read ahead for it either.</summary>
    public void Arrive(in Packet frame)
    {
        Begin(new Packet(frame.AtPs - _receiveLink.WirePs(frame.Bytes), frame.Bytes, frame.Flow));
        Reconsider(frame.Flow, _events.NowPs);
    }

    /// <summary>The same with segments <paramref name="first"/> … of a stream, which follow each other as closely as the link lets them. The last of them is pushed.</summary>
    public void SendTrain(int bytes, int flow, int first, int segments, long nowPs)
    {
        for (int i = 0; i < segments; i++) Begin(new Packet(nowPs, bytes, flow, new TcpSegment(first + i, isPushed: i == segments - 1)));
        Reconsider(flow, nowPs);
    }

    private void Begin(in Packet frame)
    {
        if (HasNext || _feeds.Count > 0) throw new InvalidOperationException($"{_name}: the wire has been read ahead for another sender");
        _isClosedLoop = true;
        Offered++;
        if (TryCarry(frame, out Packet arriving)) Sort(arriving);
    }

    /// <summary>By the address in the frame.</summary>
    private NetworkController FunctionOf(int flow) => _functions.Count == 1 ? _functions[0] : _functions[_functionOf[flow]];

    private void Reconsider(int flow, long nowPs) => FunctionOf(flow).ReconsiderQueueOf(flow, nowPs);

    private void BeginReading(long nowPs)
    {
        if (!HasNext) FetchNext();
        ReconsiderAll(nowPs);
    }

    private void ReconsiderAll(long nowPs)
    {
        foreach (NetworkController function in _functions) function.ReconsiderAll(nowPs);
    }

    /// <summary>Reads the wire up to and including <paramref name="untilPs"/>, and some frames more since that is cheaper than to come again for each, sorting frames to queues.</summary>
    internal void ReadAhead(long untilPs)
    {
        _hostBus?.Settle(_events.NowPs);
        int read = 0;
        for (; _next.AtPs <= untilPs || (read < ReadAtOnce && HasNext); read++)
        {
            Sort(_next);
            FetchNext();
        }
        Offered += read;
    }

    /// <summary>To the queue that wants it, or to those that come to nothing.</summary>
    private void Sort(in Packet frame)
    {
        NetworkController function = FunctionOf(frame.Flow);
        bool isTooLong = frame.Bytes > _longestFrame && frame.Bytes > _longestFrame + TagBytes(frame.Flow);
        if (!isTooLong && function.TryExpect(frame)) return;
        FrameLoss loss = isTooLong ? FrameLoss.TooLong : !function.IsThere ? FrameLoss.NoFunction : function.Filters(frame.Flow) ? FrameLoss.UnknownVlan : FrameLoss.ByRule;
        _lost[(int)loss].Add(frame);
    }

    /// <summary>A tag does not count to the length that is allowed.</summary>
    private int TagBytes(int flow) => _flows[flow].Vlan == 0 ? 0 : EthernetLink.TagBytes;

    private void FetchNext()
    {
        do
        {
            if (_feeds.Count == 0)
            {
                _next = None;
                return;
            }
            Feed first = _feeds[0];
            for (int i = 1; i < _feeds.Count; i++)
            {
                if (_feeds[i].Head.AtPs < first.Head.AtPs) first = _feeds[i];
            }
            Packet head = first.Head;
            if (!first.Advance()) _feeds.Remove(first);
            TryCarry(head, out _next);
        }
        while (!HasNext);
    }

    /// <summary>Link and bus: from the moment a sender would begin to the one the frame is in memory; false where it is discarded on the way.</summary>
    private bool TryCarry(in Packet sent, out Packet frame)
    {
        long atPs;
        if (_hostBus is null) atPs = _receiveLink.Pass(sent.AtPs, sent.Bytes);
        else
        {
            long freePs = _receiveLink.FreePs;
            atPs = _hostBus.Pass(sent, freePs, _receiveLink.Pass(Math.Max(sent.AtPs, _hostBus.PausedUntilPs), sent.Bytes));
        }
        frame = sent with { AtPs = atPs };
        return atPs != SimTime.Never;
    }

    /// <summary>Frames leave the buffer later than they came: what came by now may not have been read yet.</summary>
    private HostBus? ReadToNow()
    {
        if (_hostBus is null) return null;
        while (_hostBus.ArrivedPs <= _events.NowPs && StreamPs != SimTime.Never) ReadAhead(StreamPs);
        return _hostBus;
    }

    // ---- settings --------------------------------------------------------------------------------------------------------------

    /// <summary>The card asks its sender to pause before its buffer is full.</summary>
    public void SetSendsPause(bool on, long nowPs)
    {
        if (_hostBus is null || _hostBus.SendsPause == on) return;
        // What has come by now came under the old setting, though it may not have left the buffer.
        _ = ReadToNow();
        List<Packet> future = GiveUp(nowPs);
        HostBus.TakenBack? taken = _hostBus.Rewind(nowPs);
        _hostBus.SendsPause = on;
        if (taken is { } back) CarryAgain(back, future);
        else SortAgain(future);
        ReconsiderAll(nowPs);
    }

    /// <summary>Longer frames, FCS included and a VLAN tag not counted, are dropped.</summary>
    public void SetLongestFrame(int bytes, long nowPs)
    {
        _longestFrame = bytes;
        if (_hostBus is not null) _hostBus.LongestFrame = bytes;
        Resort(nowPs);
    }

    /// <summary>Frames read ahead but not yet in memory are sorted again by new settings; what has arrived stays where it is.</summary>
    internal void Resort(long nowPs)
    {
        SortAgain(GiveUp(nowPs));
        ReconsiderAll(nowPs);
    }

    private List<Packet> GiveUp(long nowPs)
    {
        var future = new List<Packet>();
        foreach (NetworkController function in _functions) function.GiveUp(future, nowPs);
        foreach (TimedFrames lost in _lost) lost.GiveUp(future, nowPs);
        future.Sort((a, b) => a.AtPs.CompareTo(b.AtPs));
        return future;
    }

    private void SortAgain(List<Packet> frames)
    {
        foreach (Packet frame in frames) Sort(frame);
    }

    /// <summary>Frames whose last bit has not come go over the wire once more; those in the buffer leave it as they would have.</summary>
    private void CarryAgain(in HostBus.TakenBack back, List<Packet> future)
    {
        _receiveLink.Rewind(back.LinkFreePs);
        int sorted = back.Carried - (HasNext ? 1 : 0);
        future.RemoveRange(future.Count - sorted, sorted);
        SortAgain(future);
        if (!_isClosedLoop) Offered -= sorted;
        bool hadNext = HasNext;
        _next = None;
        for (int i = 0; i < back.Sent.Count; i++)
        {
            if (!TryCarry(back.Sent[i], out Packet frame)) continue;
            // The frame in hand is the last that was read.
            if (hadNext && i == back.Sent.Count - 1) _next = frame;
            else
            {
                if (!_isClosedLoop) Offered++;
                Sort(frame);
            }
        }
    }

    /// <summary>One sender with its next frames in hand: frames that are read many at a time cost half.</summary>
    private sealed class Feed(IPacketSource source)
    {
        private readonly Packet[] _frames = new Packet[ReadAtOnce];
        private int _next = ReadAtOnce - 1, _count = ReadAtOnce;

        public ref readonly Packet Head => ref _frames[_next];

        public bool Advance()
        {
            if (++_next < _count) return true;
            if (_count < ReadAtOnce) return false;
            (_next, _count) = (0, source.Read(_frames));
            return _count > 0;
        }
    }
}
