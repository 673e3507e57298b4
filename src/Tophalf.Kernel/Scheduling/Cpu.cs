using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Processors;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Networking;
using Tophalf.Kernel.Nmi;
using Tophalf.Kernel.Scheduling.Delays;
using Tophalf.Kernel.Scheduling.Idle;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Scheduling;

/// <summary>
/// One processor as the kernel sees it: a stack of contexts — task or idle, softirq, hard interrupt — of which the topmost runs, and the
/// per-CPU data of the rooms.
/// <para>
/// Hard interrupts run with IF clear, so nothing on this processor can come between; their code runs in one go, ahead of the clock, on
/// <see cref="LocalPs"/>, and the processor then stays busy until that time. Whatever leaves the processor (a register write, an IPI, an
/// EOI broadcast) leaves as an event stamped with that local time.
/// </para>
/// </summary>
public sealed partial class Cpu
{
    internal const int FlagRank = 1 << 21;
    private const int EndRank = 1 << 20;
    private const ulong UserStack = 0x7FFD_C000_0000;

    private readonly Kernel _kernel;
    private readonly EndEvent _end;
    private readonly HardirqSection _hardirq = new();
    private readonly Work[] _suspended = new Work[8];
    private int _depth;
    private Work _current;
    private long _sincePs, _interruptedPs;

    internal Cpu(Kernel kernel, int id, Processor processor, PhysicalMemory memory)
    {
        _kernel = kernel;
        Id = id;
        Processor = processor;
        _end = new EndEvent(this) { Rank = EndRank + id };
        _enableAgain = new CallbackEvent(EnableAgain) { Rank = EnableRank };
        Idle = new IdleWork(kernel, this);
        _current = Idle;
        Runqueue = new Runqueue(kernel, this);
        IoWait = new Accounting.IoWait(this);
        Pressure = new Accounting.CpuPressure(this);
        if (kernel.Preemption == PreemptionModel.Rt) _softirqLock = new RtMutex(kernel);
        Softirqs = new Softirqs(kernel, this);
        Softnet = new SoftnetData(kernel);
        Tick = new Tick(kernel, this);
        Nmi = new CpuNmi(kernel, this, memory);
        Stacks = new CpuStacks(kernel, this, memory);
    }

    public int Id { get; }
    public Processor Processor { get; }
    public LocalApic Apic => Processor.Apic;
    public CpuTime Time { get; } = new();
    public Runqueue Runqueue { get; }
    public Softirqs Softirqs { get; }
    public SoftnetData Softnet { get; }
    public Tick Tick { get; }
    internal StopperTask Stopper { get; set; } = null!;
    internal IdleWork Idle { get; }

    /// <summary>The clock of this processor's non-interruptible code; equal to or ahead of the machine's.</summary>
    public long LocalPs { get; private set; }

    /// <summary>Laid out as in include/linux/preempt.h: see the predicates in Cpu.Context.cs.</summary>
    public uint PreemptCount { get; private set; }

    /// <summary>TIF_NEED_RESCHED: the running task is to give way at the next point the preemption model knows.</summary>
    public bool NeedResched { get; set; }
    public bool IsIdle => _depth == 0 && ReferenceEquals(_current, Idle);

    /// <summary>Code of a task that may be preempted is running, ahead of the clock.</summary>
    internal bool IsInTaskCode => ReferenceEquals(_kernel.CurrentCpu, this) && !InInterrupt;

    /// <summary>Interrupts in the order of the summary rows of /proc/interrupts.</summary>
    public CpuInterruptCounts Counts { get; } = new();

    /// <summary>The moment up to which time is accounted; ahead of the clock only while the processor leaves an idle state.</summary>
    public long AccountedUntilPs => _sincePs;

    /// <summary>TLB flushes asked of this processor that its next function call interrupt carries out.</summary>
    internal int PendingTlbFlushes { get; set; }

    /// <summary>Non-interruptible code spends time.</summary>
    public void Spend(long ps) => LocalPs += ps;

    /// <summary>What a poll, a softirq or a task spent on others while its books were brought up to date: whatever is planned next here pays it first.</summary>
    private long _owedPs;

    /// <summary>Returns what is owed with this: nothing while it idles, since what wakes from there is no code of its own.</summary>
    internal long Owe(long ps) => IsIdle ? 0 : _owedPs += ps;

    internal long TakeDebt()
    {
        long owedPs = _owedPs;
        _owedPs = 0;
        return owedPs;
    }

    /// <summary>The same outside of any plan's end.</summary>
    internal void PayNow(long nowPs)
    {
        if (_owedPs == 0 || IsStopped || IsInNmi || ReferenceEquals(_current, _hardirq)) return;
        Sync(nowPs);
        Replan(nowPs);
    }

