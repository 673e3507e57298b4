using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>The flow handlers of kernel/irq/chip.c: what happens between the vector and the actions.</summary>
public enum FlowKind
{
    Edge,
    FastEoi,
    Level,
    Simple,

    /// <summary>handle_untracked_irq: as Simple, but neither counted nor watched.</summary>
    Untracked,

    /// <summary>One line that every processor has for itself, without lock or masking.</summary>
    PerCpu,

    /// <summary>As PerCpu, with a device instance for each processor.</summary>
    PerCpuDevid,

    /// <summary>Handled in the thread of the line it hangs on.</summary>
    Nested,

    /// <summary>A demultiplexer: no actions, its flow calls the lines behind it.</summary>
    Chained,

    /// <summary>handle_bad_irq: nobody set the line up.</summary>
    Bad,
}

/// <summary>One interrupt line of the kernel: struct irq_desc with its irq_data (include/linux/irqdesc.h).</summary>
public sealed class IrqDesc
{
    private readonly uint[] _counts;

    internal IrqDesc(int irq, IrqChip chip, int hwirq, FlowKind flow, bool isLevel, int cpus)
    {
        Irq = irq;
        Chip = chip;
        Hwirq = hwirq;
        Flow = flow;
        IsLevel = isLevel;
        _counts = new uint[cpus];
    }

    public int Irq { get; }
    public IrqChip Chip { get; internal set; }

    /// <summary>The number in the chip's own domain: the I/O APIC pin, the MSI-X entry.</summary>
    public int Hwirq { get; }

    /// <summary>The line belongs to an interrupt domain, which gave it the number; lines that software makes up have none.</summary>
    public bool HasDomain { get; internal init; } = true;

    public FlowKind Flow { get; internal set; }

    /// <summary>The name of the flow as /proc/interrupts prints it.</summary>
    public string FlowName => Flow switch
    {
        FlowKind.Edge => "edge",
        FlowKind.FastEoi => "fasteoi",
        FlowKind.Level => "level",
        FlowKind.PerCpu or FlowKind.PerCpuDevid => "percpu",
        _ => Flow.ToString().ToLowerInvariant(),
    };

    /// <summary>IRQ_LEVEL: the wire speaks for itself as long as it is active. Follows the trigger where the chip can set one.</summary>
    public bool IsLevel { get; internal set; }

    /// <summary>IRQF_TRIGGER_* as it was configured (IRQD_TRIGGER_MASK), and whether it ever was.</summary>
    public IrqFlags TriggerType { get; internal set; }
    internal bool IsTriggerTypeSet { get; set; }

    public IrqSettings Settings { get; internal set; }

    /// <summary>The actions in the order of their requests.</summary>
    public List<IrqAction> Actions { get; } = [];

    /// <summary>The same for the flow handlers, which keep what they began with when an action comes or goes meanwhile.</summary>
    internal IrqAction[] Chain { get; private set; } = [];

    internal void ChainChanged() => Chain = [.. Actions];

    /// <summary>The NUMA node of its device, whose processors it prefers; -1 for a device that has none.</summary>
    public int Node { get; internal set; }

    /// <summary>/proc/irq/N is there: from the first request on, and for legacy lines since boot (kernel/irq/proc.c register_irq_proc).</summary>
    public bool IsInProc { get; internal set; }

    // ---- affinity --------------------------------------------------------------------------------------------------------------

    /// <summary>What was asked for; with a move pending, what is asked for next.</summary>
    public CpuMask Affinity
    {
        get => PendingAffinity ?? OwnAffinity;
        set
        {
            OwnAffinity = value;
            IsAffinitySet = true;
        }
    }

    /// <summary>irq_common_data.affinity: the last mask that came into force.</summary>
    internal CpuMask OwnAffinity { get; set; }

    /// <summary>The one processor the line is delivered to.</summary>
    public CpuMask Effective { get; internal set; }

    /// <summary>irq_set_affinity_hint: what the driver would like, for a balancer to read.</summary>
    public CpuMask AffinityHint { get; internal set; }

    internal CpuMask? PendingAffinity { get; set; }

