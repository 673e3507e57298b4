using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Pci;
using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>What a controller is made with.</summary>
public sealed record NetworkControllerOptions
{
    public required string Name { get; init; }
    public required long BitsPerSecond { get; init; }
    public required int MaxQueues { get; init; }
    public required int Queues { get; init; }
    public required int RxRing { get; init; }
    public required int TxRing { get; init; }
    public int RssTableSize { get; init; } = 128;
    public required byte[] RssKey { get; init; }

    /// <summary>The MSI-X entry of the first queue; those before it are for other causes.</summary>
    public int FirstEntry { get; init; }

    /// <summary>What its INTA pin is connected to: an old controller, which knows no messages. Null: it signals by MSI-X.</summary>
    public InterruptLine? Wire { get; init; }

    /// <summary>Receive and transmit of a queue have an entry each, in this order, instead of one for both.</summary>
    public bool HasTransmitEntries { get; init; }

    public required ModerationKind ModerationKind { get; init; }

    /// <summary>What its bus carries; null: all that the link does.</summary>
    public HostBusLimit? HostBus { get; init; }

    /// <summary>Where received frames wait for the bus.</summary>
    public int PacketBufferBytes { get; init; }

    /// <summary>Every packet its own event: the slow way the lazy one is held against.</summary>
    public bool Exact { get; init; }

    /// <summary>Where this controller's events stand among ties; each controller of a machine has its own.</summary>
    public int Rank { get; init; }
}

/// <summary>
/// A multi-queue Ethernet controller: receive-side scaling over descriptor rings, one MSI-X entry per queue pair, moderation per entry.
/// An entry that has raised is disarmed (auto-mask) until the driver arms it again.
/// </summary>
public sealed class NetworkController
{
    /// <summary>How far the wire is read ahead to find a queue's next packet; a queue that sees none looks again then.</summary>
    private const long SightPs = SimTime.Millisecond;

    /// <summary>Frames that are read from the wire in one go.</summary>
    private const int ReadAtOnce = 16;

    /// <summary>No rule matches a flow. Below the number of a rule that drops.</summary>
    private const int NotSteered = -2;

    private readonly EventQueue _events;
    private readonly NetworkControllerOptions _options;
    private readonly List<Feed> _feeds = [];
    private readonly EthernetLink _receiveLink;
    private readonly HostBus? _hostBus;
    private readonly CallbackEvent _connected;
    private readonly int[] _indirection;
    private readonly List<FlowKey> _flows = [];
    private readonly HashSet<byte> _hashedByAddresses = [];
    private uint[] _flowHash = [];
    private int[] _steeredTo = [];
    private FlowRule[] _rules = [];
    private Toeplitz _toeplitz;
    private Packet _next;
    private bool _hasNext;

    public NetworkController(NetworkControllerOptions options, PciFunction function, EventQueue events)
    {
        _options = options;
        _events = events;
        Function = function;
        _receiveLink = new EthernetLink(options.BitsPerSecond);
        TransmitLink = new EthernetLink(options.BitsPerSecond);
        if (options.HostBus is { } limit) _hostBus = new HostBus(limit, options.PacketBufferBytes);
        _connected = new CallbackEvent(ReconsiderAll);
        _indirection = new int[options.RssTableSize];
        _toeplitz = new Toeplitz(options.RssKey);
        RssKey = options.RssKey;
        if (options.Wire is { } wire) Causes = new InterruptCauseRegister(wire, events);
        Vectors = new QueueVector[options.MaxQueues];
        for (int i = 0; i < Vectors.Length; i++) Vectors[i] = new QueueVector(this, i, options);
        Queues = options.Queues;
        ResetIndirection();
    }

    public string Name => _options.Name;
    public PciFunction Function { get; }
    public EthernetLink TransmitLink { get; }
    public QueueVector[] Vectors { get; }

    /// <summary>Why the controller holds its wire; null where it signals by messages.</summary>
    public InterruptCauseRegister? Causes { get; }

    public HopTrace? Trace { get; set; }

    /// <summary>Queue pairs in use, 1 to the most the controller has.</summary>
    public int Queues { get; private set; }

    public IReadOnlyList<int> Indirection => _indirection;
    public byte[] RssKey { get; private set; }
    public IReadOnlyList<FlowKey> Flows => _flows;

