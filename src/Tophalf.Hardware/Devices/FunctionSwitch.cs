using Tophalf.Simulation;

namespace Tophalf.Hardware.Devices;

/// <summary>
/// The switch inside a card with several functions (82599 datasheet, §7.10.3, packet switching): frames whose address is that of another function do not go out, but into its queues. They pass as
/// fast as the link would take them, a direction of its own beside it, and each is an event: who is limited sends later than who asks after him.
/// </summary>
internal sealed class FunctionSwitch
{
    private readonly HashSet<int> _flows = [];
    private readonly PriorityQueue<Packet, (long AtPs, long Number)> _passing = new();
    private readonly EventQueue _events;
    private readonly Action<Packet> _arrive;
    private readonly CallbackEvent _next;
    private long _sent;

    public FunctionSwitch(long bitsPerSecond, EventQueue events, Action<Packet> arrive)
    {
        Link = new EthernetLink(bitsPerSecond);
        _events = events;
        _arrive = arrive;
        _next = new CallbackEvent(Arrive);
    }

    public EthernetLink Link { get; }

    public void Add(int first, int count) => _flows.UnionWith(Enumerable.Range(first, count));

    public bool Has(int flow) => _flows.Contains(flow);

    public void Send(in Packet frame)
    {
        _passing.Enqueue(frame, (frame.AtPs, _sent++));
        Wait();
    }

    private void Arrive(long nowPs)
    {
        while (_passing.TryPeek(out Packet frame, out _) && frame.AtPs <= nowPs)
        {
            _passing.Dequeue();
            _arrive(frame);
        }
        if (_passing.Count > 0) Wait();
    }

    private void Wait()
    {
        if (_next.IsScheduled) _events.Cancel(_next);
        _events.Schedule(_next, Math.Max(_events.NowPs, _passing.Peek().AtPs));
    }
}
