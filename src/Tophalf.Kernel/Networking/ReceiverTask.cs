using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// An application thread: receive a datagram, work on it, perhaps answer, receive the next; sleep when there is none. The receive call is system
/// time and ends with the datagram in the application's hands; the work is user time; the send call is system time again. How it waits for the next is
/// <see cref="Wait"/>.
/// </summary>
public sealed class ReceiverTask(Kernel kernel, NetDevice device, string comm, CpuMask allowed, int socketCapacity, long workPs, int replyBytes = 0)
    : KernelTask(comm, allowed)
{
    private readonly SocketWait? _wait;
    private int _planned;
    private long _receivePs, _workPs, _sendPs, _sendTotalPs;
    private bool _inMessage, _received;
    private Packet _packet;

    public Socket Socket { get; } = new(socketCapacity);

    /// <summary>How it waits; null: it sleeps in the receive call at once.</summary>
    public SocketWait? Wait
    {
        get => _wait;
        init
        {
            _wait = value;
            _wait?.Attach(this);
        }
    }

    /// <summary>Answers are parts of a stream (TCP), which cards may cut into frames; else datagrams.</summary>
    public bool AnswersAreStreams { get; init; }

    /// <summary>Where what it has received goes out again, instead of an answer: a filter in user space; null: nowhere.</summary>
    public NetDevice? ForwardTo { get; init; }

    /// <summary>Lengths of the answers to flows from <see cref="FirstReplyFlow"/> on, where they differ.</summary>
    public IReadOnlyList<int>? ReplySizes { get; init; }
    public int FirstReplyFlow { get; init; }

    /// <summary>The context that the last datagram came from (sk_napi_id).</summary>
    internal Napi? Napi { get; set; }

    internal bool HasEvents => Socket.Count > 0;

    /// <summary>Datagrams it may take before it waits again.</summary>
    private int Available => _wait is { IsEpoll: true } ? Math.Min(_wait.EventsLeft, Socket.Count) : Socket.Count;

    private long ReceivePs(in Packet packet) => kernel.Costs.Syscall + (long)(packet.Bytes * kernel.Costs.CopyPsPerByte);

    private long SendPs(in Packet packet) => Sends ? kernel.Costs.Syscall + kernel.Costs.UdpSend + (long)(SentBytes(packet) * kernel.Costs.CopyPsPerByte) + (ForwardTo is null ? device.SegmentationPs(SentBytes(packet), AnswersAreStreams) + device.TagSendPs(packet.Flow) : 0) : 0;

    private bool Sends => replyBytes > 0 || ForwardTo is not null;
    private int SentBytes(in Packet packet) => ForwardTo is null ? ReplyBytes(packet.Flow) : packet.Bytes;

    private int ReplyBytes(int flow) => ReplySizes is { } sizes && flow - FirstReplyFlow < sizes.Count ? sizes[flow - FirstReplyFlow] : replyBytes;

    /// <summary>A sent frame, and with feedback a place that becomes free, is seen by the device, so it ends a slice.</summary>
    private bool OneAtATime => device.Exact || device.HasFeedback || Sends;

    /// <summary>Within the receive or the send call; at their borders the task is in user mode.</summary>
    protected override bool BodyIsInUserMode => _wait is { IsOn: true } ? false : !_inMessage || (_received ? _workPs > 0 || _sendPs == _sendTotalPs : _receivePs == ReceivePs(Socket[0]));

    protected override long UntilUserModePs => _wait is { IsOn: true } ? SimTime.Never : _received ? _sendPs : _receivePs;

    protected override long PlanBody(long nowPs)
    {
        if (_wait is { IsOn: true }) return _wait.Plan(nowPs);
        long atPs = nowPs;
        _planned = 0;
        int at = 0;
        if (_inMessage)
        {
            atPs += _receivePs + _workPs + _sendPs;
            _planned = 1;
            at = _received ? 0 : 1;
            if (OneAtATime) return atPs;
        }
        for (; at < Available; at++)
        {
            atPs += ReceivePs(Socket[at]) + workPs + SendPs(Socket[at]);
            _planned++;
            if (OneAtATime) break;
        }
        return atPs;
    }

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        if (_wait is { IsOn: true })
        {
            time.Add(CpuClass.System, toPs - fromPs);
            _wait.Advance(fromPs, toPs);
            return;
        }
        while (_planned > 0)
        {
            if (!_inMessage)
            {
                _inMessage = true;
                _received = false;
                _receivePs = ReceivePs(Socket[0]);
                _workPs = workPs;
                _packet = Socket[0];
                _sendPs = _sendTotalPs = SendPs(_packet);
            }
            if (!_received)
            {
                if (!Spent(ref _receivePs, ref fromPs, toPs, CpuClass.System, time)) return;
                device.ReachedTask(Socket[0], Cpu, fromPs);
                Socket.Pop();
                _wait?.Took();
                _received = true;
            }
            if (!Spent(ref _workPs, ref fromPs, toPs, UserClass, time)) return;
            if (!Spent(ref _sendPs, ref fromPs, toPs, CpuClass.System, time)) return;
            if (ForwardTo is { } outgoing) device.SendOn(_packet, outgoing, Cpu, fromPs);
            else if (replyBytes > 0) _ = device.TransmitMessage(Cpu, new Packet(fromPs, ReplyBytes(_packet.Flow), _packet.Flow), AnswersAreStreams);
            _inMessage = false;
            _planned--;
        }
        if (toPs > fromPs) throw new InvalidOperationException($"{Comm}: {SimTime.Format(toPs - fromPs)} granted beyond the plan");
    }

    /// <summary>Uses the time granted on one part of the message; true when that part is through.</summary>
    private static bool Spent(ref long leftPs, ref long fromPs, long toPs, CpuClass cls, CpuTime time)
    {
        long ps = Math.Min(leftPs, toPs - fromPs);
        time.Add(cls, ps);
        fromPs += ps;
        leftPs -= ps;
        return leftPs == 0;
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        if (_wait is { IsOn: true })
        {
            if (_wait.Finish(cpu, nowPs)) Sleep(cpu, nowPs);
            return;
        }
        AdvanceBody(nowPs, nowPs, cpu.Time);
        if (device.HasFeedback) device.Drained(this, cpu, nowPs);
        if (Available > 0 || _inMessage) cpu.Continue(nowPs);
        else if (_wait is null || !_wait.Begin(cpu, nowPs)) Sleep(cpu, nowPs);
    }

    private void Sleep(Cpu cpu, long nowPs) => Block(cpu, nowPs);
}