    /// <summary>Flow steering rules in the order of their places.</summary>
    public IReadOnlyList<FlowRule> FlowRules => _rules;

    /// <summary>Frames that a rule has dropped.</summary>
    public long DroppedByRule { get; private set; }

    /// <summary>Frames discarded so far because the bus was busy and the packet buffer full; no queue has seen them.</summary>
    public long Discarded
    {
        get
        {
            if (_hostBus is null) return 0;
            // Frames leave the buffer later than they came: what came by now may not have been read yet.
            while (_hostBus.ArrivedPs <= _events.NowPs && StreamPs != SimTime.Never) ReadAhead(StreamPs);
            return _hostBus.DiscardedBy(_events.NowPs);
        }
    }

    /// <summary>Time up to which the wire has been read: the next unread frame's arrival, Never when all sources are dry.</summary>
    internal long StreamPs
    {
        get
        {
            if (!_hasNext) FetchNext();
            return _hasNext ? _next.AtPs : SimTime.Never;
        }
    }

    internal EventQueue Events => _events;

    /// <summary>Makes flows known, so that their hashes are computed once; returns the number of the first.</summary>
    public int AddFlows(IEnumerable<FlowKey> flows)
    {
        int first = _flows.Count;
        _flows.AddRange(flows);
        Rehash(first);
        return first;
    }

    public uint HashOf(int flow) => _flowHash[flow];

    /// <summary>
    /// The queue of a flow: that of the first rule that matches, below zero where it drops; else the low bits of the hash choose an entry of the indirection table, which has a
    /// power of two of them.
    /// </summary>
    public int QueueOf(int flow) => _rules.Length > 0 && _steeredTo[flow] != NotSteered ? _steeredTo[flow] : _indirection[(int)(_flowHash[flow] & (uint)(_indirection.Length - 1))];

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

