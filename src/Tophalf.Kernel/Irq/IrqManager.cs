using Tophalf.Hardware.Controllers;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// The lines of the machine and what may be done to them (kernel/irq/manage.c, chip.c, irqdesc.c). This part holds the table of descriptors;
/// requests, enabling, affinity and hotplug are parts of their own.
/// </summary>
public sealed partial class IrqManager
{
    /// <summary>First number for message-signalled interrupts: after the 24 pins of the I/O APIC (gsi_top).</summary>
    public const int FirstDynamic = 24;

    /// <summary>IRQ_NOTCONNECTED: what firmware says of a pin that is wired to nothing.</summary>
    public const int NotConnected = int.MinValue;

    /// <summary>NUMA_NO_NODE.</summary>
    private const int NoNode = -1;

    /// <summary>NR_IRQS_LEGACY: the lines of an 8259 pair.</summary>
    private const int LegacyLines = Pic8259Pair.Lines;

    private readonly Kernel _kernel;
    private readonly SortedDictionary<int, IrqDesc> _descs = [];
    private readonly FlowHandlers _flow;

    internal IrqManager(Kernel kernel)
    {
        _kernel = kernel;
        _flow = new FlowHandlers(kernel);
        _resendTasklet = new Tasklet(_ => ResendAll());
        CpuMask possible = CpuMask.FirstCpus(kernel.CpuCount);
        Parameters = IrqBootParameters.Parse(kernel.Options.Parameters, possible, kernel.Preemption == PreemptionModel.Rt);
        DefaultAffinity = Parameters.DefaultAffinity ?? possible;
        foreach (string message in Parameters.Messages) kernel.Log(0, message);
    }

    /// <summary>What the command line said.</summary>
    public IrqBootParameters Parameters { get; }

    /// <summary>/proc/irq/default_smp_affinity.</summary>
    public CpuMask DefaultAffinity { get; private set; }

    /// <summary>irq_mis_count, the MIS row: level interrupts that arrived as edges and were ended at their pin by hand.</summary>
    public ulong MisCount { get; internal set; }

    /// <summary>All descriptors, by number.</summary>
    public IReadOnlyCollection<IrqDesc> All => _descs.Values;

    public IrqDesc? Find(int irq) => _descs.GetValueOrDefault(irq);

    /// <summary>nr_irqs (arch/x86/kernel/apic/vector.c, arch_probe_nr_irqs): sizes the first column of /proc/interrupts and the intr line of /proc/stat.</summary>
    public int NrIrqs => Math.Max(24 + (_kernel.Options.HasLegacyPic ? 16 : 0) + 8 * _kernel.CpuCount + 16 * 24, _descs.Count == 0 ? 0 : _descs.Keys.Max() + 1);

    /// <summary>The local time of the code that is running, or the machine's.</summary>
    internal long NowPs => _kernel.CurrentCpu?.LocalPs ?? _kernel.Events.NowPs;

    // ---- lines come and go -----------------------------------------------------------------------------------------------------

    /// <summary>A wire on an I/O APIC pin; its number is the pin's, unless the firmware's tables gave it another.</summary>
    public IrqDesc AddPin(IrqChip chip, int pin, bool isLevel, int? number = null, FlowKind? flow = null) =>
        Add(new IrqDesc(number ?? pin, chip, pin, flow ?? (isLevel ? FlowKind.FastEoi : FlowKind.Edge), isLevel, _kernel.CpuCount)
        {
            Node = (number ?? pin) < LegacyLines ? 0 : DeviceNode,
            HasDomain = chip is not LegacyPic,
        });

    /// <summary>A message-signalled interrupt; it gets the lowest free number.</summary>
    public IrqDesc AddMessage(IrqChip chip, int entry, int? number = null) =>
        Add(new IrqDesc(FreeNumber(number), chip, entry, FlowKind.Edge, isLevel: false, _kernel.CpuCount) { Node = DeviceNode });

