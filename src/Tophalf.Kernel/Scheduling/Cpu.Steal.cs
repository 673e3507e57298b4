using Tophalf.Kernel.Scheduling.Delays;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// A processor of a virtual machine whose host runs somebody else on its core for a while. What would have run stands still, interrupts wait, and the guest's kernel
/// hears of it from the host's steal clock (arch/x86/kernel/kvm.c kvm_steal_clock). A halted processor misses nothing until it is to be woken.
/// </summary>
public sealed partial class Cpu
{
    private readonly StolenTime _stolen = new();
    private long _takenUntilPs, _sampledStealPs;
    private bool _takesInterruptsAgain;

    private bool IsStolen => ReferenceEquals(_current, _stolen);

    /// <summary>
    /// The host takes the core until then. A hard interrupt or an NMI, which has run ahead of the clock, is let through first: then nothing is taken, and the moment of its
    /// end returned, when to ask again; else null.
    /// </summary>
    public long? TakeAway(long untilPs, long nowPs)
    {
        if (IsStopped || IsStolen) return null;
        Sync(nowPs);
        if (ReferenceEquals(_current, _hardirq)) return _hardirq.EndPs == SimTime.Never ? null : Math.Max(_hardirq.EndPs, nowPs + 1);
        if (IsInNmi) return _nmi.EndPs == SimTime.Never ? null : Math.Max(_nmi.EndPs, nowPs + 1);
        _takenUntilPs = untilPs;
        if (IsIdle && !Idle.WatchesNeedResched) return null;
        _takesInterruptsAgain = Processor.InterruptFlag;
        Processor.DisableInterrupts();
        _suspended[_depth++] = _current;
        _current = _stolen;
        _sincePs = Math.Max(_sincePs, nowPs);
        _stolen.EndPs = Math.Max(untilPs, _sincePs);
        _kernel.Events.Schedule(_end, _stolen.EndPs);
        return null;
    }

    private void GiveBack(long nowPs)
    {
        Work interrupted = _suspended[--_depth];
        _current = interrupted;
        _sincePs = nowPs;
        if (_takesInterruptsAgain && !IsStopped) Processor.EnableInterrupts(nowPs);
        if (!ReferenceEquals(_current, interrupted)) return;
        Replan(nowPs);
        if (IsIdle && Idle.IsFlagged(nowPs)) FlagSeen(nowPs);
    }

    /// <summary>A halted processor is to run from <paramref name="fromPs"/> on, and waits for its core; returns when it has it.</summary>
    private long SpendSteal(long fromPs)
    {
        if (fromPs >= _takenUntilPs) return fromPs;
        Time.Add(CpuClass.Steal, _takenUntilPs - fromPs);
        Timeline.Add(Occupation.Stolen, null, fromPs, _takenUntilPs);
        return _takenUntilPs;
    }

    /// <summary>steal_account_process_time: what of a tick the host had, of the stolen time not accounted yet.</summary>
    private long TakeSteal(long mostPs)
    {
        long ps = Math.Min(mostPs, Time[CpuClass.Steal] - _sampledStealPs);
        _sampledStealPs += ps;
        return ps;
    }

    private sealed class StolenTime : Work
    {
        public long EndPs;

        /// <summary>An NMI gets through, and may last longer.</summary>
        public override long Plan(long nowPs) => Math.Max(EndPs, nowPs);
        public override void Advance(long fromPs, long toPs, CpuTime time) => time.Add(CpuClass.Steal, toPs - fromPs);
        public override void Finish(Cpu cpu, long nowPs) => cpu.GiveBack(nowPs);
    }
}