    /// <summary>Called for each frame that was handed to the controller, with the moment its last bit leaves: who waits for an answer gets it here.</summary>
    public Action<Packet>? FrameSent { get; set; }

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
        if (_hasNext || _feeds.Count > 0) throw new InvalidOperationException($"{Name}: the wire has been read ahead for another sender");
        Offered++;
        int queue = QueueOf(frame.Flow);
        if (!TryCarry(frame, out Packet arriving)) return;
        if (queue >= 0) Vectors[queue].Rx.Expect(arriving);
        else DroppedByRule++;
    }

    private void Reconsider(int flow, long nowPs)
    {
        int queue = QueueOf(flow);
        if (queue >= 0) Vectors[queue].Reconsider(nowPs);
    }

    /// <summary>A queue calls, by its entry or by the wire that all share.</summary>
    internal void Raise(QueueVector vector, bool forReceive, long nowPs)
    {
        if (Causes is { } causes) causes.Set(forReceive ? InterruptCauseRegister.ReceiverTimer : InterruptCauseRegister.TransmitDescriptorWritten, nowPs);
        else Function.Msix.Raise(forReceive ? vector.Entry : vector.TransmitEntry, nowPs);
    }

    private void ReconsiderAll(long nowPs)
    {
        foreach (QueueVector vector in Vectors) vector.Reconsider(nowPs);
    }

    /// <summary>Frames handed to some queue so far, drops included.</summary>
    public long Offered { get; private set; }

    /// <summary>
    /// Reads the wire up to and including <paramref name="untilPs"/>, and some frames more since that is cheaper than to come again for each, sorting frames to queues by the
    /// hash of their flow.
    /// </summary>
    internal void ReadAhead(long untilPs)
    {
        _hostBus?.DiscardedBy(_events.NowPs);
        for (int more = ReadAtOnce; StreamPs <= untilPs || (more > 0 && _hasNext); more--)
        {
            Offered++;
            int queue = QueueOf(_next.Flow);
            if (queue >= 0) Vectors[queue].Rx.Expect(_next);
            else DroppedByRule++;
            FetchNext();
        }
    }

    /// <summary>Lets everything that has arrived fall into the rings.</summary>
    public void Pump(long nowPs)
    {
        foreach (QueueVector vector in Vectors) vector.Rx.Pump(nowPs);
    }

    private void FetchNext()
    {
        do
        {
            _hasNext = _feeds.Count > 0;
            if (!_hasNext) return;
            Feed first = _feeds[0];
            for (int i = 1; i < _feeds.Count; i++)
            {
                if (_feeds[i].Head.AtPs < first.Head.AtPs) first = _feeds[i];
            }
            Packet head = first.Head;
            if (!first.Advance()) _feeds.Remove(first);
            _hasNext = TryCarry(head, out _next);
        }
        while (!_hasNext);
    }

    /// <summary>Link and bus: from the moment a sender would begin to the one the frame is in memory; false where it is discarded on the way.</summary>
    private bool TryCarry(in Packet sent, out Packet frame)
    {
        long atPs = _receiveLink.Pass(sent.AtPs, sent.Bytes);
        if (_hostBus is not null) atPs = _hostBus.Pass(atPs, sent.Bytes, sent.Flow);
        frame = sent with { AtPs = atPs };
        return atPs != SimTime.Never;
    }

    // ---- settings --------------------------------------------------------------------------------------------------------------

    public void SetIndirection(IReadOnlyList<int> table, long nowPs)
    {
        for (int i = 0; i < _indirection.Length; i++) _indirection[i] = table[i];
        Resort(nowPs);
    }

    public void SetRssKey(byte[] key, long nowPs)
    {
        RssKey = key;
        _toeplitz = new Toeplitz(key);
        Rehash();
        Resort(nowPs);
    }

    /// <summary>Is the hash of this IP protocol over addresses and ports, or over addresses alone?</summary>
    public bool HashCoversPorts(byte protocol) => !_hashedByAddresses.Contains(protocol);

    public void SetHashFields(byte protocol, bool coversPorts, long nowPs)
    {
        if (coversPorts) _hashedByAddresses.Remove(protocol);
        else _hashedByAddresses.Add(protocol);
        Rehash();
        Resort(nowPs);
    }

    public void SetFlowRules(IEnumerable<FlowRule> rules, long nowPs)
    {
        _rules = [.. rules.OrderBy(rule => rule.Location)];
        Rehash();
        Resort(nowPs);
    }

    /// <summary>Changes the number of queue pairs in use; the indirection table goes back to round robin, as drivers do.</summary>
    public void SetQueues(int queues, long nowPs)
    {
        Queues = queues;
        ResetIndirection();
        Resort(nowPs);
    }

    private void ResetIndirection()
    {
        for (int i = 0; i < _indirection.Length; i++) _indirection[i] = i % Queues;
    }

    private void Rehash(int first = 0)
    {
        Grow(ref _flowHash);
        Grow(ref _steeredTo);
        for (int i = first; i < _flows.Count; i++)
        {
            FlowKey flow = _flows[i];
            _flowHash[i] = _toeplitz.Hash(flow, flow.HasPorts && HashCoversPorts(flow.Protocol));
            int rule = Array.FindIndex(_rules, candidate => candidate.Matches(flow));
            _steeredTo[i] = rule < 0 ? NotSteered : _rules[rule].Queue;
        }
    }

    private void Grow<T>(ref T[] byFlow)
    {
        if (byFlow.Length < _flows.Count) Array.Resize(ref byFlow, Math.Max(_flows.Count, 2 * byFlow.Length));
    }

    /// <summary>Frames read ahead but not yet arrived are sorted again by the new table; what has arrived stays where it is.</summary>
    private void Resort(long nowPs)
    {
        var future = new List<Packet>();
        foreach (QueueVector vector in Vectors) vector.Rx.GiveUp(future, nowPs);
        future.Sort((a, b) => a.AtPs.CompareTo(b.AtPs));
        foreach (Packet packet in future)
        {
            int queue = QueueOf(packet.Flow);
            if (queue >= 0) Vectors[queue].Rx.Expect(packet);
            else DroppedByRule++;
        }
        ReconsiderAll(nowPs);
    }

    internal long SightFrom(long nowPs) => nowPs + SightPs;

    /// <summary>One sender with its next frame in hand.</summary>
    private sealed class Feed(IPacketSource source)
    {
        public Packet Head;

        public bool Advance() => source.TryNext(out Head);
    }
}
