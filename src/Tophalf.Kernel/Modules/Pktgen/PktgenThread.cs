using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Modules.Pktgen;

/// <summary>What others ask of a generator thread (T_STOP, T_RUN, T_REMDEVALL).</summary>
[Flags]
internal enum PktgenControl
{
    None = 0,
    Stop = 1,
    Run = 2,
    RemoveAll = 4,
}

/// <summary>
/// kpktgend_N (net/core/pktgen.c, pktgen_thread_worker): sends the packets of its devices, that whose next one is due first, and looks ten times a second what it is to do
/// while it has none. A packet is built with softirqs on, and handed to the driver with softirqs off; bursts go out with one write to the card. Where the ring is full it asks
/// again and again, which here is one wait for the poll that cleans up.
/// </summary>
internal sealed class PktgenThread : KernelTask
{
    private enum State { Turn, Dozing, Building, Pacing, Sleeping, Sending, Posted, Full, NoRoom, Draining, Never, Turned }

    /// <summary>Shorter pauses are spent looking at the clock.</summary>
    private const long ShortestSleepPs = 100 * SimTime.Microsecond;

    private readonly Kernel _kernel;
    private readonly List<PktgenDevice> _devices = [];
    private readonly TimerList _dozing;
    private readonly HrTimer _pause;
    private State _state;
    private PktgenDevice? _device;
    private uint _burst;
    private long _leftPs, _untilPs, _idleSincePs = -1;
    private bool _exits;

    public PktgenThread(Kernel kernel, int cpu) : base($"kpktgend_{cpu}", CpuMask.Of(cpu))
    {
        _kernel = kernel;
        _dozing = new TimerList(_ => kernel.Wake(this, kernel.ThisCpu, kernel.LocalNowPs));
        _pause = new HrTimer(on => kernel.Wake(this, on, on.LocalPs));
    }

    /// <summary>The latest first.</summary>
    public IReadOnlyList<PktgenDevice> Devices => _devices;

    public PktgenControl Control { get; private set; }

    /// <summary>What the last command to its file came to.</summary>
    public string Result { get; set; } = "";

    /// <summary>kthread_should_stop() was seen: nothing wakes it any more.</summary>
    public bool HasExited { get; private set; }

    public bool IsSending => _devices.Exists(device => device.IsRunning);

    public void Add(PktgenDevice device)
    {
        foreach (QueueVector vector in device.Outgoing.Controller.Vectors) vector.Tx.Cleaning += Disturbed;
        _devices.Insert(0, device);
    }

    /// <summary>Whoever asks is not seen before the thread looks again, unless it waits for something to change.</summary>
    public void Ask(PktgenControl control)
    {
        Control |= control;
        if (_state == State.Never) Disturbed();
    }

    /// <summary>kthread_stop().</summary>
    public void Exit()
    {
        _exits = true;
        _kernel.Wake(this, _kernel.ThisCpu, _kernel.LocalNowPs);
        Disturbed();
    }

    /// <summary>Descriptors have been cleaned up, or somebody wants something: if it is that for which the thread turns in circles, it goes on now.</summary>
    private void Disturbed()
    {
        if (_state is not (State.NoRoom or State.Draining or State.Never) || !Cpu.IsTop(this)) return;
        Cpu.Sync(_kernel.Events.NowPs);
        Cpu.ContinueIfTop(this, _kernel.Events.NowPs);
    }

    private TxQueue Queue => _device!.Outgoing.Controller.Vectors[_device.Headers.CurQueueMap].Tx;

