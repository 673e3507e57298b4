using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// napi_busy_loop(), a part of a task's body: polls a NAPI context, turn by turn with softirqs disabled and with preemption disabled throughout, until there is something for
/// the task or its time is up; then one poll more, which arms the interrupt or leaves the context to a timer.
/// <para>
/// Turns that find nothing are worked out together: the next that can find something follows from what is in sight. Whatever comes into sight later plans the loop anew.
/// </para>
/// </summary>
internal sealed class BusyLoop
{
    /// <summary>How far the wire is looked along for what ends a row of empty turns.</summary>
    private const long SightPs = SimTime.Millisecond;

    private enum State { Between, Turning, Stopping, Completing }

    /// <summary>What comes after the present turn: more of them, the end, or a rest in which others may have the processor, and the return from that.</summary>
    private enum Goal { Poll, End, Yield, Return }

    private readonly Kernel _kernel;
    private readonly KernelTask _task;
    private readonly Func<bool> _hasEvents;
    private readonly Action<long> _watcher;
    private Napi _napi = null!;
    private bool _prefer, _owns, _isTimerOn, _skips;
    private int _budget;
    private long _endUnits;
    private long _fixedPs;
    private State _state;
    private Goal _goal;

    /// <param name="kernel">The kernel.</param>
    /// <param name="task">Whose body it is a part of.</param>
    /// <param name="hasEvents">There is something for the task, which ends the loop.</param>
    public BusyLoop(Kernel kernel, KernelTask task, Func<bool> hasEvents)
    {
        _kernel = kernel;
        _task = task;
        _hasEvents = hasEvents;
        _watcher = Disturbed;
    }

    public bool IsOn { get; private set; }

    /// <summary>
    /// busy_loop_current_time(): the loop's clock counts nanoseconds shifted by ten, which it takes for microseconds.
    /// </summary>
    private static long Units(long ps) => ps / SimTime.Nanosecond >> 10;

    /// <param name="napi">Whom to poll.</param>
    /// <param name="usecs">For how long, in units of 1.024 us; 0 for one turn.</param>
    /// <param name="budget">Packets a poll may take.</param>
    /// <param name="prefer">SO_PREFER_BUSY_POLL: interrupts should stay off between two loops.</param>
    /// <param name="cpu">The processor of the task, in task context.</param>
    /// <param name="nowPs">Now.</param>
    public void Begin(Napi napi, int usecs, int budget, bool prefer, Cpu cpu, long nowPs)
    {
        _napi = napi;
        _prefer = prefer;
        _budget = budget;
        _endUnits = usecs == 0 ? -1 : Units(nowPs) + usecs;
        _owns = false;
        _goal = Goal.Poll;
        IsOn = true;
        cpu.PreemptDisable();
        BeginTurn(cpu, nowPs);
    }

    private void BeginTurn(Cpu cpu, long nowPs)
    {
        cpu.LocalBhDisable();
        if (!_owns && _napi.TryBeginBusyPoll(_prefer))
        {
            _owns = true;
            _napi.Vector.Watcher = _watcher;
        }
        _fixedPs = _kernel.Costs.BusyTurn;
        if (_owns) _fixedPs += _kernel.Costs.NapiPoll + _napi.BeginBusyPoll(cpu, _budget, isTurn: true, nowPs);
        _state = State.Turning;
    }

    private long TurnPs => _kernel.Costs.BusyTurn + _kernel.Costs.NapiPoll;

    /// <summary>busy_loop_timeout: after the last unit of time, not in it.</summary>
    private bool IsTimeUp(long nowPs) => Units(nowPs) > _endUnits;

    // ---- slices ----------------------------------------------------------------------------------------------------------------

    public long Plan(long nowPs)
    {
        _skips = false;
        long lookPs = nowPs + _fixedPs;
        if (_state is State.Between or State.Completing || !_owns) return lookPs;
        // The ring is looked at in its own time: what is planned ahead must not take frames from the wire ahead.
        if (_fixedPs == 0) return _napi.PlanPoll(nowPs);
        if (_state == State.Stopping || MustLook) return lookPs;
        // The end of a turn that finds nothing is when it looked, and when the next begins: a whole number of turns from the first.
        long timeUpPs = (_endUnits + 1 << 10) * SimTime.Nanosecond;
        long sightPs = Math.Min(timeUpPs, lookPs + SightPs);
        long wantedPs = Math.Min(sightPs, _napi.NextForPollPs(sightPs));
        if (wantedPs <= lookPs) return lookPs;
        _skips = true;
        return lookPs + (wantedPs - lookPs + TurnPs - 1) / TurnPs * TurnPs;
    }

    /// <summary>The end of this turn is to be seen to, whatever is in the ring.</summary>
    private bool MustLook =>
        _kernel.Options.Exact || _napi.HasToHandOver || _kernel.Tracer.Events.NapiPoll.IsEnabled || _hasEvents() || !_napi.IsEnabled || _task.Cpu.NeedResched || _task.Cpu.Softirqs.Pending != 0;

