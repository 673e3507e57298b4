using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>How a kernel thread is scheduled (sched_setscheduler).</summary>
/// <param name="Policy">Fair, as it is made.</param>
/// <param name="Priority">1 to 99 for Fifo and RoundRobin.</param>
/// <param name="Nice">-20 to 19 for Fair.</param>
/// <param name="Promised">Runtime, deadline and period, for Deadline.</param>
public readonly record struct ThreadPolicy(SchedulingPolicy Policy, int Priority = 0, int Nice = 0, DeadlineParameters? Promised = null);

/// <summary>
/// napi/DEVICE-ID: polls one NAPI context as an ordinary task (net/core/dev.c, napi_threaded_poll). A portion is taken with softirqs disabled; those raised
/// meanwhile run at its end, and then other tasks may have the processor.
/// </summary>
public sealed class NapiThread : KernelTask
{
    private enum State { Idle, Polling, Completing }

    private readonly Kernel _kernel;
    private readonly NapiContext _napi;
    private State _state;
    private bool _requested, _repoll;
    private long _fixedPs;

    internal NapiThread(Kernel kernel, NapiContext napi, string comm) : base(comm, CpuMask.FirstCpus(kernel.CpuCount))
    {
        _kernel = kernel;
        _napi = napi;
    }

    /// <summary>NAPI_STATE_SCHED_THREADED, and the wake-up.</summary>
    internal void Request(Cpu from, long nowPs)
    {
        _requested = true;
        _kernel.Wake(this, from, nowPs);
    }

    protected override long PlanBody(long nowPs) => _state == State.Polling ? _napi.PlanPoll(nowPs, _fixedPs) : nowPs + _fixedPs;

    protected override void AdvanceBody(long fromPs, long toPs, CpuTime time)
    {
        time.Add(CpuClass.System, toPs - fromPs);
        long burntPs = Math.Min(_fixedPs, toPs - fromPs);
        _fixedPs -= burntPs;
        if (_state == State.Polling && _fixedPs == 0) _napi.AdvancePoll(fromPs + burntPs, toPs);
    }

    protected override void FinishBody(Cpu cpu, long nowPs)
    {
        switch (_state)
        {
            case State.Polling when _napi.PollGoesOn(nowPs):
                cpu.Continue(nowPs);
                return;
            case State.Polling:
                _napi.TracePoll(nowPs);
                Polled(cpu, nowPs);
                return;
            case State.Completing:
                _napi.Complete(cpu, nowPs);
                EndPortion(cpu, nowPs);
                return;
            default:
                Next(cpu, nowPs);
                return;
        }
    }

    private void Polled(Cpu cpu, long nowPs)
    {
        if (_napi.Work < _napi.Portion || _napi.PrefersBusyPoll)
        {
            _fixedPs = _napi.CompletePs;
            _state = State.Completing;
            cpu.Continue(nowPs);
            return;
        }
        _repoll = true;
        EndPortion(cpu, nowPs);
    }

    /// <summary>Processors to which packets were steered are told; then local_bh_enable(): what interrupts have raised in the meantime runs before the next portion.</summary>
    private void EndPortion(Cpu cpu, long nowPs)
    {
        cpu.Softnet.SendIpis(cpu, nowPs);
        _fixedPs = cpu.TakeDebt();
        _state = State.Idle;
        cpu.LocalBhEnable();
        cpu.Continue(nowPs);
    }

    private void Next(Cpu cpu, long nowPs)
    {
        if (cpu.CondReschedule(nowPs)) return;
        if (!_repoll && !_requested)
        {
            Block(cpu, nowPs);
            return;
        }
        if (!cpu.TryLocalBhDisable(this))
        {
            Block(cpu, nowPs);
            return;
        }
        _repoll = _requested = false;
        _fixedPs = _kernel.Costs.NapiPoll + _napi.BeginPoll(cpu, nowPs);
        _state = State.Polling;
        cpu.Continue(nowPs);
    }
}
