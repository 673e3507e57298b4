using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>The lines of the machine and what may be done to them: request, free, enable, disable, move (kernel/irq/manage.c).</summary>
public sealed class IrqManager
{
    /// <summary>First number for message-signalled interrupts: after the 24 pins of the I/O APIC (gsi_top).</summary>
    public const int FirstDynamic = 24;

    private readonly Kernel _kernel;
    private readonly SortedDictionary<int, IrqDesc> _descs = [];
    private readonly FlowHandlers _flow;

    internal IrqManager(Kernel kernel)
    {
        _kernel = kernel;
        _flow = new FlowHandlers(kernel);
        DefaultAffinity = CpuMask.FirstCpus(kernel.CpuCount);
    }

    /// <summary>/proc/irq/default_smp_affinity.</summary>
    public CpuMask DefaultAffinity { get; private set; }

    /// <summary>All descriptors, by number.</summary>
    public IReadOnlyCollection<IrqDesc> All => _descs.Values;

    public IrqDesc? Find(int irq) => _descs.GetValueOrDefault(irq);

    /// <summary>nr_irqs (arch/x86/kernel/apic/vector.c, arch_probe_nr_irqs): sizes the first column of /proc/interrupts and the intr line of /proc/stat.</summary>
    public int NrIrqs => Math.Max(24 + 8 * _kernel.CpuCount + 16 * 24, _descs.Count == 0 ? 0 : _descs.Keys.Max() + 1);

    /// <summary>A wire on an I/O APIC pin; its number is the pin's, unless the firmware's tables gave it another.</summary>
    public IrqDesc AddPin(IrqChip chip, int pin, bool isLevel, int? number = null) =>
        Add(new IrqDesc(number ?? pin, chip, pin, isLevel ? FlowKind.FastEoi : FlowKind.Edge, isLevel, _kernel.CpuCount));

    /// <summary>A message-signalled interrupt; it gets the lowest free number.</summary>
    public IrqDesc AddMessage(IrqChip chip, int entry, int? number = null)
    {
        int irq = number ?? FirstDynamic;
        while (_descs.ContainsKey(irq)) irq++;
        return Add(new IrqDesc(irq, chip, entry, FlowKind.Edge, isLevel: false, _kernel.CpuCount));
    }

    public void Remove(IrqDesc desc) => _descs.Remove(desc.Irq);

    private IrqDesc Add(IrqDesc desc)
    {
        desc.Affinity = desc.Effective = DefaultAffinity;
        _descs.Add(desc.Irq, desc);
        return desc;
    }

    internal void HandleVector(IrqDesc desc, Cpu cpu) => _flow.Handle(desc, cpu);

    // ---- request and free ------------------------------------------------------------------------------------------------------

    /// <summary>request_irq. Returns 0 or a negative error number, as the kernel does.</summary>
    public int RequestIrq(int irq, IrqHandler handler, IrqFlags flags, string name, object? devId) =>
        RequestThreadedIrq(irq, handler, null, flags | IrqFlags.CondOneShot, name, devId);

    /// <summary>request_threaded_irq: a primary handler in hard interrupt context and a function in a thread of its own.</summary>
    public int RequestThreadedIrq(int irq, IrqHandler? handler, IrqHandler? threadFunction, IrqFlags flags, string name, object? devId)
    {
        bool shared = (flags & IrqFlags.Shared) != 0;
        if (shared && (devId is null || (flags & IrqFlags.NoAutoEn) != 0)) return -(int)Errno.EINVAL;
        if (!shared && (flags & IrqFlags.CondSuspend) != 0) return -(int)Errno.EINVAL;
        if ((flags & IrqFlags.NoSuspend) != 0 && (flags & IrqFlags.CondSuspend) != 0) return -(int)Errno.EINVAL;
        if (!_descs.TryGetValue(irq, out IrqDesc? desc)) return -(int)Errno.EINVAL;
        bool defaultPrimary = handler is null;
        if (defaultPrimary && threadFunction is null) return -(int)Errno.EINVAL;
        var action = new IrqAction
        {
            Handler = handler ?? DefaultPrimary,
            ThreadFunction = threadFunction,
            Flags = flags,
            Name = name,
            DevId = devId,
        };
        return Setup(desc, action, defaultPrimary);
    }