    // ---- the stack of contexts -------------------------------------------------------------------------------------------------

    /// <summary>Starts the machine: the processor idles, with interrupts on.</summary>
    internal void Boot(long nowPs)
    {
        _sincePs = nowPs;
        Processor.EnableInterrupts(nowPs);
    }

    /// <summary>Puts work on top and lets it run from now.</summary>
    private void Run(Work work, long nowPs)
    {
        _current = work;
        _sincePs = nowPs;
        Replan(nowPs);
    }

    private void Replan(long nowPs)
    {
        long endPs = _current.Plan(nowPs);
        if (endPs == SimTime.Never) _kernel.Events.Cancel(_end);
        else _kernel.Events.Schedule(_end, endPs);
    }

    /// <summary>
    /// Brings what is running up to now: its progress becomes visible, its time accounted. Two processors that each hand the other's task
    /// a packet at the same picosecond ask each other; the slice counts as granted before its work looks elsewhere.
    /// </summary>
    public void Sync(long nowPs)
    {
        if (nowPs <= _sincePs) return;
        long fromPs = _sincePs;
        _sincePs = nowPs;
        if (_current is not KernelTask) Timeline.Add(Occupation, Occupant, fromPs, nowPs);
        _current.Advance(fromPs, nowPs, Time);
    }

    private void Ended(long nowPs)
    {
        Sync(nowPs);
        if (IsStopped) Halt(nowPs);
        else if (ReferenceEquals(_current, _hardirq)) IrqExit(nowPs);
        else _current.Finish(this, nowPs);
    }

    /// <summary>What a poll was planned with has changed; a poll under an interrupt is planned anew at its end anyway.</summary>
    internal void ReplanPoll(long nowPs)
    {
        Sync(nowPs);
        if (InSoftirq && !ReferenceEquals(_current, _hardirq)) Replan(nowPs);
    }

    /// <summary>The same of a poll or a task.</summary>
    internal void ReplanTask(long nowPs)
    {
        Sync(nowPs);
        if (_current is KernelTask || (InSoftirq && !ReferenceEquals(_current, _hardirq))) Replan(nowPs);
    }

    /// <summary>It is this task whose time passes, and nothing above it.</summary>
    internal bool IsTop(KernelTask task) => ReferenceEquals(_current, task);

    /// <summary>What happens now is ordered behind an end of this processor's plan at the same moment.</summary>
    internal bool IsBehindItsEnd => _kernel.Events.FiringRank > _end.Rank;

    /// <summary>The work that was told of its planned moment goes on.</summary>
    public void Continue(long nowPs) => Replan(nowPs);

    // ---- hard interrupts -------------------------------------------------------------------------------------------------------

    /// <summary>
    /// irqentry_enter and irq_enter_rcu: what ran is suspended, with its remaining time. Returns at the first instruction of the C handler,
    /// with <see cref="LocalPs"/> standing there; gives the moment at which the processor, out of its idle state, began.
    /// </summary>
    internal long EnterHardirq(long nowPs)
    {
        Sync(nowPs);
        long startPs = nowPs;
        if (ReferenceEquals(_current, Idle) && _depth == 0)
        {
            // A halted core first leaves its idle state; until then the time is still idle time.
            startPs = SpendSteal(startPs + SpendIdleExit(nowPs));
        }
        if (_depth == 0) _interruptedPs = nowPs;
        _suspended[_depth++] = _current;
        _current = _hardirq;
        _sincePs = startPs;
        PreemptCount += HardirqOffset;
        LocalPs = startPs + _kernel.Costs.InstructionBoundary + _kernel.Costs.Vectoring + _kernel.Costs.KernelEntry;
        _kernel.CurrentCpu = this;
        return startPs;
    }

    /// <summary>The handlers have run; the processor is busy until their local time, and then at irq_exit.</summary>
    internal void LeaveHardirq()
    {
        Spend(_kernel.Costs.IrqReturn);
        PreemptCount -= HardirqOffset;
        _kernel.CurrentCpu = null;
        _hardirq.EndPs = LocalPs;
        _kernel.Events.Schedule(_end, LocalPs);
    }

    /// <summary>
    /// True while the handlers have run ahead of a clock that still stands inside their interrupt: then more code may follow at their end,
    /// up to <see cref="EndResumedHardirq"/>.
    /// </summary>
    internal bool TryResumeHardirq()
    {
        if (IsStopped || !ReferenceEquals(_current, _hardirq) && !IsHardirqBelowNmi) return false;
        if (IsInNmi) (LocalPs, _belowNmiPs) = (_belowNmiPs, LocalPs);
        PreemptCount += HardirqOffset;
        return true;
    }

