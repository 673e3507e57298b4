using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking.Xdp;

/// <summary>How a process waits for its AF_XDP socket.</summary>
public enum XskWait
{
    /// <summary>It looks again, in user mode, and calls the kernel only where a ring says XDP_RING_NEED_WAKEUP.</summary>
    Spin,

    /// <summary>It sleeps in poll(), before each look.</summary>
    Poll,

    /// <summary>SO_PREFER_BUSY_POLL: each look without a frame is a recvfrom() that polls the queue itself.</summary>
    Busy,
}

/// <summary>
/// The main loop of an AF_XDP application on one processor (xdpsock of bpf-examples: rx_drop and l2fwd): a batch of frames from the receive ring, which goes back to the fill ring, or
/// out of the queue it came by and to the fill ring when it has been sent.
/// <para>Looks that find nothing are worked out together; whoever changes a ring says so (<see cref="Disturbed"/>).</para>
/// </summary>
public sealed class XskTask : KernelTask
{
    private enum Step { Look, Frames, Receive, Send, Poll, Busy }

    private readonly Kernel _kernel;
    private readonly XskSocket _socket;
    private readonly XskWait _wait;
    private readonly int _batch;
    private readonly bool _forwards;
    private int _ownBytes, _ownFlow;
    private readonly BusyLoop _busy;
    private Step _step = Step.Look;
    private long _stepPs, _framePs;
    private int _frames, _done;
    private bool _skips;

    /// <param name="kernel">The kernel it runs on.</param>
    /// <param name="comm">Its name, 15 characters at most.</param>
    /// <param name="cpu">The processor it is pinned to.</param>
    /// <param name="socket">Its socket.</param>
    /// <param name="wait">How it waits.</param>
    /// <param name="batch">Frames it takes at once, at most; with busy polling also what a poll may take.</param>
    /// <param name="forwards">Frames go out again; else they are thrown away.</param>
    public XskTask(Kernel kernel, string comm, int cpu, XskSocket socket, XskWait wait, int batch, bool forwards) : base(comm, CpuMask.Of(cpu))
    {
        _kernel = kernel;
        _socket = socket;
        _wait = wait == XskWait.Busy && !kernel.HasBusyPoll ? XskWait.Spin : wait;
        _batch = batch;
        _forwards = forwards;
        _busy = new BusyLoop(kernel, this, static () => false);
        _stepPs = kernel.Costs.XskTurn;
        socket.Task = this;
    }

    /// <summary>It makes frames of that length itself and sends them (xdpsock's txonly).</summary>
    public void SendOwn(int bytes, int flow) => (_ownBytes, _ownFlow) = (bytes, flow);

    private bool SendsOwn => _ownBytes > 0;

    /// <summary>Calls of recvfrom, sendto and poll.</summary>
    public long ReceiveCalls { get; private set; }
    public long SendCalls { get; private set; }
    public long PollCalls { get; private set; }

    /// <summary>Frames of the receive ring it is through with, before it gives them back.</summary>
    internal int Done => _step == Step.Frames && !SendsOwn ? _done : 0;

    /// <summary>A look would find nothing to do, and does so until somebody else changes a ring.</summary>
    private bool FindsNothing =>
        _wait == XskWait.Spin && _socket.Received == 0 && _socket.Completed == 0 && !_socket.NeedsReceiveWakeup && !MustSend && !(SendsOwn && CanWrite > 0);

    private int CanWrite => Math.Min(_socket.Free, _socket.RoomToSend);

    /// <summary>In copy mode the call sends, so what it left is its to send; without copies it is the next poll's.</summary>
    private bool MustSend => !_socket.IsZeroCopy && _socket.ToSend > 0;

    protected override bool BodyIsInUserMode => _step is Step.Look or Step.Frames;

    protected override long UntilUserModePs => _step == Step.Busy ? SimTime.Never : _stepPs;