    /// <summary>irq_default_primary_handler: nothing to do here, let the thread run.</summary>
    private static IrqReturn DefaultPrimary(int irq, object? devId) => IrqReturn.WakeThread;

    private int Setup(IrqDesc desc, IrqAction action, bool defaultPrimary)
    {
        long nowPs = _kernel.Events.NowPs;
        if (desc.Chip.IsOneShotSafe) action.Flags &= ~IrqFlags.OneShot;
        if (desc.Actions.Count > 0)
        {
            IrqAction old = desc.Actions[0];
            if ((old.Flags & IrqFlags.OneShot) != 0 && (action.Flags & IrqFlags.CondOneShot) != 0) action.Flags |= IrqFlags.OneShot;
            const IrqFlags mustAgree = IrqFlags.OneShot | IrqFlags.PerCpu;
            bool bothShared = (old.Flags & action.Flags & IrqFlags.Shared) != 0;
            bool sameTrigger = (action.Flags & IrqFlags.TriggerMask) == 0 || (action.Flags & IrqFlags.TriggerMask) == (old.Flags & IrqFlags.TriggerMask);
            if (!bothShared || !sameTrigger || ((old.Flags ^ action.Flags) & mustAgree) != 0)
            {
                if ((action.Flags & IrqFlags.ProbeShared) == 0)
                {
                    _kernel.Log(nowPs, $"genirq: Flags mismatch irq {desc.Irq}. {(uint)action.Flags:x8} ({action.Name}) vs. {(uint)old.Flags:x8} ({old.Name})");
                }
                return -(int)Errno.EBUSY;
            }
        }
        if ((action.Flags & IrqFlags.OneShot) != 0)
        {
            ulong used = 0;
            foreach (IrqAction other in desc.Actions) used |= other.ThreadMask;
            if (used == ulong.MaxValue) return -(int)Errno.EBUSY;
            action.ThreadMask = ~used & (used + 1);
        }
        else if (defaultPrimary && !desc.Chip.IsOneShotSafe)
        {
            _kernel.Log(nowPs, $"genirq: Threaded irq requested with handler=NULL and !ONESHOT for {action.Name} (irq {desc.Irq})");
            return -(int)Errno.EINVAL;
        }
        if (desc.Actions.Count == 0)
        {
            Errno error = _kernel.Vectors.Activate(desc, nowPs);
            if (error != Errno.None) return -(int)error;
            desc.IsOneShot = (action.Flags & IrqFlags.OneShot) != 0;
        }
        desc.Actions.Add(action);
        desc.IrqCount = desc.Unhandled = 0;
        if (action.ThreadFunction is not null)
        {
            action.Thread = new IrqThread(_kernel, desc, action, desc.Effective);
            _kernel.AddTask(action.Thread, _kernel.Cpus[desc.Cpu]);
        }
        if (desc.IsSpuriousDisabled)
        {
            desc.IsSpuriousDisabled = false;
            Enable(desc, nowPs);
        }
        else if (desc.Actions.Count == 1 && (action.Flags & IrqFlags.NoAutoEn) == 0) Enable(desc, nowPs);
        return 0;
    }

    /// <summary>free_irq. False, with the kernel's warning, when no action carries this <paramref name="devId"/>.</summary>
    public bool FreeIrq(int irq, object? devId)
    {
        long nowPs = _kernel.Events.NowPs;
        IrqAction? action = _descs.TryGetValue(irq, out IrqDesc? desc) ? desc.Actions.Find(a => ReferenceEquals(a.DevId, devId)) : null;
        if (desc is null || action is null)
        {
            _kernel.Log(nowPs, $"Trying to free already-free IRQ {irq}");
            return false;
        }
        desc.Actions.Remove(action);
        if (desc.Actions.Count > 0) return true;
        desc.Depth = 1;
        desc.IsMasked = true;
        desc.Chip.Mask(desc, nowPs);
        desc.IsStarted = false;
        desc.PendingAffinity = null;
        _kernel.Vectors.Deactivate(desc);
        return true;
    }

