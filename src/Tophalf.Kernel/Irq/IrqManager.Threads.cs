using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Irq;

/// <summary>Threaded handlers: forced threading, waking, ONESHOT, the end of a thread (kernel/irq/manage.c, handle.c).</summary>
public sealed partial class IrqManager
{
    /// <summary>
    /// irq_setup_forced_threading: with threadirqs the hard interrupt handler becomes a thread function, and a thread function there was
    /// gets a second thread. Exempt are NO_THREAD, PERCPU and ONESHOT requests, and those that have nothing but a thread.
    /// </summary>
    private void ForceThreading(IrqAction action)
    {
        if (!Parameters.ThreadIrqs || (action.Flags & (IrqFlags.NoThread | IrqFlags.PerCpu | IrqFlags.OneShot)) != 0 || IsDefaultPrimary(action)) return;
        action.Flags |= IrqFlags.OneShot;
        action.IsForced = true;
        if (action.HasThread)
        {
            action.Secondary = new IrqAction
            {
                Handler = SecondaryPrimary,
                ThreadFunction = action.ThreadFunction,
                SleepingThread = action.SleepingThread,
                Flags = IrqFlags.None,
                Name = action.Name,
                DevId = action.DevId,
            };
        }
        action.ThreadFunction = action.Handler;
        action.SleepingThread = null;
        action.Handler = DefaultPrimary;
    }

    private void CreateThreads(IrqDesc desc, IrqAction action)
    {
        if (!action.HasThread) return;
        CreateThread(desc, action, $"irq/{desc.Irq}-{action.Name}");
        if (action.Secondary is { } secondary) CreateThread(desc, secondary, $"irq/{desc.Irq}-s-{action.Name}");
    }

    private void CreateThread(IrqDesc desc, IrqAction action, string name)
    {
        action.Thread = new IrqThread(_kernel, desc, action, name, desc.Effective.IsEmpty ? _kernel.OnlineMask : desc.Effective);
        _kernel.AddTask(action.Thread, _kernel.Cpus[Math.Max(desc.Cpu, 0)]);
    }

    private static void StopThreads(IrqDesc desc, IrqAction action)
    {
        action.Thread?.Stop();
        action.Secondary?.Thread?.Stop();
        desc.ThreadsOneShot &= ~(action.Thread is { IsStopped: true } ? action.ThreadMask : 0);
    }

    /// <summary>__irq_wake_thread, from the hard interrupt; a request that finds one unserved is merged with it.</summary>
    internal void WakeThread(IrqDesc desc, IrqAction action, Cpu cpu)
    {
        if (action.Thread is null)
        {
            if (action.IsWarned) return;
            action.IsWarned = true;
            _kernel.Log(cpu.LocalPs, $"IRQ {desc.Irq} device {action.Name} returned IRQ_WAKE_THREAD but no thread function available.");
            return;
        }
        if (!action.Thread.TryRequest()) return;
        desc.ThreadsOneShot |= action.ThreadMask;
        desc.ThreadsActive++;
        if (!desc.Effective.IsEmpty) action.Thread.Allowed = desc.Effective; // the thread follows its interrupt
        cpu.Spend(cpu.Id == action.Thread.Cpu.Id ? _kernel.Costs.WakeLocal : _kernel.Costs.WakeRemote);
        _kernel.Wake(action.Thread, cpu, cpu.LocalPs);
    }

    /// <summary>irq_finalize_oneshot: the line opens when the last of its threads is through.</summary>
    internal void FinalizeOneShot(IrqDesc desc, IrqAction action, bool requestedAgain, Cpu cpu, long nowPs)
    {
        if (!desc.IsOneShot || action.ThreadMask == 0 || requestedAgain) return;
        desc.ThreadsOneShot &= ~action.ThreadMask;
        if (desc.ThreadsOneShot != 0 || desc.IsDisabled || !desc.IsMasked) return;
        if ((desc.Chip.Flags & IrqChipFlags.EoiThreaded) != 0) _flow.Eoi(desc, cpu);
        desc.IsMasked = false;
        desc.Chip.Unmask(desc, nowPs);
    }

    /// <summary>wake_threads_waitq: whoever synchronises with the line goes on when no thread of it is at work.</summary>
    internal void ThreadDone(IrqDesc desc)
    {
        if (--desc.ThreadsActive > 0) return;
        Action[] waiters = desc.ThreadWaiters.Count == 0 ? [] : [.. desc.ThreadWaiters];
        desc.ThreadWaiters.Clear();
        foreach (Action waiter in waiters) waiter();
    }
}