    /// <summary>A line without a vector: one that software raises, that hangs on another, or that every processor has for itself.</summary>
    /// <param name="chip">What masks it; <see cref="IrqChip.Dummy"/> for nothing.</param>
    /// <param name="flow">How it is handled.</param>
    /// <param name="isLevel">Level- or edge-triggered.</param>
    /// <param name="settings">Further IRQ_* settings; those that belong to the flow are added.</param>
    /// <param name="number">Its number; null for the lowest free one.</param>
    public IrqDesc AddLine(IrqChip chip, FlowKind flow, bool isLevel = false, IrqSettings settings = IrqSettings.None, int? number = null)
    {
        IrqDesc desc = Add(new IrqDesc(FreeNumber(number), chip, 0, flow, isLevel, _kernel.CpuCount) { HasDomain = false });
        if (!chip.UsesVectors)
        {
            desc.Effective = CpuMask.Empty; // nobody programs a destination
            desc.Node = NoNode;
        }
        desc.Settings = settings | flow switch
        {
            FlowKind.Nested => IrqSettings.NestedThread,
            // irq_set_percpu_devid_flags
            FlowKind.PerCpuDevid => IrqSettings.NoAutoEn | IrqSettings.PerCpu | IrqSettings.NoThread | IrqSettings.NoProbe | IrqSettings.PerCpuDevid,
            FlowKind.PerCpu => IrqSettings.PerCpu,
            _ => IrqSettings.None,
        };
        if (flow == FlowKind.PerCpuDevid) desc.EnabledOn = new bool[_kernel.CpuCount];
        return desc;
    }

    /// <summary>
    /// pci_alloc_irq_vectors_affinity for a fixed number of vectors: those between the first and last few are spread over the processors and managed.
    /// ENOSPC, and no line, when a processor has no vector left to reserve.
    /// </summary>
    public Errno AddMessages(IrqChip chip, int count, IrqAffinity spread, out IReadOnlyList<IrqDesc> lines)
    {
        var added = new List<IrqDesc>();
        lines = added;
        IReadOnlyList<CpuMask> masks = spread.CreateMasks(count, DefaultAffinity, _kernel.Layout);
        for (int i = 0; i < count; i++)
        {
            bool managed = masks.Count > 0 && i >= spread.PreVectors && i < count - spread.PostVectors;
            var desc = new IrqDesc(FreeNumber(null), chip, i, FlowKind.Edge, isLevel: false, _kernel.CpuCount)
            {
                IsManaged = managed,
                // alloc_descs: with masks given, the node of the first processor of each.
                Node = masks.Count > 0 ? _kernel.Layout.NodeOf(masks[i].First) : DeviceNode,
            };
            desc.OwnAffinity = masks.Count > 0 ? masks[i] : DefaultAffinity;
            Errno error = _kernel.Vectors.Allocate(desc);
            if (error != Errno.None)
            {
                foreach (IrqDesc line in added) Remove(line);
                added.Clear();
                return error;
            }
            _descs.Add(desc.Irq, desc);
            added.Add(desc);
        }
        return Errno.None;
    }

    /// <summary>irq_free_descs; the last action has been freed before.</summary>
    public void Remove(IrqDesc desc)
    {
        if (!_descs.Remove(desc.Irq)) return;
        _kernel.Vectors.Free(desc);
        // Whoever reads /proc/interrupts may stand in the descriptor still (kernel/irq/irqdesc.c, delayed_free_desc).
        _kernel.Rcu.Call(new Rcu.RcuHead(() => { }));
    }

    /// <summary>
    /// NR_IRQS_LEGACY lines of a board with an 8259 pair, where the I/O APIC has taken over: each is there from boot on, whether a device uses it or not. The
    /// timer's comes by pin 2, since the cascade has none; the cascade stays the pair's (arch/x86/kernel/i8259.c, apic/io_apic.c).
    /// </summary>
    /// <param name="pins">The chip of the I/O APIC's pins.</param>
    /// <param name="isTaken">Lines that a device is wired to, which are set up with it.</param>
    public void AddLegacyLines(IrqChip pins, Func<int, bool> isTaken)
    {
        for (int irq = 0; irq < LegacyLines; irq++)
        {
            if (isTaken(irq)) continue;
            IrqDesc desc = irq == Pic8259Pair.CascadeLine ? AddLine(_kernel.Pic!, FlowKind.Level, isLevel: true, number: irq)
                : AddPin(pins, irq == 0 ? Pic8259Pair.CascadeLine : irq, isLevel: false, number: irq);
            desc.IsInProc = true;
            desc.Node = 0;
            if (irq == Pic8259Pair.CascadeLine) desc.Effective = CpuMask.Empty;
            else if (irq == 0) RequestTimer(desc);
        }
    }

