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

    /// <summary>The card of a virtual function, which has the wire; null: this function is the card's first.</summary>
    public EthernetPort? Port { get; init; }

    /// <summary>Every packet its own event: the slow way the lazy one is held against.</summary>
    public bool Exact { get; init; }

    /// <summary>Where this controller's events stand among ties; each controller of a machine has its own.</summary>
    public int Rank { get; init; }
}

/// <summary>
/// A function of a multi-queue Ethernet card: receive-side scaling over descriptor rings, one MSI-X entry per queue pair, moderation per entry.
/// An entry that has raised is disarmed (auto-mask) until the driver arms it again.
/// </summary>
public sealed class NetworkController
{
    /// <summary>How far the wire is read ahead to find a queue's next packet; a queue that sees none looks again then.</summary>
    private const long SightPs = SimTime.Millisecond;

    /// <summary>The flow's VLAN is not in the filter. Below the number of a rule that drops.</summary>
    private const int Filtered = -2;

    private readonly NetworkControllerOptions _options;
    private readonly int[] _indirection;
    private readonly HashSet<byte> _hashedByAddresses = [];
    private readonly SortedDictionary<int, RssContext> _contexts = [];
    private uint[] _flowHash = [];
    private int[] _queueOf = [];
    private FlowRule[] _rules = [];
    private readonly Dictionary<int, int> _followed = [];
    private HashSet<ushort>? _vlanFilter;
    private Toeplitz _toeplitz;

    public NetworkController(NetworkControllerOptions options, PciFunction function, EventQueue events)
    {
        _options = options;
        Events = events;
        Function = function;
        IsThere = true;
        Port = options.Port ?? new EthernetPort(options.Name, options.BitsPerSecond, options.HostBus, options.PacketBufferBytes, events);
        _indirection = new int[options.RssTableSize];
        _toeplitz = new Toeplitz(options.RssKey);
        RssKey = options.RssKey;
        if (options.Wire is { } wire) Causes = new InterruptCauseRegister(wire, events);
        Vectors = new QueueVector[options.MaxQueues];
        for (int i = 0; i < Vectors.Length; i++) Vectors[i] = new QueueVector(this, i, options);
        Queues = options.Queues;
        ResetIndirection();
        Port.Add(this);
    }

    public string Name => _options.Name;
    public PciFunction Function { get; }
    public EthernetPort Port { get; }

    /// <summary>A virtual function, which shares the card of a physical one.</summary>
    public bool IsVirtual => _options.Port is not null;

    /// <summary>It answers on the bus: a virtual function comes and goes.</summary>
    public bool IsThere { get; private set; }

    public void SetThere(bool there, long nowPs)
    {
        IsThere = there;
        Port.Resort(nowPs);
    }

    public EthernetLink TransmitLink => Port.TransmitLink;
    public QueueVector[] Vectors { get; }

    /// <summary>Why the controller holds its wire; null where it signals by messages.</summary>
    public InterruptCauseRegister? Causes { get; }

    public HopTrace? Trace { get; set; }

    /// <summary>Queue pairs in use, 1 to the most the controller has.</summary>
    public int Queues { get; private set; }

    public IReadOnlyList<int> Indirection => _indirection;
    public byte[] RssKey { get; private set; }

    /// <summary>Flow steering rules in the order of their places.</summary>
    public IReadOnlyList<FlowRule> FlowRules => _rules;

    /// <summary>Further tables and keys, for the flows whose rules name them.</summary>
    public IReadOnlyDictionary<int, RssContext> Contexts => _contexts;

    internal EventQueue Events { get; }

    /// <summary>Makes flows known, so that their hashes are computed once; returns the number of the first.</summary>
    public int AddFlows(IEnumerable<FlowKey> flows) => Port.AddFlows(flows, this);

    /// <summary>Makes flows known that another function of the card sends to this one; returns the number of the first.</summary>
    public int AddSwitchedFlows(IReadOnlyCollection<FlowKey> flows)
    {
        int first = AddFlows(flows);
        Port.Switch(first, flows.Count);
        return first;
    }

    /// <summary>What the function may send, preamble and gap included; null: no limit.</summary>
    public void SetTransmitLimit(long? bitsPerSecond)
    {
        EthernetLink? limit = bitsPerSecond is { } rate ? new EthernetLink(rate) : null;
        foreach (QueueVector vector in Vectors) vector.SetTransmitLimit(limit);
    }

    public uint HashOf(int flow) => _flowHash[flow];

    /// <summary>
    /// The queue of a flow: that of the first rule that matches, below zero where it drops; else the low bits of the hash choose an entry of the indirection table, which has a
    /// power of two of them.
    /// </summary>
    public int QueueOf(int flow) => _queueOf[flow];

    /// <summary>The queue that the hash alone gives a flow.</summary>
    public int QueueByHash(int flow) => _indirection[(int)(_flowHash[flow] & (uint)(_indirection.Length - 1))];

    /// <summary>The VLAN filter keeps the flow's frames out.</summary>
    internal bool Filters(int flow) => _queueOf[flow] == Filtered;

    /// <summary>A frame for this function is on the wire; false where a rule or the VLAN filter drops it, or nobody is there.</summary>
    internal bool TryExpect(in Packet frame)
    {
        int queue = QueueOf(frame.Flow);
        if (queue < 0 || !IsThere) return false;
        Vectors[queue].Rx.Expect(frame);
        return true;
    }

