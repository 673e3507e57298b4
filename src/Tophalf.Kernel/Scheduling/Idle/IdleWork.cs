using Tophalf.Kernel.Scheduling.Broadcast;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling.Idle;

/// <summary>
/// Nothing to run: the processor is in an idle state until an interrupt comes, or until a reschedule is asked for (kernel/sched/idle.c, do_idle).
/// </summary>
internal sealed class IdleWork : Work
{
    private readonly Cpu _cpu;
    private readonly MenuGovernor? _governor;
    private readonly HaltPollGovernor? _haltPoll;
    private readonly FlagEvent _flag;
    private readonly TickBroadcast? _broadcast;
    private long _sincePs, _pollEndPs = SimTime.Never;

    public IdleWork(Kernel kernel, Cpu cpu)
    {
        _cpu = cpu;
        States = kernel.IdleStates.WithPolling;
        if (kernel.HaltPoll is { } parameters) _haltPoll = new HaltPollGovernor(parameters);
        else if (States.Count > 1) _governor = new MenuGovernor(States);
        State = States[Math.Min(1, States.Count - 1)];
        Usage = new long[States.Count];
        TimePs = new long[States.Count];
        Disabled = new bool[States.Count];
        _flag = new FlagEvent(kernel, cpu);
        if (!kernel.Options.HasArat && States.Any(state => state.IsDeep)) _broadcast = kernel.Broadcast;
    }

    /// <summary>The state it is in, or was in last.</summary>
    public IdleState State { get; private set; }

    /// <summary>Times each state was entered, and time spent in it.</summary>
    public long[] Usage { get; }
    public long[] TimePs { get; }

    /// <summary>States somebody has switched off; where all are, it polls.</summary>
    public bool[] Disabled { get; }

    public IReadOnlyList<IdleState> States { get; }

    /// <summary>Times an idle state was entered.</summary>
    public long Entered { get; private set; }

    /// <summary>cpuidle_select and cpuidle_enter.</summary>
    public void Enter(long nowPs)
    {
        Entered++;
        _sincePs = nowPs;
        TimerGoesOn(nowPs);
        if (_haltPoll is not null) EnterHaltPoll(nowPs);
        if (_governor is not null) State = _governor.Choose(_cpu.Tick.NextPs == SimTime.Never ? SimTime.Never : _cpu.Tick.NextPs - nowPs, Disabled);
        if (_broadcast is not null && State.IsDeep) StopTimer(_broadcast, nowPs);
    }

    /// <summary>cpuidle_enter_state: before a sleep in which its timer stands still the processor asks to be woken; if nobody can, it sleeps less deep. do_idle: not at all if that is to come at once.</summary>
    private void StopTimer(TickBroadcast broadcast, long nowPs)
    {
        if (broadcast.IsAboutToInterrupt(_cpu)) State = States[0];
        else if (broadcast.TryEnter(_cpu, nowPs)) _cpu.Apic.Timer.StandStill(nowPs);
        else State = States[DeepestWithTimer()];
    }

    /// <summary>find_deepest_state, without those that stop the timer.</summary>
    private int DeepestWithTimer()
    {
        int state = States.Count - 1;
        while (state > 0 && (States[state].IsDeep || Disabled[state])) state--;
        return state;
    }

    private void TimerGoesOn(long nowPs)
    {
        if (_broadcast is null) return;
        _cpu.Apic.Timer.GoOn(nowPs);
        _broadcast.Exit(_cpu, nowPs);
    }

    /// <summary>poll_idle goes on after an interrupt that wanted nothing, up to its limit; everything else asks the governor.</summary>
    private void EnterHaltPoll(long nowPs)
    {
        if (_pollEndPs > nowPs && _pollEndPs != SimTime.Never) return;
        if (_pollEndPs != SimTime.Never) _haltPoll!.Polled(inVain: true);
        long pollPs = _haltPoll!.PollPs;
        _pollEndPs = pollPs == 0 ? SimTime.Never : nowPs + pollPs;
        State = States[pollPs == 0 ? 1 : 0];
    }

