using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>request_irq and its kin: argument checks, flag rules, messages and error numbers (kernel/irq/manage.c).</summary>
public sealed partial class IrqManager
{
    /// <summary>request_irq. Returns 0 or a negative error number, as the kernel does.</summary>
    public int RequestIrq(int irq, IrqHandler handler, IrqFlags flags, string name, object? devId) =>
        RequestThreadedIrq(irq, handler, null, null, flags | IrqFlags.CondOneShot, name, devId);

    /// <summary>
    /// request_threaded_irq: a primary handler in hard interrupt context and a function in a thread of its own. Without a primary handler the thread
    /// is woken for every interrupt. Returns 0 or a negative error number: EINVAL for arguments that make no sense and lines that cannot be
    /// requested, EBUSY for sharers that do not agree, ENOSPC without a vector, ENOSYS without a chip, ENOTCONN for a pin wired to nothing.
    /// </summary>
    public int RequestThreadedIrq(int irq, IrqHandler? handler, IrqHandler? threadFunction, IrqFlags flags, string name, object? devId) =>
        RequestThreadedIrq(irq, handler, threadFunction, null, flags, name, devId);

    /// <summary>request_threaded_irq with a thread function that sleeps.</summary>
    public int RequestThreadedIrqSleeping(int irq, IrqHandler? handler, SleepingIrqThread threadFunction, IrqFlags flags, string name, object? devId) =>
        RequestThreadedIrq(irq, handler, null, threadFunction, flags, name, devId);

    private int RequestThreadedIrq(int irq, IrqHandler? handler, IrqHandler? threadFunction, SleepingIrqThread? sleeping, IrqFlags flags, string name, object? devId)
    {
        if (irq == NotConnected) return -(int)Errno.ENOTCONN;
        bool shared = (flags & IrqFlags.Shared) != 0;
        if (shared && (devId is null || (flags & IrqFlags.NoAutoEn) != 0)) return -(int)Errno.EINVAL;
        if (!shared && (flags & IrqFlags.CondSuspend) != 0) return -(int)Errno.EINVAL;
        if ((flags & IrqFlags.NoSuspend) != 0 && (flags & IrqFlags.CondSuspend) != 0) return -(int)Errno.EINVAL;
        if (Find(irq) is not { } desc) return -(int)Errno.EINVAL;
        if ((desc.Settings & (IrqSettings.NoRequest | IrqSettings.PerCpuDevid)) != 0) return -(int)Errno.EINVAL;
        if (handler is null && threadFunction is null && sleeping is null) return -(int)Errno.EINVAL;
        var action = new IrqAction
        {
            Handler = handler ?? DefaultPrimary,
            ThreadFunction = threadFunction,
            SleepingThread = sleeping,
            Flags = flags,
            Name = name,
            DevId = devId,
        };
        return -(int)Setup(desc, action);
    }

    /// <summary>request_any_context_irq: 1 (IRQC_IS_NESTED) when the handler will run in the thread of another line, 0 (IRQC_IS_HARDIRQ) when not, or an error.</summary>
    public int RequestAnyContextIrq(int irq, IrqHandler handler, IrqFlags flags, string name, object? devId)
    {
        if (irq == NotConnected) return -(int)Errno.ENOTCONN;
        if (Find(irq) is not { } desc) return -(int)Errno.EINVAL;
        if ((desc.Settings & IrqSettings.NestedThread) == 0) return RequestIrq(irq, handler, flags, name, devId);
        int error = RequestThreadedIrq(irq, null, handler, flags, name, devId);
        return error == 0 ? 1 : error;
    }

    /// <summary>request_nmi: a line delivered as NMI. Only chips that support it, never shared, and enabled by hand.</summary>
    public int RequestNmi(int irq, IrqHandler? handler, IrqFlags flags, string name, object? devId)
    {
        if (irq == NotConnected) return -(int)Errno.ENOTCONN;
        if ((flags & (IrqFlags.Shared | IrqFlags.CondSuspend | IrqFlags.IrqPoll)) != 0 || (flags & IrqFlags.PerCpu) == 0) return -(int)Errno.EINVAL;
        if (handler is null || Find(irq) is not { } desc) return -(int)Errno.EINVAL;
        if ((desc.Settings & IrqSettings.NoAutoEn) == 0 && (flags & IrqFlags.NoAutoEn) == 0) return -(int)Errno.EINVAL;
        if ((desc.Settings & (IrqSettings.NoRequest | IrqSettings.PerCpuDevid)) != 0) return -(int)Errno.EINVAL;
        if ((desc.Chip.Flags & IrqChipFlags.SupportsNmi) == 0) return -(int)Errno.EINVAL;
        var action = new IrqAction { Handler = handler, Flags = flags | IrqFlags.NoThread | IrqFlags.NoBalancing, Name = name, DevId = devId };
        Errno error = Setup(desc, action);
        if (error == Errno.None) desc.State |= IrqState.Nmi;
        return -(int)error;
    }