    internal void EndResumedHardirq()
    {
        PreemptCount -= HardirqOffset;
        _hardirq.EndPs = LocalPs;
        if (IsInNmi) (LocalPs, _belowNmiPs) = (_belowNmiPs, LocalPs);
        else _kernel.Events.Schedule(_end, LocalPs);
    }

    /// <summary>__irq_enter_raw and __irq_exit_raw: code of a task, with interrupts off, stands in for a hard interrupt. Softirqs it raises wait for the next real one.</summary>
    internal void EnterHardirqRaw() => PreemptCount += HardirqOffset;

    internal void ExitHardirqRaw() => PreemptCount -= HardirqOffset;

    // ---- hotplug ---------------------------------------------------------------------------------------------------------------

    /// <summary>take_cpu_down: the processor, idle, takes no interrupt any more.</summary>
    internal void TakeDown() => Processor.DisableInterrupts();

    /// <summary>The processor is back, idle, with interrupts on and its clock event device programmed.</summary>
    internal void BringUp(long nowPs)
    {
        Processor.EnableInterrupts(nowPs);
        if (IsIdle) Tick.EnterIdle(nowPs);
    }

    /// <summary>IRET, after the reschedule check that stands before it.</summary>
    private void ReturnFromInterrupt(long nowPs)
    {
        Processor.InterruptReturn();
        Work interrupted = _suspended[--_depth];
        _current = interrupted;
        _sincePs = nowPs;
        FoldNeedResched();
        if (_depth == 0 && !_kernel.Options.IrqTimeAccounting) (interrupted as KernelTask)?.ChargeInterrupts(nowPs - _interruptedPs);
        if (_kernel.Trace is { } trace && trace.Wants(Id)) TraceReturn(trace, nowPs);
        if (_depth == 0 && ReferenceEquals(interrupted, Idle) && Idle.TakeFlag(nowPs) && FlushCallQueue(nowPs))
        {
            Processor.InterruptRequested(nowPs);
            return;
        }
        if (_depth == 0 && MayPreempt())
        {
            Schedule(nowPs);
            return;
        }
        if (_depth == 0 && ReferenceEquals(interrupted, Idle)) IdleOn(nowPs);
        else if (_depth == 0) Tick.TaskAgain(nowPs);
        Processor.InterruptRequested(nowPs);
        if (ReferenceEquals(_current, interrupted)) Replan(nowPs);
    }

    private void TraceReturn(Hardware.HopTrace trace, long nowPs)
    {
        string to = _depth > 0 ? "softirq" : ReferenceEquals(_current, Idle) ? "idle" : ((KernelTask)_current).Comm;
        bool reschedules = _depth == 0 && MayPreempt();
        trace.Add(nowPs, $"CPU {Id}", $"iretq to {to}{(reschedules ? ", reschedule" : "")}", _kernel.Costs.IrqReturn);
        if (_depth == 0 && !reschedules) trace.End();
    }

    /// <summary>Runs task code that is written like a handler, in one go from now; returns the time it spent, which its task then burns.</summary>
    internal long RunInTask(long nowPs, Action code) => RunCode(nowPs, code, static (action, _) =>
    {
        action();
        return true;
    }, out _);

    /// <summary>
    /// Code of a task or a softirq, written like a handler, runs in one go ahead of the clock. Returns the time it spent, which has yet to pass: for ever,
    /// where the code never gets further.
    /// </summary>
    internal long RunCode<T>(long nowPs, T owner, Func<T, Cpu, bool> code, out bool result)
    {
        LocalPs = nowPs;
        _kernel.CurrentCpu = this;
        bool returns = true;
        try
        {
            result = code(owner, this);
        }
        catch (CodeNeverReturnsException)
        {
            returns = false;
            result = true;
        }
        _kernel.CurrentCpu = null;
        SettleInterruptFlag(nowPs);
        return returns ? LocalPs - nowPs : SimTime.Never / 2;
    }

    private sealed class EndEvent(Cpu cpu) : SimEvent
    {
        protected override void Fire(long nowPs) => cpu.Ended(nowPs);
    }

    /// <summary>The time between the first instruction of an interrupt's entry and its irq_exit.</summary>
    private sealed class HardirqSection : Work
    {
        public long EndPs;

        public override long Plan(long nowPs) => EndPs;
        public override void Advance(long fromPs, long toPs, CpuTime time) => time.Add(CpuClass.Irq, toPs - fromPs);
        public override void Finish(Cpu cpu, long nowPs) => throw new InvalidOperationException("a hard interrupt ends at irq_exit");
    }
}
