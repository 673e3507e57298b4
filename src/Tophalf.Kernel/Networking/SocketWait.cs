using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>By which call an application waits.</summary>
public enum WaitCall
{
    /// <summary>recv(): for one datagram.</summary>
    Receive,

    /// <summary>epoll_wait(): for all that there is, up to 512 events.</summary>
    Epoll,
}

/// <summary>How a task polls for itself before it sleeps.</summary>
/// <param name="Call">Receive: SO_BUSY_POLL and its like; Epoll: EPIOCSPARAMS.</param>
/// <param name="Usecs">How long; null: what net.core.busy_read or net.core.busy_poll says.</param>
/// <param name="Budget">Packets a poll takes at most (SO_BUSY_POLL_BUDGET).</param>
/// <param name="Prefer">SO_PREFER_BUSY_POLL: interrupts are to stay off between two loops.</param>
public readonly record struct WaitSettings(WaitCall Call, int? Usecs = null, int Budget = WaitSettings.DefaultBudget, bool Prefer = false)
{
    /// <summary>BUSY_POLL_BUDGET.</summary>
    public const int DefaultBudget = 8;
}

/// <summary>
/// The time an application thread waits in a system call: what there is it gets, else it may poll its NAPI context itself, and only then it sleeps (net/core/sock.c, sk_busy_loop;
/// fs/eventpoll.c, ep_poll).
/// </summary>
public sealed class SocketWait(Kernel kernel, WaitSettings settings)
{
    private const int MostEvents = 512;

    private enum State { Entering, Looping, Resuming, Collecting }

    private ReceiverTask _task = null!;
    private BusyLoop _loop = null!;
    private State _state;
    private bool _sleeps;
    private long _fixedPs;

    /// <summary>The task is in the call, and not asleep.</summary>
    internal bool IsOn { get; private set; }

    /// <summary>It polls: what comes from elsewhere may end that.</summary>
    private bool IsLooping => IsOn && _state == State.Looping;

    internal bool IsEpoll => settings.Call == WaitCall.Epoll;

    /// <summary>Events that the last epoll_wait returned and that have not been served.</summary>
    internal int EventsLeft { get; private set; }

    internal void Attach(ReceiverTask task)
    {
        _task = task;
        _loop = new BusyLoop(kernel, task, () => task.HasEvents);
    }

    internal void Took() => EventsLeft--;

    internal void Disturbed(long nowPs)
    {
        if (IsLooping) _loop.Disturbed(nowPs);
    }

    private int Usecs => settings.Usecs ?? (IsEpoll ? kernel.BusyPollUsecs : kernel.BusyReadUsecs);

    /// <summary>sk_can_busy_loop, ep_busy_loop_on. Whoever prefers busy polling in epoll_wait makes one turn even without a time.</summary>
    internal bool MayPoll => kernel.HasBusyPoll && (Usecs > 0 || IsEpoll && settings.Prefer);

    private bool MayLoop => MayPoll && _task.Napi is not null;

    /// <summary>Nothing is left to serve. False when the task is to sleep.</summary>
    internal bool Begin(Cpu cpu, long nowPs)
    {
        if (!IsEpoll) return MayLoop && BeginLoop(cpu, nowPs);
        IsOn = true;
        if (_sleeps) BeginCollecting();
        else
        {
            _state = State.Entering;
            _fixedPs = kernel.Costs.Syscall;
        }
        _sleeps = false;
        cpu.Continue(nowPs);
        return true;
    }

    internal long Plan(long nowPs) => _state == State.Looping ? _loop.Plan(nowPs) : nowPs + _fixedPs;

    internal void Advance(long fromPs, long toPs)
    {
        if (_state == State.Looping) _loop.Advance(fromPs, toPs);
        else _fixedPs -= toPs - fromPs;
    }

    /// <summary>At a plan's end. True when the task is to sleep; else the processor has been told to go on.</summary>
    internal bool Finish(Cpu cpu, long nowPs)
    {
        switch (_state)
        {
            case State.Looping when !_loop.Finish(cpu, nowPs):
                return false;
            case State.Looping when !_task.HasEvents && IsEpoll:
                return Resume(cpu, nowPs);
            case State.Entering when !_task.HasEvents && MayLoop:
                BeginLoop(cpu, nowPs);
                return false;
            case State.Collecting:
                Collect(cpu, nowPs);
                break;
            default:
                if (!_task.HasEvents) return Sleep();
                if (IsEpoll) BeginCollecting();
                else IsOn = false;
                break;
        }
        // Back in user mode it gives way first, if it has not before.
        if (IsOn || !cpu.TryReschedule(nowPs)) cpu.Continue(nowPs);
        return false;
    }

    private bool BeginLoop(Cpu cpu, long nowPs)
    {
        IsOn = true;
        _state = State.Looping;
        _loop.Begin(_task.Napi!, Usecs, settings.Budget, settings.Prefer, cpu, nowPs);
        cpu.Continue(nowPs);
        return true;
    }

    /// <summary>napi_resume_irqs(): it was in vain, so the softirq looks after the context again. Its number is forgotten until it brings something.</summary>
    private bool Resume(Cpu cpu, long nowPs)
    {
        Napi napi = _task.Napi!;
        _task.Napi = null;
        if (!settings.Prefer || napi.IrqSuspendTimeoutPs == 0) return Sleep();
        _state = State.Resuming;
        _fixedPs = kernel.Costs.SoftirqRaise;
        cpu.LocalBhDisable();
        napi.Schedule(cpu, nowPs);
        cpu.LocalBhEnable();
        cpu.Continue(nowPs);
        return false;
    }

    private bool Sleep()
    {
        _sleeps = true;
        IsOn = false;
        return true;
    }

    /// <summary>ep_send_events(), with napi_suspend_irqs() where that has an effect.</summary>
    private void BeginCollecting()
    {
        _state = State.Collecting;
        _fixedPs = kernel.Costs.EpollWait + (Suspends ? kernel.Costs.HrTimer : 0);
    }

    private bool Suspends => settings.Prefer && _task.Napi is { IrqSuspendTimeoutPs: > 0 };

    private void Collect(Cpu cpu, long nowPs)
    {
        EventsLeft = Math.Min(_task.Socket.Count, MostEvents);
        if (Suspends) _task.Napi!.SuspendInterrupts(cpu, nowPs);
        IsOn = false;
    }
}
