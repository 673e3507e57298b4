using System.Numerics;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.BottomHalves;

/// <summary>
/// handle_softirqs() of one processor as interruptible work (kernel/softirq.c), with net_rx_action() inside it (net/core/dev.c).
/// It runs at the end of an interrupt or as the body of ksoftirqd, never both.
/// </summary>
internal sealed class SoftirqContext(Kernel kernel, Cpu cpu) : Work
{
    /// <summary>Passes before the rest is left to ksoftirqd: one, and nine restarts (MAX_SOFTIRQ_RESTART).</summary>
    private const int MaxPasses = 10;

    private enum State { NextVector, Acting, NextNapi, Polling, Completing }

    private State _state;
    private uint _mask;
    private int _passesLeft;
    private long _endJiffies;
    private long _fixedPs;
    private SoftirqAction? _action;
    private SoftirqVector _vector;

    // net_rx_action
    private NapiContext? _napi;
    private int _budget;
    private long _netRxLimitJiffies;

    /// <summary>The vector that runs, or ran last.</summary>
    public SoftirqVector Vector { get; private set; }

    /// <param name="nowPs">Now.</param>
    /// <param name="beforePs">What its processor spent before it came to this, and has yet to pass.</param>
    public void Begin(long nowPs, long beforePs = 0)
    {
        _endJiffies = kernel.Jiffies(nowPs) + kernel.MsecsToJiffies(2);
        _passesLeft = MaxPasses;
        _fixedPs = beforePs + kernel.Costs.SoftirqEntry;
        BeginPass();
        Step(nowPs);
    }

    private void BeginPass()
    {
        _mask = cpu.Softirqs.Pending;
        cpu.Softirqs.Pending = 0;
        _state = State.NextVector;
    }

    public override long Plan(long nowPs)
    {
        _fixedPs += cpu.TakeDebt();
        return _state == State.Polling ? _napi!.PlanPoll(nowPs, _fixedPs) : nowPs + _fixedPs;
    }

    public override void Advance(long fromPs, long toPs, CpuTime time)
    {
        time.Add(CpuClass.Softirq, toPs - fromPs);
        long burntPs = Math.Min(_fixedPs, toPs - fromPs);
        _fixedPs -= burntPs;
        if (_state == State.Polling && _fixedPs == 0) _napi!.AdvancePoll(fromPs + burntPs, toPs);
    }

    public override void Finish(Cpu on, long nowPs)
    {
        if (Step(nowPs)) on.SoftirqsDone(nowPs);
        else on.Continue(nowPs);
    }

    /// <summary>Goes on until time must pass. True when all is done or handed over.</summary>
    public bool Step(long nowPs)
    {
        while (true)
        {
            switch (_state)
            {
                case State.NextVector:
                    if (_mask != 0) BeginVector(nowPs);
                    else if (_fixedPs > 0) return false;
                    else if (EndPass(nowPs)) return true;
                    break;

                case State.Acting:
                    if (_fixedPs > 0) return false;
                    _fixedPs = cpu.RunCode(nowPs, _action!, static (action, on) => action.Step(on), out bool acted);
                    if (acted) break;
                    Trace(kernel.Tracer.Events.SoftirqExit, _vector, nowPs + _fixedPs);
                    _state = State.NextVector;
                    break;

                case State.NextNapi:
                    if (!cpu.Softnet.TryTake(out _napi))
                    {
                        ListIsEmpty(nowPs);
                        break;
                    }
                    _fixedPs += kernel.Costs.NapiPoll + _napi.BeginPoll(cpu, nowPs);
                    _state = State.Polling;
                    return false;

                case State.Polling:
                    if (_napi!.PollGoesOn(nowPs)) return false;
                    _napi.TracePoll(nowPs);
                    _budget -= _napi.Work;
                    if (_napi.Work < _napi.Portion || _napi.PrefersBusyPoll)
                    {
                        _fixedPs += _napi.CompletePs;
                        _state = State.Completing;
                        return false;
                    }
                    cpu.Softnet.Repoll.Add(_napi);
                    AfterPoll(nowPs);
                    break;

                case State.Completing:
                    _napi!.Complete(cpu, nowPs);
                    AfterPoll(nowPs);
                    break;
            }
        }
    }

    private void BeginVector(long nowPs)
    {
        int bit = BitOperations.TrailingZeroCount(_mask);
        _mask &= _mask - 1;
        var vector = (SoftirqVector)bit;
        Vector = vector;
        cpu.Softirqs.Count(vector);
        Trace(kernel.Tracer.Events.SoftirqEntry, vector, nowPs);
        if (kernel.Trace is { } trace && trace.Wants(cpu.Id)) trace.Add(nowPs, $"CPU {cpu.Id}", $"softirq {vector} begins", kernel.Costs.SoftirqEntry);
        if (vector == SoftirqVector.NET_RX)
        {
            _budget = kernel.NetdevBudget;
            _netRxLimitJiffies = kernel.Jiffies(nowPs) + kernel.NetdevBudgetJiffies;
            cpu.Softnet.InNetRxAction = true;
            cpu.Softnet.TakeList();
            _state = State.NextNapi;
        }
        else if (cpu.Softirqs.ActionOf(vector) is { } action)
        {
            _action = action;
            _vector = vector;
            action.Begin(cpu);
            _state = State.Acting;
        }
        else Trace(kernel.Tracer.Events.SoftirqExit, vector, nowPs);
    }

    /// <summary>Between the vectors of a pass interrupts are on.</summary>
    private void Trace(Tracing.Tracepoint traced, SoftirqVector vector, long nowPs)
    {
        if (traced.IsEnabled) kernel.Tracer.Record(traced, cpu, nowPs, irqsOff: false, 0, null, (int)vector);
    }

    /// <summary>Pending again? Another pass, unless two milliseconds, the passes, or the wish of a task to run are used up.</summary>
    private bool EndPass(long nowPs)
    {
        if (cpu.Softirqs.Pending == 0) return true;
        if (kernel.Jiffies(nowPs) < _endJiffies && !cpu.IsAskedToReschedule && --_passesLeft > 0)
        {
            BeginPass();
            return false;
        }
        cpu.Softirqs.WakeKsoftirqd(nowPs);
        return true;
    }

    // ---- net_rx_action ---------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Contexts to be polled again end the round, whatever is left of the budget, and wait for the next NET_RX; so a single busy queue never squeezes.
    /// Without them, what was scheduled meanwhile is taken within the same budget.
    /// </summary>
    private void ListIsEmpty(long nowPs)
    {
        if (cpu.Softnet.Repoll.Count == 0 && cpu.Softnet.HasWork) cpu.Softnet.TakeList();
        else EndNetRx(nowPs);
    }

    private void AfterPoll(long nowPs)
    {
        _state = State.NextNapi;
        if (_budget > 0 && kernel.Jiffies(nowPs) < _netRxLimitJiffies) return;
        cpu.Softnet.TimeSqueeze++;
        EndNetRx(nowPs);
    }

    /// <summary>What was not polled, what came meanwhile and what must be polled again waits for the next NET_RX, in that order.</summary>
    private void EndNetRx(long nowPs)
    {
        cpu.Softnet.PutBack();
        cpu.Softnet.InNetRxAction = false;
        cpu.Softnet.SendIpis(cpu, nowPs);
        _fixedPs += cpu.TakeDebt();
        _napi = null;
        if (cpu.Softnet.HasWork) cpu.Softirqs.Raise(SoftirqVector.NET_RX, nowPs);
        Trace(kernel.Tracer.Events.SoftirqExit, SoftirqVector.NET_RX, nowPs);
        _state = State.NextVector;
    }
}