    /// <summary>A task is to run: polling, if that is what it did, has paid.</summary>
    private void EndPoll()
    {
        if (_pollEndPs == SimTime.Never) return;
        _haltPoll!.Polled(inVain: false);
        _pollEndPs = SimTime.Never;
    }

    /// <summary>Something ends the idle state now, or has: then the core is back. Returns how long the core takes to come back.</summary>
    public long Leave(long nowPs, bool isBack = false)
    {
        int state = 0;
        while (!ReferenceEquals(States[state], State)) state++;
        Usage[state]++;
        TimePs[state] += nowPs - _sincePs;
        _governor?.Idled(nowPs - _sincePs);
        if (_haltPoll is not null && state > 0) _haltPoll.Halted(nowPs - _sincePs);
        long exitPs = isBack ? 0 : ExitPs(nowPs);
        TimerGoesOn(nowPs + exitPs);
        return exitPs;
    }

    /// <summary>How long the core takes to come back if something ends the state now; one that a flag has begun to bring back needs only the rest of the way.</summary>
    public long ExitPs(long nowPs) => _flag.IsPending ? Math.Clamp(_flag.SeenPs - nowPs, 0, State.ExitPs) : State.ExitPs;

    /// <summary>Does a wake-up from another processor end it without an interrupt?</summary>
    public bool WatchesNeedResched => State.WatchesNeedResched;

    public void WakeByFlag(long atPs) => _flag.At(atPs, State.ExitPs);

    public bool IsFlagged(long nowPs) => _flag.IsSet(nowPs);

    /// <summary>True if the flag has been set; it is clear from now on.</summary>
    public bool TakeFlag(long nowPs) => _flag.Take(nowPs);

    public override long Plan(long nowPs) => _pollEndPs == SimTime.Never ? SimTime.Never : Math.Max(_pollEndPs, nowPs);
    public override void Advance(long fromPs, long toPs, CpuTime time) => time.Add(_cpu.IoWait.IdleClass, toPs - fromPs);

    public override void Finish(Cpu cpu, long nowPs)
    {
        if (nowPs < _pollEndPs || cpu.WantsReschedule || _flag.IsPending)
        {
            cpu.LeaveIdleLoop(nowPs);
            return;
        }
        // The limit is reached.
        _ = Leave(nowPs);
        Enter(nowPs);
        cpu.Continue(nowPs);
    }

    /// <summary>Another task than the idle task has the processor.</summary>
    public void Left(long nowPs)
    {
        EndPoll();
        TimerGoesOn(nowPs);
    }

    /// <summary>need_resched of the idle task, written by another processor: the core is back when this fires, unless an interrupt is what brought it back.</summary>
    private sealed class FlagEvent : SimEvent
    {
        private readonly Kernel _kernel;
        private readonly Cpu _cpu;

        public FlagEvent(Kernel kernel, Cpu cpu)
        {
            _kernel = kernel;
            _cpu = cpu;
            Rank = Cpu.FlagRank + cpu.Id;
        }

        private long _setPs;

        public bool IsPending { get; private set; }
        public long SeenPs { get; private set; }

        public void At(long atPs, long exitPs)
        {
            if (IsPending) return;
            IsPending = true;
            _setPs = atPs;
            SeenPs = atPs + exitPs;
            _kernel.Events.Schedule(this, SeenPs);
        }

        public bool IsSet(long nowPs) => IsPending && nowPs >= _setPs;

        public bool Take(long nowPs)
        {
            if (!IsSet(nowPs)) return false;
            IsPending = false;
            _kernel.Events.Cancel(this);
            return true;
        }

        protected override void Fire(long nowPs) => _cpu.FlagSeen(nowPs);
    }
}