    protected override long PlanBody(long nowPs) => _state switch
    {
        State.Pacing => Cpu.IsAskedToReschedule ? nowPs : Math.Max(nowPs, _untilPs),
        State.NoRoom => Cpu.IsAskedToReschedule || Queue.HasRoom ? nowPs : SimTime.Never,
        State.Draining => Cpu.IsAskedToReschedule || Queue.Waiting == 0 ? nowPs : SimTime.Never,
        State.Never => Cpu.IsAskedToReschedule || Control != PktgenControl.None || _exits ? nowPs : SimTime.Never,
        _ => nowPs + _leftPs,
    };

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(CpuClass.System, toPs - fromPs);
        _leftPs -= Math.Min(_leftPs, toPs - fromPs);
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        switch (_state)
        {
            case State.Turn: Turn(cpu, nowPs); return;
            case State.Dozing:
                _state = State.Turn;
                Block(cpu, nowPs);
                return;
            case State.Building:
                _device!.Build(cpu.Id);
                Pace(cpu, nowPs);
                return;
            case State.Pacing when nowPs < _untilPs && cpu.CondReschedule(nowPs): return;
            case State.Pacing or State.Sleeping when nowPs < _untilPs:
                // Woken for another reason, or told to give way and nobody to give way to.
                if (_state == State.Sleeping) Block(cpu, nowPs);
                else cpu.Continue(nowPs);
                return;
            case State.Pacing or State.Sleeping:
                _device!.IdlePs += nowPs - _idleSincePs;
                _idleSincePs = -1;
                _device.NextTxPs = _untilPs + (long)_device.DelayNs * SimTime.Nanosecond;
                Send(cpu, nowPs);
                return;
            case State.Sending:
                Post(cpu, nowPs);
                return;
            // What interrupts raised while softirqs were off has run by now.
            case State.Full:
                Enter(State.NoRoom, 0, cpu, nowPs);
                return;
            case State.Posted when _device!.Count != 0 && _device.SoFar >= _device.Count:
                _idleSincePs = nowPs;
                Enter(State.Draining, 0, cpu, nowPs);
                return;
            case State.Draining when Queue.Waiting > 0 && !cpu.IsAskedToReschedule:
                cpu.Continue(nowPs);
                return;
            case State.Draining when Queue.Waiting > 0:
                if (!cpu.CondReschedule(nowPs)) cpu.Continue(nowPs);
                return;
            case State.Draining:
                _device!.IdlePs += nowPs - _idleSincePs;
                _idleSincePs = -1;
                _device.Stop(nowPs);
                break;
        }
        Turned(cpu, nowPs);
    }

    /// <summary>The end of a turn: other tasks may run, which counts as idle, and then whatever was asked for is done.</summary>
    private void Turned(Cpu cpu, long nowPs)
    {
        if (_state != State.Turned)
        {
            _state = State.Turned;
            _idleSincePs = nowPs;
            if (cpu.CondReschedule(nowPs)) return;
        }
        if (_device is not null) _device.IdlePs += nowPs - _idleSincePs;
        _idleSincePs = -1;
        PktgenControl control = Control;
        Control = PktgenControl.None;
        if (control.HasFlag(PktgenControl.Stop)) Stop(nowPs);
        if (control.HasFlag(PktgenControl.Run))
        {
            foreach (PktgenDevice device in _devices) device.Start(nowPs);
        }
        if (control.HasFlag(PktgenControl.RemoveAll)) RemoveAll(nowPs);
        _state = State.Turn;
        cpu.Continue(nowPs);
    }

    private void Stop(long nowPs)
    {
        foreach (PktgenDevice device in _devices) device.Stop(nowPs);
    }

    /// <summary>pktgen_rem_all_ifs().</summary>
    private void RemoveAll(long nowPs)
    {
        foreach (PktgenDevice device in _devices)
        {
            if (device.IsRunning)
            {
                _kernel.Log(nowPs, "pktgen: WARNING: trying to remove a running interface, stopping it now");
                device.Stop(nowPs);
            }
            foreach (QueueVector vector in device.Outgoing.Controller.Vectors) vector.Tx.Cleaning -= Disturbed;
        }
        _devices.Clear();
    }

    private void Turn(Cpu cpu, long nowPs)
    {
        if (_exits)
        {
            Stop(nowPs);
            RemoveAll(nowPs);
            HasExited = true;
            _kernel.Timers.DelTimer(_dozing);
            Block(cpu, nowPs);
            return;
        }
        _device = NextToRun();
        if (_device is null && Control == PktgenControl.None) Doze(cpu, nowPs);
        else if (_device is null) Turned(cpu, nowPs);
        else if (_device.DelayNs == PktgenDevice.NeverNs) Enter(State.Never, 0, cpu, nowPs);
        else if (_device.NeedsPacket()) Enter(State.Building, _kernel.Costs.PktgenBuild, cpu, nowPs);
        else Pace(cpu, nowPs);
    }

    private PktgenDevice? NextToRun()
    {
        PktgenDevice? best = null;
        foreach (PktgenDevice device in _devices)
        {
            if (device.IsRunning && (best is null || device.NextTxPs < best.NextTxPs)) best = device;
        }
        return best;
    }

    /// <summary>wait_event_interruptible_timeout, for a tenth of a second.</summary>
    private void Doze(Cpu cpu, long nowPs) =>
        Enter(State.Dozing, cpu.RunCode(nowPs, this, static (task, _) =>
        {
            task._kernel.Timers.ModTimer(task._dozing, task._kernel.JiffiesNow + task._kernel.Hz / 10);
            return true;
        }, out _), cpu, nowPs);

    private void Enter(State state, long costPs, Cpu cpu, long nowPs)
    {
        _state = state;
        _leftPs = costPs;
        cpu.Continue(nowPs);
    }

    /// <summary>spin(): waits for the packet's time, if the one before went out.</summary>
    private void Pace(Cpu cpu, long nowPs)
    {
        PktgenDevice device = _device!;
        if (device.DelayNs == 0 || !device.LastOk)
        {
            Send(cpu, nowPs);
            return;
        }
        _untilPs = device.NextTxPs;
        if (_untilPs <= nowPs)
        {
            device.NextTxPs = _untilPs + (long)device.DelayNs * SimTime.Nanosecond;
            Send(cpu, nowPs);
            return;
        }
        _idleSincePs = nowPs;
        if (_untilPs - nowPs < ShortestSleepPs)
        {
            Enter(State.Pacing, 0, cpu, nowPs);
            return;
        }
        _state = State.Sleeping;
        cpu.Tick.Start(_pause, _untilPs, nowPs);
        Block(cpu, nowPs);
    }

    /// <summary>The transmit queue is locked, with softirqs off, and as much of a burst as it has room for handed to the driver.</summary>
    private void Send(Cpu cpu, long nowPs)
    {
        if (!cpu.TryLocalBhDisable(this))
        {
            // Another task has the softirq lock of a PREEMPT_RT kernel; once it has it, it turns up here again.
            _state = State.Sleeping;
            _untilPs = _idleSincePs = nowPs;
            Block(cpu, nowPs);
            return;
        }
        PktgenDevice device = _device!;
        _burst = device.Mode == XmitMode.QueueXmit ? 1 : Math.Min(device.Burst, (uint)Math.Max(0, Queue.Room));
        if (_burst == 0)
        {
            device.LastOk = false;
            cpu.LocalBhEnable();
            Enter(State.Full, 0, cpu, nowPs);
            return;
        }
        Enter(State.Sending, _burst * _kernel.Costs.TransmitInDriver + _kernel.Costs.DeviceWrite, cpu, nowPs);
    }

    /// <summary>The card has been told.</summary>
    private void Post(Cpu cpu, long nowPs)
    {
        PktgenDevice device = _device!;
        Packet frame = device.Frame(nowPs);
        if (device.Mode == XmitMode.QueueXmit)
        {
            if (device.Outgoing.TryPost(cpu, frame)) device.Sent(1);
            else device.Errors++;
        }
        else
        {
            device.Outgoing.Post(device.Headers.CurQueueMap, frame, (int)_burst);
            device.Sent(_burst);
        }
        cpu.LocalBhEnable();
        Enter(State.Posted, 0, cpu, nowPs);
    }
}
