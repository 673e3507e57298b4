using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// struct napi_struct: something that is scheduled once, polled in portions of <see cref="Weight"/> until a poll finds less, and then complete. It is polled from NET_RX, or,
/// when made threaded, by a thread of its own.
/// </summary>
public abstract class NapiContext
{
    /// <summary>NAPI_POLL_WEIGHT.</summary>
    public const int Weight = 64;

    private protected NapiContext(Kernel kernel) => Kernel = kernel;

    private protected Kernel Kernel { get; }

    /// <summary>The processor of the running poll.</summary>
    private protected Cpu Cpu { get; set; } = null!;

    /// <summary>The most packets of one poll.</summary>
    internal virtual int Portion => Weight;

    /// <summary>Packets taken in the running poll.</summary>
    public int Work { get; private protected set; }

    public long Polls { get; private protected set; }

    /// <summary>NAPI_STATE_SCHED: on some processor's list, or being polled.</summary>
    public bool IsScheduled { get; private protected set; }

    /// <summary>NAPI_STATE_MISSED: asked for once more while scheduled.</summary>
    private protected bool IsMissed { get; set; }

    /// <summary>
    /// NAPI_STATE_PREFER_BUSY_POLL: a task that polls would rather have it than the softirq, which therefore gives it back when its portion is used up, if a timer will
    /// look again.
    /// </summary>
    internal bool PrefersBusyPoll { get; set; }

    /// <summary>NAPI_STATE_THREADED: who polls instead of the softirq.</summary>
    internal NapiThread? Thread { get; set; }

    /// <summary>napi_schedule(): from an interrupt handler or a timer, on the processor that took it.</summary>
    public void Schedule(Cpu cpu, long nowPs)
    {
        if (IsScheduled)
        {
            IsMissed = true;
            return;
        }
        IsScheduled = true;
        Enlist(cpu, nowPs);
    }

    /// <summary>____napi_schedule(): whoever polls it gets it.</summary>
    internal void Enlist(Cpu cpu, long nowPs)
    {
        if (Thread is { } thread)
        {
            thread.Request(cpu, nowPs);
            return;
        }
        cpu.Softnet.Add(this);
        if (!cpu.Softnet.InNetRxAction) cpu.Softirqs.Raise(SoftirqVector.NET_RX, nowPs);
    }

    /// <summary>What traces call it: its device, and which of the device's it is.</summary>
    internal abstract string DeviceName { get; }
    internal abstract int Number { get; }

    /// <summary>Begins a poll; returns what it costs before the first packet.</summary>
    internal abstract long BeginPoll(Cpu cpu, long nowPs);

    /// <summary>
    /// The device may raise while the running poll lasts, since a task that polled before left its entry armed: what is planned ahead must not take frames from the wire ahead.
    /// </summary>
    private protected bool MayBeRaised { get; set; }

    /// <summary>The plan of a poll whose first look at the ring is so much later.</summary>
    internal long PlanPoll(long nowPs, long beforePs) => beforePs > 0 && MayBeRaised ? nowPs + beforePs : PlanPoll(nowPs + beforePs);

    /// <summary>When the next run of packets is through that nobody outside this processor can see in parts.</summary>
    internal abstract long PlanPoll(long nowPs);

    internal abstract void AdvancePoll(long fromPs, long toPs);

    /// <summary>After a run: is there more to take within the budget?</summary>
    internal abstract bool PollGoesOn(long nowPs);

    /// <summary>__napi_poll: after the driver's poll function.</summary>
    internal void TracePoll(long nowPs)
    {
        Tracing.Tracepoint traced = Kernel.Tracer.Events.NapiPoll;
        if (traced.IsEnabled) Kernel.Tracer.Record(traced, Cpu, nowPs, irqsOff: false, 0, DeviceName, Number, Work, Portion);
    }

    /// <summary>What <see cref="Complete"/> costs.</summary>
    internal abstract long CompletePs { get; }

    /// <summary>napi_complete_done(), after a poll that found less than its portion.</summary>
    internal abstract void Complete(Cpu cpu, long nowPs);
}