    /// <summary>setup_default_timer_irq (arch/x86/kernel/time.c): asked for on every board. Once the local APIC timers run it interrupts only for processors whose timer has stopped.</summary>
    public void RequestTimer(IrqDesc desc)
    {
        _kernel.Vectors.AssignLegacy(desc, LegacyPic.FirstVector);
        _ = RequestIrq(desc.Irq, (_, _) => _kernel.Broadcast.Interrupt(), IrqFlags.NoBalancing | IrqFlags.IrqPoll | IrqFlags.Timer, "timer", null);
    }

    /// <summary>A PCI device is on the first node of a machine that has several, and on none of one that has no NUMA.</summary>
    private int DeviceNode => _kernel.Layout.Nodes.Count > 1 ? 0 : -1;

    private int FreeNumber(int? number)
    {
        int irq = number ?? FirstDynamic;
        while (_descs.ContainsKey(irq)) irq++;
        return irq;
    }

    private IrqDesc Add(IrqDesc desc)
    {
        desc.OwnAffinity = desc.Effective = DefaultAffinity;
        _descs.Add(desc.Irq, desc);
        _ = _kernel.Vectors.Allocate(desc); // a promise, which is always given
        return desc;
    }

    // ---- into the flow ---------------------------------------------------------------------------------------------------------

    internal void HandleVector(IrqDesc desc, Cpu cpu) => _flow.Handle(desc, cpu);

    /// <summary>handle_irq_event, for who polls a line.</summary>
    internal IrqReturn RunEvent(IrqDesc desc, Cpu cpu) => _flow.HandleEvent(desc, cpu);

    /// <summary>
    /// generic_handle_irq: runs a line's flow from the hard interrupt handler of another, as a demultiplexer does. EINVAL for an unknown line;
    /// EPERM outside hard interrupt context for a line with a vector, whose acknowledgement belongs there (handle_enforce_irqctx).
    /// </summary>
    public Errno GenericHandleIrq(int irq)
    {
        if (Find(irq) is not { } desc) return Errno.EINVAL;
        if (_kernel.CurrentCpu is not { } cpu || (!cpu.InHardirq && desc.Chip.UsesVectors)) return Errno.EPERM;
        _flow.Handle(desc, cpu);
        return Errno.None;
    }

    /// <summary>handle_nested_irq: from the thread of the line it hangs on.</summary>
    public Errno HandleNestedIrq(int irq)
    {
        if (Find(irq) is not { } desc) return Errno.EINVAL;
        _flow.HandleNested(desc, _kernel.CurrentCpu!);
        return Errno.None;
    }

    /// <summary>irq_set_chip_and_handler_name: what masks the line and how it is handled. The line is free.</summary>
    public static void SetChipAndHandler(IrqDesc desc, IrqChip chip, FlowKind flow)
    {
        desc.Chip = chip;
        desc.Flow = flow;
    }

    /// <summary>irq_modify_status: what the line is.</summary>
    public static void ModifyStatus(IrqDesc desc, IrqSettings clear, IrqSettings set) => desc.Settings = desc.Settings & ~clear | set;

    /// <summary>irq_set_chained_handler: the line has no actions and cannot be requested; its flow is the demultiplexer of a further controller.</summary>
    public void SetChainedHandler(IrqDesc desc, Action<IrqDesc, Cpu> demultiplexer)
    {
        desc.Settings |= IrqSettings.NoProbe | IrqSettings.NoRequest | IrqSettings.NoThread;
        desc.ChainedHandler = demultiplexer;
        desc.Flow = FlowKind.Chained;
        long nowPs = NowPs;
        if (Activate(desc, nowPs) == Errno.None) Startup(desc, resend: false);
    }
}