    internal void ReconsiderQueueOf(int flow, long nowPs)
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

    internal void ReconsiderAll(long nowPs)
    {
        foreach (QueueVector vector in Vectors) vector.Reconsider(nowPs);
    }

    /// <summary>Lets everything that has arrived fall into the rings.</summary>
    public void Pump(long nowPs)
    {
        foreach (QueueVector vector in Vectors) vector.Rx.Pump(nowPs);
    }

    /// <summary>Takes back what is not in memory by <paramref name="nowPs"/>.</summary>
    internal void GiveUp(List<Packet> future, long nowPs)
    {
        foreach (QueueVector vector in Vectors) vector.Rx.GiveUp(future, nowPs);
    }

    // ---- settings --------------------------------------------------------------------------------------------------------------

    public void SetIndirection(IReadOnlyList<int> table, long nowPs)
    {
        for (int i = 0; i < _indirection.Length; i++) _indirection[i] = table[i];
        ChooseQueues();
        Port.Resort(nowPs);
    }

    public void SetRssKey(byte[] key, long nowPs)
    {
        RssKey = key;
        _toeplitz = new Toeplitz(key);
        Rehash();
        Port.Resort(nowPs);
    }

    /// <summary>Is the hash of this IP protocol over addresses and ports, or over addresses alone?</summary>
    public bool HashCoversPorts(byte protocol) => !_hashedByAddresses.Contains(protocol);

    public void SetHashFields(byte protocol, bool coversPorts, long nowPs)
    {
        if (coversPorts) _hashedByAddresses.Remove(protocol);
        else _hashedByAddresses.Add(protocol);
        Rehash();
        Port.Resort(nowPs);
    }

    /// <summary>Filters of single flows, behind the rules (ndo_rx_flow_steer): each goes to its queue, or no longer, where that is null.</summary>
    public void Follow(IEnumerable<(int Flow, int? Queue)> flows, long nowPs)
    {
        foreach ((int flow, int? queue) in flows)
        {
            if (queue is { } to) _followed[flow] = to;
            else _followed.Remove(flow);
            _queueOf[flow] = QueueFor(flow);
        }
        Port.Resort(nowPs);
    }

    public void SetFlowRules(IEnumerable<FlowRule> rules, long nowPs)
    {
        _rules = [.. rules.OrderBy(rule => rule.Location)];
        Rehash();
        Port.Resort(nowPs);
    }

    /// <summary>The VLANs whose frames are let in (the VLAN filter table array of Intel's controllers); null: all of them. Frames without a tag always are.</summary>
    public void SetVlanFilter(IEnumerable<ushort>? vlans, long nowPs)
    {
        _vlanFilter = vlans is null ? null : [.. vlans];
        Rehash();
        Port.Resort(nowPs);
    }

    /// <summary>Adds a context, or changes it.</summary>
    public void SetContext(int number, RssContext context, long nowPs)
    {
        _contexts[number] = context;
        Rehash();
        Port.Resort(nowPs);
    }

    /// <summary>No rule may name it.</summary>
    public void RemoveContext(int number) => _contexts.Remove(number);

    /// <summary>Changes the number of queue pairs in use; the indirection table goes back to round robin unless it is to be kept.</summary>
    public void SetQueues(int queues, bool keepTable, long nowPs)
    {
        Queues = queues;
        if (!keepTable) ResetIndirection();
        ChooseQueues();
        Port.Resort(nowPs);
    }

    private void ResetIndirection()
    {
        for (int i = 0; i < _indirection.Length; i++) _indirection[i] = i % Queues;
    }

    /// <summary>Works out hashes and rules again, of all flows or of those from <paramref name="first"/> on.</summary>
    internal void Rehash(int first = 0)
    {
        Grow(ref _flowHash);
        Grow(ref _queueOf);
        for (int i = first; i < Port.Flows.Count; i++) _flowHash[i] = Hash(_toeplitz, Port.Flows[i]);
        ChooseQueues(first);
    }

    private void ChooseQueues(int first = 0)
    {
        for (int i = first; i < Port.Flows.Count; i++) _queueOf[i] = QueueFor(i);
    }

    private void Grow<T>(ref T[] byFlow)
    {
        if (byFlow.Length < Port.Flows.Count) Array.Resize(ref byFlow, Math.Max(Port.Flows.Count, 2 * byFlow.Length));
    }

    private int QueueFor(int number)
    {
        FlowKey flow = Port.Flows[number];
        if (flow.Vlan != 0 && _vlanFilter is { } known && !known.Contains(flow.Vlan)) return Filtered;
        int rule = Array.FindIndex(_rules, candidate => candidate.Matches(flow));
        if (rule < 0) return _followed.TryGetValue(number, out int followed) ? followed : QueueByHash(number);
        return _rules[rule].Context == 0 ? _rules[rule].Queue : QueueIn(_contexts[_rules[rule].Context], flow);
    }

    private uint Hash(Toeplitz toeplitz, in FlowKey flow) => toeplitz.Hash(flow, flow.HasPorts && HashCoversPorts(flow.Protocol));

    private int QueueIn(RssContext context, in FlowKey flow) => context.Table[(int)(Hash(new Toeplitz(context.Key), flow) & (uint)(context.Table.Count - 1))];

    internal long SightFrom(long nowPs) => nowPs + SightPs;
}