    protected override long PlanBody(long nowPs)
    {
        _skips = false;
        switch (_step)
        {
            case Step.Busy:
                return _busy.Plan(nowPs);
            case Step.Frames:
                return nowPs + _stepPs + (_frames - _done - 1) * _framePs;
            case Step.Look when FindsNothing:
                // Also where every packet is an event: nothing enters the kernel between two looks, so nobody may have the processor there.
                _skips = true;
                return SimTime.Never;
            default:
                return nowPs + _stepPs;
        }
    }

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        long ps = toPs - fromPs;
        time.Add(BodyIsInUserMode ? UserClass : CpuClass.System, ps);
        switch (_step)
        {
            case Step.Busy:
                _busy.Advance(fromPs, toPs);
                break;
            case Step.Frames:
                for (; _done < _frames && ps >= _stepPs; _done++)
                {
                    fromPs += _stepPs;
                    ps -= _stepPs;
                    _stepPs = _framePs;
                    if (!SendsOwn) _socket.Device.ReachedProcess(_socket[_done], isLast: !_forwards, fromPs);
                }
                if (_done < _frames) _stepPs -= ps;
                break;
            case Step.Look when ps > _stepPs:
                // Turns that found nothing, and the part of one.
                long intoPs = (ps - _stepPs) % _kernel.Costs.XskTurn;
                _stepPs = intoPs == 0 ? 0 : _kernel.Costs.XskTurn - intoPs;
                break;
            default:
                _stepPs -= ps;
                break;
        }
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        _skips = false;
        switch (_step)
        {
            case Step.Look:
                Look(nowPs);
                break;
            case Step.Frames:
                EndFrames(nowPs);
                break;
            case Step.Receive:
                ReceiveCalls++;
                if (_wait == XskWait.Busy) BeginBusy(cpu, nowPs);
                else
                {
                    if (_socket.NeedsReceiveWakeup) _socket.Napi.WakeUp(nowPs);
                    BeginLook();
                }
                break;
            case Step.Send:
                SendCalls++;
                Send(cpu, nowPs);
                break;
            case Step.Poll:
                EndPoll(cpu, nowPs);
                return;
            case Step.Busy when !_busy.Finish(cpu, nowPs):
                return;
            case Step.Busy:
                BeginLook();
                break;
        }
        // Back in user mode it gives way first.
        if (!BodyIsInUserMode || !cpu.TryReschedule(nowPs)) cpu.Continue(nowPs);
    }

    private void Begin(Step step, long costPs)
    {
        _step = step;
        _stepPs = costPs;
    }

    private void BeginLook() => Begin(Step.Look, _kernel.Costs.XskTurn);

    /// <summary>complete_tx_l2fwd() and the receive ring.</summary>
    private void Look(long nowPs)
    {
        if (_forwards || SendsOwn) _socket.TakeCompleted(_batch, nowPs);
        _frames = Math.Min(SendsOwn ? CanWrite : _socket.Received, _batch);
        if (_forwards) _frames = Math.Min(_frames, _socket.RoomToSend);
        if (_frames > 0)
        {
            _done = 0;
            _framePs = _kernel.Costs.XskFrame;
            Begin(Step.Frames, _framePs);
        }
        else if (MustSend) BeginSend();
        else if (_wait == XskWait.Busy) Begin(Step.Receive, _kernel.Costs.Syscall);
        else if (_wait == XskWait.Poll) BeginPoll();
        else if (_socket.NeedsReceiveWakeup) Begin(Step.Receive, _kernel.Costs.Syscall + _kernel.Costs.DeviceWrite);
        else BeginLook();
    }

    private void EndFrames(long nowPs)
    {
        if (SendsOwn)
        {
            _socket.Write(_frames, _ownBytes, _ownFlow, nowPs);
            BeginSend();
            return;
        }
        if (!_forwards)
        {
            _socket.Release(_frames, nowPs);
            if (_wait == XskWait.Poll) BeginPoll();
            else BeginLook();
            return;
        }
        _socket.Forward(_frames, nowPs);
        BeginSend();
    }

    /// <summary>sendto(): in copy mode every frame becomes an skb there.</summary>
    private void BeginSend() => Begin(Step.Send, _kernel.Costs.Syscall + (_socket.IsZeroCopy ? _kernel.Costs.DeviceWrite : CopyPs()));

    private long CopyPs() => _socket.ToSend * _kernel.Costs.XskSendSkb + (long)(_socket.BytesToSend * _kernel.Costs.CopyPsPerByte);

    private void Send(Cpu cpu, long nowPs)
    {
        if (!_socket.IsZeroCopy) _socket.Send(cpu, _socket.ToSend, nowPs);
        if (_wait == XskWait.Busy) BeginBusy(cpu, nowPs);
        else
        {
            if (_socket.IsZeroCopy) _socket.Napi.WakeUp(nowPs);
            if (_wait == XskWait.Poll) BeginPoll();
            else BeginLook();
        }
    }

    private void BeginPoll() => Begin(Step.Poll, _kernel.Costs.Syscall + (_socket.IsZeroCopy ? _kernel.Costs.DeviceWrite : 0));

    /// <summary>xsk_poll(): without copies it asks for a poll of the queue, since drivers leave XDP_RING_NEED_WAKEUP on the transmit ring; with something to read it returns at once.</summary>
    private void EndPoll(Cpu cpu, long nowPs)
    {
        PollCalls++;
        if (_socket.IsZeroCopy) _socket.Napi.WakeUp(nowPs);
        BeginLook();
        if (_socket.Received > 0 || MustSend) cpu.Continue(nowPs);
        else Block(cpu, nowPs);
    }

    /// <summary>sk_busy_loop() that does not block: one turn, and the last poll.</summary>
    private void BeginBusy(Cpu cpu, long nowPs)
    {
        _step = Step.Busy;
        _busy.Begin(_socket.Napi, usecs: 0, _batch, prefer: true, cpu, nowPs);
    }

    /// <summary>A ring has changed under a process that looks for nothing else.</summary>
    internal void Disturbed(long nowPs)
    {
        Cpu.Sync(nowPs);
        if (!_skips || !Cpu.IsTop(this)) return;
        // A look at this very moment, before this, found nothing, and the next has begun.
        if (_stepPs == 0 && Cpu.IsBehindItsEnd) _stepPs = _kernel.Costs.XskTurn;
        Cpu.Continue(nowPs);
    }
}
