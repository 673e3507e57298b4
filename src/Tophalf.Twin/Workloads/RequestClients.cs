using Tophalf.Hardware.Devices;
using Tophalf.Simulation;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Twin.Workloads;

/// <summary>
/// Clients on other machines, each with one request on its way: it waits for the answer, thinks, and asks again. What they offer follows what the server
/// does, so a server that is slow is asked less. A request without an answer is repeated after a timeout.
/// </summary>
public sealed class RequestClients
{
    private readonly NetworkController _controller;
    private readonly EventQueue _events;
    private readonly RequestsWorkload _spec;
    private readonly RandomStream _random;
    private readonly Client[] _clients;
    private readonly int _firstFlow, _firstAckFlow;

    /// <param name="controller">The server's card; nobody else sends to it.</param>
    /// <param name="events">The machine's.</param>
    /// <param name="spec">How many and how fast.</param>
    /// <param name="firstFlow">Each client has a flow, from here on.</param>
    /// <param name="firstAckFlow">The same connections once more, for acknowledgements, which no task receives.</param>
    /// <param name="firstRank">Place of the first client's events among ties; each has two.</param>
    /// <param name="random">For the moments they begin, and what they think.</param>
    internal RequestClients(NetworkController controller, EventQueue events, RequestsWorkload spec, int firstFlow, int firstAckFlow, int firstRank, RandomStream random)
    {
        _controller = controller;
        _events = events;
        _spec = spec;
        _firstFlow = firstFlow;
        _firstAckFlow = firstAckFlow;
        _random = random;
        _clients = new Client[spec.Clients];
        controller.Port.FrameSent += Answered;
        for (int i = 0; i < _clients.Length; i++)
        {
            _clients[i] = new Client(this, firstFlow + i, new Ack(this, firstAckFlow + i) { Rank = firstRank + 2 * i }) { Rank = firstRank + 2 * i + 1 };
            // Not all at once: spread over the first round trip and its pause.
            events.Schedule(_clients[i], events.NowPs + spec.StartPs + (long)(random.NextUnit() * (spec.DelayPs + spec.ThinkPs)));
        }
    }

    public string To => _spec.To;
    public int Count => _clients.Length;

    /// <summary>Acknowledgements that went out by themselves.</summary>
    public long Acks { get; private set; }

    /// <summary>Different requests sent; answers that somebody waited for; requests sent again; answers nobody waited for any more.</summary>
    public long Requests { get; private set; }
    public long Answers { get; private set; }
    public long Repeats { get; private set; }
    public long LateAnswers { get; private set; }

    /// <summary>Clients that wait for an answer.</summary>
    public int Waiting => _clients.Count(client => client.Waits);

    /// <summary>From the first sending of a request until the client has the answer, the network's <c>delay</c> included.</summary>
    public Histogram Latency { get; } = new();

    /// <summary>The server has sent a frame. Half the delay was on the way there, half is on the way back.</summary>
    private void Answered(Packet frame)
    {
        if (_spec.AckBytes is not null && frame.Flow >= _firstAckFlow && frame.Flow < _firstAckFlow + _clients.Length)
        {
            // A program of the server has sent an acknowledgement back.
            LateAnswers++;
            return;
        }
        int number = frame.Flow - _firstFlow;
        if (number < 0 || number >= _clients.Length) return;
        Client client = _clients[number];
        if (!client.Waits)
        {
            LateAnswers++;
            return;
        }
        client.Waits = false;
        Answers++;
        Latency.Record(frame.AtPs + _spec.DelayPs - client.SentPs);
        long thinkPs = _spec.ThinkPs == 0 ? 0 : (long)(_spec.ThinkPs * _random.NextExponential());
        if (_spec.AckBytes is not null && thinkPs > 0) _events.Schedule(client.Ack, frame.AtPs + _spec.DelayPs);
        _events.Schedule(client, frame.AtPs + _spec.DelayPs + thinkPs);
    }

    /// <summary>What one client does next: a new request, or the old one again.</summary>
    private sealed class Client(RequestClients all, int flow, Ack ack) : SimEvent
    {
        public Ack Ack => ack;
        public bool Waits { get; set; }
        public long SentPs { get; private set; }

        protected override void Fire(long nowPs)
        {
            if (Waits) all.Repeats++;
            else
            {
                all.Requests++;
                SentPs = nowPs;
                Waits = true;
            }
            all._events.Schedule(this, nowPs + all._spec.TimeoutPs);
            all._controller.Port.Send(FlowMaker.FrameBytes(all._spec.SizeBytes, all._spec.Vlan), flow, nowPs);
        }
    }

    /// <summary>What a client's machine says at once about an answer.</summary>
    private sealed class Ack(RequestClients all, int flow) : SimEvent
    {
        protected override void Fire(long nowPs)
        {
            all.Acks++;
            all._controller.Port.Send(FlowMaker.FrameBytes(all._spec.AckBytes!.Value, all._spec.Vlan), flow, nowPs);
        }
    }
}
