using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// The deadline server of the fair class (kernel/sched/deadline.c, dl_server; since 6.12 in the place of real-time throttling): fair tasks that
/// real-time tasks starve get 50 ms of every second, beginning 50 ms before a second of starving is over.
/// </summary>
internal sealed class FairServer
{
    private const long RuntimePs = 50 * SimTime.Millisecond, PeriodPs = SimTime.Second;

    private enum State { Stopped, Deferred, Running, Spent }

    private readonly Cpu _cpu;
    private readonly Runqueue _runqueue;
    private readonly HrTimer _timer;
    private State _state;
    private long _leftPs, _deadlinePs;

    public FairServer(Cpu cpu, Runqueue runqueue)
    {
        _cpu = cpu;
        _runqueue = runqueue;
        _timer = new HrTimer(_ => Expired(), HrTimerMode.Hard);
    }

    /// <summary>Fair tasks go before real-time ones.</summary>
    public bool IsRunning => _state == State.Running;

    /// <summary>A fair task ran.</summary>
    public void Charge(long ps) => _leftPs -= ps;

    /// <summary>dl_server_start, when a real-time task keeps a fair one waiting.</summary>
    public void Start(long nowPs)
    {
        if (_state == State.Stopped) Defer(nowPs);
    }

    /// <summary>dl_server_stop: the processor has no tasks any more.</summary>
    public void Stop(long nowPs)
    {
        _state = State.Stopped;
        _cpu.Tick.Cancel(_timer, nowPs);
    }

    private void Defer(long nowPs)
    {
        _state = State.Deferred;
        _leftPs = RuntimePs;
        _deadlinePs = nowPs + PeriodPs;
        _cpu.Tick.Start(_timer, _deadlinePs - RuntimePs, nowPs);
    }

    /// <summary>At the tick: what was given is used up, and the next period brings more.</summary>
    public void ThrottleIfSpent(long nowPs)
    {
        if (_state != State.Running || _leftPs > 0) return;
        _state = State.Spent;
        _cpu.Tick.Start(_timer, Math.Max(_deadlinePs, nowPs), nowPs);
        _cpu.Reschedule(lazily: false);
    }

    /// <summary>dl_server_timer: the last moment at which the fair class can still have its share, or the begin of a period.</summary>
    private void Expired()
    {
        long nowPs = _cpu.LocalPs;
        if (_runqueue.FairRunnable == 0)
        {
            _state = State.Stopped;
            return;
        }
        if (_state == State.Deferred && _leftPs < RuntimePs)
        {
            // It ran without help meanwhile: nobody starves.
            if (_runqueue.Current is { IsFair: false }) Defer(nowPs);
            else _state = State.Stopped;
            return;
        }
        if (_state == State.Spent)
        {
            _deadlinePs += PeriodPs;
            _leftPs += RuntimePs;
        }
        _state = State.Running;
        _cpu.Reschedule(lazily: false);
    }
}