    /// <summary>IRQD_AFFINITY_SET: someone chose the mask; it is kept over a free and a new request.</summary>
    internal bool IsAffinitySet { get; set; }

    /// <summary>IRQD_AFFINITY_MANAGED: the kernel spread the mask and nobody else may change it.</summary>
    public bool IsManaged { get; internal init; }

    /// <summary>IRQD_MANAGED_SHUTDOWN: every processor of the managed mask is offline.</summary>
    public bool IsManagedShutdown { get; internal set; }

    internal bool IsNoBalancing { get; set; }
    internal bool IsPerCpu { get; set; }

    // ---- the vector (struct apic_chip_data) ------------------------------------------------------------------------------------

    public int Vector { get; internal set; }
    public int Cpu { get; internal set; } = -1;
    internal int PreviousVector { get; set; }
    internal int PreviousCpu { get; set; } = -1;
    internal bool MoveInProgress { get; set; }
    internal bool CleanupPending { get; set; }
    internal bool HasReserved { get; set; }

    /// <summary>irq_set_parent: the line in whose thread this one is handled.</summary>
    public int? ParentIrq { get; set; }

    /// <summary>What a chained line does instead of running actions.</summary>
    internal Action<IrqDesc, Cpu>? ChainedHandler { get; set; }

    // ---- state -----------------------------------------------------------------------------------------------------------------

    /// <summary>Depth of disable; 1 until the first handler is registered.</summary>
    public int Depth { get; internal set; } = 1;
    public int WakeDepth { get; internal set; }

    /// <summary>IRQD_WAKEUP_ARMED: the machine sleeps, and the next interrupt of the line wakes it.</summary>
    internal bool IsWakeupArmed { get; set; }

    internal bool IsDisabled => Depth > 0;
    internal bool IsMasked { get; set; } = true;
    internal bool IsStarted { get; set; }
    internal bool IsActivated { get; set; }
    internal IrqState State { get; set; }
    internal bool IsPending => (State & IrqState.Pending) != 0;
    internal bool IsOneShot => (State & IrqState.OneShot) != 0;
    internal bool IsSpuriousDisabled => (State & IrqState.SpuriousDisabled) != 0;

    /// <summary>IRQD_IRQ_INPROGRESS on the processor that is in the handlers now.</summary>
    internal bool InProgress { get; set; }

    /// <summary>
    /// Handlers run in one go, ahead of the clock: until this moment of local time another processor still finds them in progress.
    /// </summary>
    internal long InProgressUntilPs { get; set; }
    internal int InProgressCpu { get; set; } = -1;

    /// <summary>The processors on which a per-CPU line with device ids is enabled.</summary>
    internal bool[]? EnabledOn { get; set; }

    // ---- threads ---------------------------------------------------------------------------------------------------------------

    internal ulong ThreadsOneShot { get; set; }

    /// <summary>Handler threads woken and not yet through; synchronize_irq waits for none.</summary>
    public int ThreadsActive { get; internal set; }

    /// <summary>Who waits in synchronize_irq.</summary>
    internal List<Action> ThreadWaiters { get; } = [];

    // ---- note_interrupt --------------------------------------------------------------------------------------------------------

    public uint IrqCount { get; internal set; }
    public uint Unhandled { get; internal set; }
    public long LastUnhandledJiffies { get; internal set; }
    internal uint ThreadsHandled { get; set; }
    internal uint ThreadsHandledLast { get; set; }

    /// <summary>Handlers run outside the effective mask; a checker wants this to stay zero.</summary>
    public long StrayDeliveries { get; internal set; }

    // ---- counts ----------------------------------------------------------------------------------------------------------------

    public uint CountOn(int cpu) => _counts[cpu];

    public ulong Total
    {
        get
        {
            ulong sum = 0;
            foreach (uint count in _counts) sum += count;
            return sum;
        }
    }

    internal void Count(Cpu cpu) => _counts[cpu.Id]++;

    public override string ToString() => $"irq {Irq} {Chip.Name} {Hwirq}-{FlowName} {string.Join(", ", Actions.Select(a => a.Name))}";
}