    /// <summary>
    /// free_nmi. False for a line that is no NMI; one that is still enabled is disabled on the way (the kernel warns of both).
    /// </summary>
    public bool FreeNmi(int irq)
    {
        if (Find(irq) is not { } desc || (desc.State & IrqState.Nmi) == 0) return false;
        if (desc.Depth == 0) Disable(desc);
        desc.Actions.Clear();
        desc.ChainChanged();
        Shutdown(desc);
        Deactivate(desc);
        desc.State &= ~IrqState.Nmi;
        return true;
    }

    /// <summary>irq_default_primary_handler: nothing to do here, let the thread run.</summary>
    private static IrqReturn DefaultPrimary(int irq, object? devId) => IrqReturn.WakeThread;

    /// <summary>irq_nested_primary_handler: a nested line has no hard interrupt of its own.</summary>
    private IrqReturn NestedPrimary(int irq, object? devId)
    {
        _kernel.Log(NowPs, $"Primary handler called for nested irq {irq}");
        return IrqReturn.None;
    }

    /// <summary>irq_forced_secondary_handler: there is nothing to interrupt.</summary>
    private IrqReturn SecondaryPrimary(int irq, object? devId)
    {
        _kernel.Log(NowPs, $"Secondary action handler called for irq {irq}");
        return IrqReturn.None;
    }

    private static bool IsDefaultPrimary(IrqAction action) => action.Handler == DefaultPrimary;

    // ---- setup -----------------------------------------------------------------------------------------------------------------

    /// <summary>__setup_irq.</summary>
    private Errno Setup(IrqDesc desc, IrqAction action)
    {
        long nowPs = NowPs;
        if (desc.Chip == IrqChip.None) return Errno.ENOSYS;
        if ((action.Flags & IrqFlags.TriggerMask) == 0) action.Flags |= desc.TriggerType;
        bool nested = (desc.Settings & IrqSettings.NestedThread) != 0;
        if (nested)
        {
            if (action.ThreadFunction is null) return Errno.EINVAL;
            action.Handler = NestedPrimary;
        }
        else if ((desc.Settings & IrqSettings.NoThread) == 0) ForceThreading(action);
        if ((desc.Chip.Flags & IrqChipFlags.OneShotSafe) != 0) action.Flags &= ~IrqFlags.OneShot;

        if (desc.Actions.Count == 0)
        {
            Errno refused = desc.Chip.RequestResources(desc);
            if (refused != Errno.None)
            {
                _kernel.Log(nowPs, $"genirq: Failed to request resources for {action.Name} (irq {desc.Irq}) on irqchip {desc.Chip.Name}");
                return refused;
            }
        }
        else
        {
            Errno disagreed = Agree(desc, action, nowPs);
            if (disagreed != Errno.None) return disagreed;
        }

        if ((action.Flags & IrqFlags.OneShot) != 0)
        {
            ulong used = 0;
            foreach (IrqAction other in desc.Actions) used |= other.ThreadMask;
            if (used == ulong.MaxValue) return Errno.EBUSY;
            action.ThreadMask = ~used & (used + 1);
        }
        else if (IsDefaultPrimary(action) && (desc.Chip.Flags & IrqChipFlags.OneShotSafe) == 0)
        {
            _kernel.Log(nowPs, $"genirq: Threaded irq requested with handler=NULL and !ONESHOT for {action.Name} (irq {desc.Irq})");
            return Errno.EINVAL;
        }

        bool first = desc.Actions.Count == 0;
        if (first)
        {
            Errno error = SetupFirst(desc, action, nowPs);
            if (error != Errno.None) return error;
        }
        else if ((action.Flags & IrqFlags.TriggerMask) is var wanted && wanted != 0 && wanted != desc.TriggerType)
        {
            _kernel.Log(nowPs, $"genirq: irq {desc.Irq} uses trigger mode {(uint)desc.TriggerType}; requested {(uint)wanted}");
        }
        desc.Actions.Add(action);
        desc.ChainChanged();
        desc.IsInProc = true;
        desc.IrqCount = desc.Unhandled = 0;
        if (!nested) CreateThreads(desc, action);
        if (!first && desc.IsSpuriousDisabled)
        {
            desc.State &= ~IrqState.SpuriousDisabled;
            Enable(desc);
        }
        else if (first && (action.Flags & IrqFlags.NoAutoEn) == 0 && (desc.Settings & IrqSettings.NoAutoEn) == 0) Startup(desc, resend: true);
        return Errno.None;
    }

