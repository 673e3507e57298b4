using Tophalf.Hardware.Devices;
using Tophalf.Simulation;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Twin.Workloads;

/// <summary>
/// TCP senders on other machines that always have data: each sends trains of segments, as a card that segments for it (TSO) does, and never has more on its way than its
/// window. What is acknowledged makes room for the next train. After a timeout without an acknowledgement a stream goes back to what was acknowledged.
/// </summary>
public sealed class BulkStreams
{
    private readonly NetworkController _controller;
    private readonly EventQueue _events;
    private readonly StreamsWorkload _spec;
    private readonly Stream[] _streams;
    private readonly int _firstFlow;

    /// <param name="controller">The receiver's card; nobody whose frames are read ahead sends to it.</param>
    /// <param name="events">The machine's.</param>
    /// <param name="spec">How many and how much.</param>
    /// <param name="firstFlow">Each stream has a flow, from here on.</param>
    /// <param name="firstRank">Place of the first stream's event among ties.</param>
    /// <param name="random">For the moments they begin.</param>
    internal BulkStreams(NetworkController controller, EventQueue events, StreamsWorkload spec, int firstFlow, int firstRank, RandomStream random)
    {
        _controller = controller;
        _events = events;
        _spec = spec;
        _firstFlow = firstFlow;
        _streams = new Stream[spec.Count];
        controller.Port.FrameSent += Heard;
        // Not all at once: spread over the time that a train of each takes on the wire.
        double spreadPs = (double)controller.TransmitLink.WirePs(spec.FrameBytes) * spec.TrainSegments * spec.Count;
        for (int i = 0; i < _streams.Length; i++)
        {
            _streams[i] = new Stream(this, firstFlow + i) { Rank = firstRank + i };
            events.Schedule(_streams[i], events.NowPs + spec.StartPs + (long)(random.NextUnit() * spreadPs));
        }
    }

    public string To => _spec.To;
    public int Count => _streams.Length;

    /// <summary>Segments sent, repeated ones included, and acknowledged ones, each counted once.</summary>
    public long Segments { get; private set; }
    public long Acknowledged => _streams.Sum(stream => stream.Acknowledged);

    /// <summary>Acknowledgements that were sent to a stream.</summary>
    public long Acks { get; private set; }

    /// <summary>Frames of a stream that came back as they were.</summary>
    public long Returned { get; private set; }

    /// <summary>Times a stream went back.</summary>
    public long Timeouts { get; private set; }

    /// <summary>Bytes of data in a segment.</summary>
    public int SegmentBytes => _spec.SegmentBytes;

    /// <summary>The receiver has sent a frame.</summary>
    private void Heard(Packet frame)
    {
        int number = frame.Flow - _firstFlow;
        if (number < 0 || number >= _streams.Length) return;
        if (!frame.IsSegment)
        {
            Returned++;
            return;
        }
        Acks++;
        _streams[number].Expect(frame with { AtPs = frame.AtPs + _spec.DelayPs });
    }

    private sealed class Stream(BulkStreams all, int flow) : SimEvent
    {
        private readonly PacketFifo _acks = new(64);
        private long _sent, _repeatPs;

        public long Acknowledged { get; private set; }

        /// <summary>An acknowledgement will be here at its time.</summary>
        public void Expect(in Packet ack)
        {
            _acks.Push(ack);
            if (_acks.Count == 1) all._events.Schedule(this, Math.Min(ack.AtPs, _repeatPs));
        }

        protected override void Fire(long nowPs)
        {
            for (; _acks.Count > 0 && _acks[0].AtPs <= nowPs; _acks.Pop()) Hear(_acks[0], nowPs);
            if (nowPs >= _repeatPs && _sent > Acknowledged)
            {
                all.Timeouts++;
                _sent = Acknowledged;
            }
            for (int train = all._spec.TrainSegments; all._spec.WindowSegments - (_sent - Acknowledged) >= train; _sent += train)
            {
                if (_sent == Acknowledged) _repeatPs = nowPs + all._spec.TimeoutPs;
                all.Segments += train;
                all._controller.Port.SendTrain(all._spec.FrameBytes, flow, (int)(_sent % TcpSegment.Numbers), train, nowPs);
            }
            all._events.Schedule(this, _acks.Count > 0 ? Math.Min(_acks[0].AtPs, _repeatPs) : _repeatPs);
        }

        private void Hear(in Packet ack, long nowPs)
        {
            int news = TcpSegment.Ahead(ack.Segment.Number, (int)(Acknowledged % TcpSegment.Numbers));
            if (news <= 0) return;
            Acknowledged += news;
            // What was acknowledged after the stream had gone back need not be sent again.
            _sent = Math.Max(_sent, Acknowledged);
            _repeatPs = nowPs + all._spec.TimeoutPs;
        }
    }
}