    public void Advance(long fromPs, long toPs)
    {
        long leftPs = toPs - fromPs;
        long burntPs = Math.Min(_fixedPs, leftPs);
        _fixedPs -= burntPs;
        leftPs -= burntPs;
        if (_state is State.Between or State.Completing || !_owns || _fixedPs > 0) return;
        if (_napi.HasPlanned || leftPs == 0)
        {
            _napi.AdvancePoll(fromPs + burntPs, toPs);
            return;
        }
        long turns = (leftPs + TurnPs - 1) / TurnPs;
        _napi.PolledInVain(turns);
        _fixedPs = turns * TurnPs - leftPs;
    }

    /// <summary>At a plan's end. True when the loop is over; until then the processor has been told to go on, or has gone to another task.</summary>
    public bool Finish(Cpu cpu, long nowPs)
    {
        _skips = false;
        switch (_state)
        {
            case State.Turning when _owns && _napi.PollGoesOn(nowPs):
            case State.Stopping when _napi.PollGoesOn(nowPs):
                break;
            case State.Turning:
                if (_owns)
                {
                    TracePoll(cpu, nowPs);
                    _kernel.BusyPolledPackets += _napi.Work;
                }
                return EndSection(cpu, nowPs);
            case State.Stopping:
                TracePoll(cpu, nowPs);
                if (_napi.Work >= _budget)
                {
                    _napi.EndBusyPoll(cpu, _isTimerOn, nowPs);
                    return Release(cpu, nowPs);
                }
                _fixedPs = _napi.CompletePs;
                _state = State.Completing;
                break;
            case State.Completing:
                _napi.CompleteBusyPoll(cpu, nowPs);
                return Release(cpu, nowPs);
            default:
                return Next(cpu, nowPs);
        }
        cpu.Continue(nowPs);
        return false;
    }

    private void TracePoll(Cpu cpu, long nowPs)
    {
        Tracing.Tracepoint traced = _kernel.Tracer.Events.NapiPoll;
        if (traced.IsEnabled) _kernel.Tracer.Record(traced, cpu, nowPs, irqsOff: false, 0, _napi.DeviceName, _napi.Number, _napi.Work, _budget);
    }

    private bool Release(Cpu cpu, long nowPs)
    {
        _owns = false;
        _napi.Vector.Watcher = null;
        return EndSection(cpu, nowPs);
    }

    /// <summary>Packets steered to other processors: outside NET_RX it is raised to tell them. Then local_bh_enable, and what is pending runs before the next turn.</summary>
    private bool EndSection(Cpu cpu, long nowPs)
    {
        if (cpu.Softnet.WantsIpis) cpu.Softirqs.Raise(SoftirqVector.NET_RX, nowPs);
        _state = State.Between;
        cpu.LocalBhEnable();
        if (cpu.Softirqs.Pending == 0) return Next(cpu, nowPs);
        cpu.Continue(nowPs);
        return false;
    }

    // ---- between two turns -----------------------------------------------------------------------------------------------------

    private bool Next(Cpu cpu, long nowPs)
    {
        bool isOver = _hasEvents() || IsTimeUp(nowPs) || !_napi.IsEnabled;
        if (_goal == Goal.Poll && (isOver || cpu.NeedResched))
        {
            _goal = isOver ? Goal.End : Goal.Yield;
            if (_owns)
            {
                BeginStop(cpu, nowPs);
                cpu.Continue(nowPs);
                return false;
            }
        }
        switch (_goal)
        {
            case Goal.End:
                cpu.PreemptEnable();
                IsOn = false;
                return true;
            case Goal.Yield:
                cpu.PreemptEnable();
                _goal = Goal.Return;
                if (!cpu.CondReschedule(nowPs)) cpu.Continue(nowPs);
                return false;
            case Goal.Return when isOver:
                IsOn = false;
                return true;
            case Goal.Return:
                _goal = Goal.Poll;
                cpu.PreemptDisable();
                break;
        }
        BeginTurn(cpu, nowPs);
        cpu.Continue(nowPs);
        return false;
    }

    /// <summary>busy_poll_stop().</summary>
    private void BeginStop(Cpu cpu, long nowPs)
    {
        cpu.LocalBhDisable();
        _isTimerOn = _napi.BeginBusyPollStop(cpu, _prefer, nowPs);
        _fixedPs = _kernel.Costs.NapiPoll + _napi.BeginBusyPoll(cpu, _budget, isTurn: false, nowPs) + (_isTimerOn ? _kernel.Costs.HrTimer : 0);
        _state = State.Stopping;
    }

    /// <summary>Something comes to the ring, or happens to the task, that the plan does not know.</summary>
    public void Disturbed(long nowPs)
    {
        Cpu cpu = _task.Cpu;
        cpu.Sync(nowPs);
        if (!_skips || !cpu.IsTop(_task)) return;
        if (_fixedPs == 0 && cpu.IsBehindItsEnd)
        {
            // A turn ended at this very moment, before this, and the next has begun.
            _napi.PolledInVain(1);
            _fixedPs = TurnPs;
        }
        cpu.Continue(nowPs);
    }
}
