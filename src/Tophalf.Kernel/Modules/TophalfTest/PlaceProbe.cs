using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Rcu;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>Runs code of each kind and tells where it runs: its context, what is off there, and in whose name.</summary>
internal sealed class PlaceProbe(Kernel kernel, TestLog log)
{
    private const int SettleMs = 20;
    private const long ComesWithinPs = 10 * SimTime.Microsecond;
    private const long TimerPs = 3 * SimTime.Millisecond;

    private readonly KernelSpinLock _lock = new(kernel);
    private readonly RawSpinLock _rawLock = new(kernel);

    public void Note(string kind)
    {
        Cpu cpu = kernel.CurrentCpu!;
        KernelTask? current = cpu.Runqueue.Current;
        log.Note($"{kind}: {log.Context}, irqs {(cpu.IrqsDisabled ? "off" : "on")}, bh {(cpu.InSoftirq ? "off" : "on")}, preempt 0x{cpu.VisiblePreemptCount:x}, "
            + $"{cpu.CurrentComm} policy {PolicyOf(current)} priority {current?.RtPriority ?? 0}");
    }

    public static int PolicyOf(KernelTask? task) => task?.Policy == SchedulingPolicy.Fifo ? 1 : 0;

    public IEnumerable<Sleep> Run(string[] kinds)
    {
        foreach (string kind in kinds)
        {
            if (TryStart(kind))
            {
                // The interrupt that an irq_work sends itself comes now, not in the sleep.
                if (kind.StartsWith("irqwork", StringComparison.Ordinal)) kernel.Spend(ComesWithinPs);
                yield return Sleep.Msleep(SettleMs);
                continue;
            }
            switch (kind)
            {
                case "rcu":
                    kernel.Rcu.Call(new RcuHead(() => Note(kind)));
                    yield return kernel.Rcu.Barrier();
                    break;
                case "sync":
                    yield return kernel.Rcu.Synchronize();
                    Note(kind);
                    break;
                case "bh":
                    kernel.CurrentCpu!.LocalBhDisable();
                    Note(kind);
                    kernel.CurrentCpu.LocalBhEnable();
                    break;
                case "spin":
                    foreach (Sleep sleep in _lock.Lock()) yield return sleep;
                    Note(kind);
                    _lock.Unlock();
                    break;
                case "raw":
                    _rawLock.Lock();
                    Note(kind);
                    _rawLock.Unlock();
                    break;
                default:
                    Note(kind);
                    break;
            }
        }
    }

    /// <summary>Sees to it that code of this kind runs soon; false for what runs at once.</summary>
    private bool TryStart(string kind)
    {
        switch (kind)
        {
            case "tasklet": kernel.Tasklets.Schedule(new Tasklet(_ => Note(kind))); break;
            case "hi": kernel.Tasklets.HiSchedule(new Tasklet(_ => Note(kind))); break;
            case "work": kernel.Workqueues.Schedule(new WorkStruct(_ => Note(kind))); break;
            case "highpri": kernel.Workqueues.Queue(kernel.Workqueues.HighPri, new WorkStruct(_ => Note(kind))); break;
            case "timer": kernel.Timers.ModTimer(new TimerList(_ => Note(kind)), kernel.JiffiesNow + 1); break;
            case "hrtimer": StartHrTimer(kind, HrTimerMode.Normal); break;
            case "hrtimer_soft": StartHrTimer(kind, HrTimerMode.Soft); break;
            case "hrtimer_hard": StartHrTimer(kind, HrTimerMode.Hard); break;
            case "irqwork": kernel.IrqWorks.Queue(new IrqWork(_ => Note(kind))); break;
            case "irqwork_hard": kernel.IrqWorks.Queue(new IrqWork(_ => Note(kind), IrqWorkKind.HardIrq)); break;
            case "irqwork_lazy": kernel.IrqWorks.Queue(new IrqWork(_ => Note(kind), IrqWorkKind.Lazy)); break;
            default: return false;
        }
        return true;
    }

    private void StartHrTimer(string kind, HrTimerMode mode) =>
        kernel.CurrentCpu!.Tick.Start(new HrTimer(_ => Note(kind), mode), kernel.LocalNowPs + TimerPs, kernel.LocalNowPs);
}