    // ---- enable and disable ----------------------------------------------------------------------------------------------------

    /// <summary>enable_irq: the last of nested disables opens the line again.</summary>
    public void EnableIrq(int irq)
    {
        IrqDesc desc = _descs[irq];
        if (desc.Depth == 0) _kernel.Log(_kernel.Events.NowPs, $"Unbalanced enable for IRQ {irq}");
        else Enable(desc, _kernel.Events.NowPs);
    }

    /// <summary>disable_irq_nosync: lazy, the line itself is masked when the next interrupt arrives.</summary>
    public void DisableIrq(int irq) => _descs[irq].Depth++;

    private void Enable(IrqDesc desc, long nowPs)
    {
        if (--desc.Depth > 0) return;
        desc.IsStarted = true;
        desc.IsMasked = false;
        desc.Chip.Unmask(desc, nowPs);
        if (!desc.IsPending || desc.IsLevel) return;
        desc.IsPending = false; // check_irq_resend: an edge that came while the line was disabled is sent again
        _kernel.Cpus[desc.Cpu].Apic.SendFixed((byte)desc.Vector, _kernel.Cpus[desc.Cpu].Apic.Id, nowPs);
    }

    // ---- affinity --------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// irq_set_affinity. Without interrupt remapping neither an I/O APIC pin nor an MSI may be moved from process context: the mask is noted, and the line's own
    /// next interrupt, still on the old processor, makes the move.
    /// </summary>
    public Errno SetAffinity(IrqDesc desc, CpuMask mask)
    {
        if (!mask.Intersects(_kernel.OnlineMask)) return Errno.EINVAL;
        desc.Affinity = mask;
        desc.PendingAffinity = desc.IsStarted ? mask : null;
        return Errno.None;
    }

    public Errno SetDefaultAffinity(CpuMask mask)
    {
        if (!mask.Intersects(_kernel.OnlineMask)) return Errno.EINVAL;
        DefaultAffinity = mask;
        return Errno.None;
    }

    /// <summary>irq_move_irq, from the line's own acknowledgement.</summary>
    internal void MovePending(IrqDesc desc, long nowPs)
    {
        if (desc.PendingAffinity is not { } mask || desc.IsDisabled) return;
        Errno error = _kernel.Vectors.Assign(desc, mask.And(_kernel.OnlineMask), nowPs);
        if (error == Errno.EBUSY) return; // the last move is not cleaned up: the next interrupt tries again
        desc.PendingAffinity = null;
    }

    // ---- threads ---------------------------------------------------------------------------------------------------------------

    internal void WakeThread(IrqDesc desc, IrqAction action, Cpu cpu)
    {
        if (action.Thread is null)
        {
            _kernel.LogOnce(cpu.LocalPs, $"IRQ {desc.Irq} device {action.Name} returned IRQ_WAKE_THREAD but no thread function available.");
            return;
        }
        if (!action.Thread.TryRequest()) return;
        desc.ThreadsOneShot |= action.ThreadMask;
        action.Thread.Allowed = desc.Effective;
        cpu.Spend(cpu.Id == action.Thread.Cpu.Id ? _kernel.Costs.WakeLocal : _kernel.Costs.WakeRemote);
        _kernel.Wake(action.Thread, cpu, cpu.LocalPs);
    }

    /// <summary>irq_finalize_oneshot: the line opens when the last of its threads is through.</summary>
    internal void FinalizeOneShot(IrqDesc desc, IrqAction action, bool requestedAgain, Cpu cpu, long nowPs)
    {
        if (action.ThreadMask == 0 || requestedAgain) return;
        desc.ThreadsOneShot &= ~action.ThreadMask;
        if (desc.ThreadsOneShot != 0 || desc.IsDisabled || !desc.IsMasked) return;
        desc.IsMasked = false;
        desc.Chip.Unmask(desc, nowPs);
    }
}