    /// <summary>What a further action of a line must have in common with the first; an NMI is shared by nobody.</summary>
    private Errno Agree(IrqDesc desc, IrqAction action, long nowPs)
    {
        if ((desc.State & IrqState.Nmi) != 0)
        {
            _kernel.Log(nowPs, $"genirq: Invalid attempt to share NMI for {action.Name} (irq {desc.Irq}) on irqchip {desc.Chip.Name}.");
            return Errno.EINVAL;
        }
        IrqAction old = desc.Actions[0];
        if (!desc.IsTriggerTypeSet)
        {
            // Nobody has configured a type: what the newcomer thinks becomes the line's.
            desc.TriggerType = action.Flags & IrqFlags.TriggerMask;
            desc.IsTriggerTypeSet = true;
        }
        bool bothShared = (old.Flags & action.Flags & IrqFlags.Shared) != 0;
        bool agree = bothShared && desc.TriggerType == (action.Flags & IrqFlags.TriggerMask);
        if (agree && (old.Flags & IrqFlags.OneShot) != 0 && (action.Flags & IrqFlags.CondOneShot) != 0) action.Flags |= IrqFlags.OneShot;
        if (agree && ((old.Flags ^ action.Flags) & (IrqFlags.OneShot | IrqFlags.PerCpu)) == 0) return Errno.None;
        if ((action.Flags & IrqFlags.ProbeShared) == 0)
            _kernel.Log(nowPs, $"genirq: Flags mismatch irq {desc.Irq}. {(uint)action.Flags:x8} ({action.Name}) vs. {(uint)old.Flags:x8} ({old.Name})");
        return Errno.EBUSY;
    }

    /// <summary>The first action brings the line up: trigger, vector, settings.</summary>
    private Errno SetupFirst(IrqDesc desc, IrqAction action, long nowPs)
    {
        if ((action.Flags & IrqFlags.TriggerMask) is var type && type != 0)
        {
            Errno refused = SetTrigger(desc, type);
            if (refused != Errno.None) return refused;
        }
        Errno error = Activate(desc, nowPs);
        if (error != Errno.None) return error;
        desc.State &= ~(IrqState.SpuriousDisabled | IrqState.OneShot | IrqState.Waiting);
        desc.InProgress = false;
        if ((action.Flags & IrqFlags.PerCpu) != 0)
        {
            desc.IsPerCpu = true;
            desc.Settings |= IrqSettings.PerCpu;
            if ((action.Flags & IrqFlags.NoDebug) != 0) desc.Settings |= IrqSettings.NoDebug;
        }
        if ((action.Flags & IrqFlags.OneShot) != 0) desc.State |= IrqState.OneShot;
        if ((action.Flags & IrqFlags.NoBalancing) != 0)
        {
            desc.Settings |= IrqSettings.NoBalancing;
            desc.IsNoBalancing = true;
        }
        desc.Depth = 1;
        return Errno.None;
    }

    /// <summary>irq_activate: a managed line waits for its start-up, since its processors may all be offline.</summary>
    private Errno Activate(IrqDesc desc, long nowPs)
    {
        if (desc.IsManaged || desc.IsActivated) return Errno.None;
        Errno error = _kernel.Vectors.Activate(desc, nowPs);
        desc.IsActivated = error == Errno.None;
        return error;
    }

    // ---- free ------------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// free_irq. False, with the kernel's warning, when no action carries this <paramref name="devId"/>. The caller does not go on before handlers and threads of the line
    /// are through: <paramref name="whenFreed"/> runs then, at once if so, and only then are thread and vector given back.
    /// </summary>
    public bool FreeIrq(int irq, object? devId, Action? whenFreed = null)
    {
        if (Find(irq) is not { } desc || (desc.Settings & IrqSettings.PerCpuDevid) != 0) return Missing(irq);
        if (_kernel.CurrentCpu is { InInterrupt: true }) _kernel.Log(NowPs, $"Trying to free IRQ {irq} from IRQ context!");
        IrqAction? action = desc.Actions.Find(a => ReferenceEquals(a.DevId, devId));
        if (action is null) return Missing(irq);
        desc.Actions.Remove(action);
        desc.ChainChanged();
        if (desc.Actions.Count == 0) Shutdown(desc);
        SynchronizeIrq(irq, () =>
        {
            StopThreads(desc, action);
            // A move that was pending stays so, for the next request.
            if (desc.Actions.Count == 0 && Find(irq) == desc) Deactivate(desc);
            whenFreed?.Invoke();
        });
        return true;
    }

    private bool Missing(int irq)
    {
        _kernel.Log(NowPs, $"Trying to free already-free IRQ {irq}");
        return false;
    }

    private void Deactivate(IrqDesc desc)
    {
        if (!desc.IsActivated) return;
        desc.IsActivated = false;
        _kernel.Vectors.Deactivate(desc);
    }
}
