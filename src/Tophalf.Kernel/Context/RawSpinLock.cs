using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Context;

/// <summary>
/// A raw spinlock (include/linux/spinlock.h). While code holds it, preemption is disabled. Code runs in one go, so a holder on another processor has already said until
/// when it holds the lock: who comes meanwhile spins until then. Who meets it held by what it interrupted on its own processor spins for ever, with
/// interrupts off, and no message: only the watchdog notices.
/// </summary>
public sealed class RawSpinLock(Kernel kernel)
{
    private Cpu? _owner;
    private long _heldFromPs, _heldUntilPs;

    /// <summary>Time spent spinning, all processors together.</summary>
    public long SpunPs { get; private set; }

    public bool IsHeld => _owner is not null && _heldUntilPs == SimTime.Never;

    /// <summary>spin_lock.</summary>
    public void Lock()
    {
        Cpu cpu = Running;
        cpu.AddPreemptCount(1);
        if (_owner is not null && cpu.LocalPs >= _heldFromPs && cpu.LocalPs < _heldUntilPs)
        {
            // Not released by any code yet: the holder is below this one, or has lost itself.
            if (_owner == cpu || _heldUntilPs == SimTime.Never) kernel.SpinForever();
            SpunPs += _heldUntilPs - cpu.LocalPs;
            cpu.Spend(_heldUntilPs - cpu.LocalPs);
        }
        cpu.Spend(kernel.Costs.SpinLock);
        _owner = cpu;
        _heldFromPs = cpu.LocalPs;
        _heldUntilPs = SimTime.Never;
    }

    /// <summary>spin_unlock.</summary>
    public void Unlock()
    {
        Cpu cpu = Running;
        _heldUntilPs = cpu.LocalPs;
        cpu.SubtractPreemptCount(1);
    }

    /// <summary>spin_lock_irqsave: no interrupt of this processor comes between, which is what a lock shared with a handler needs.</summary>
    public void LockIrqSave()
    {
        kernel.LocalIrqSave();
        Lock();
    }

    public void UnlockIrqRestore()
    {
        Unlock();
        kernel.LocalIrqRestore();
    }

    /// <summary>spin_lock_bh: no softirq of this processor comes between, which is what a lock shared with one needs.</summary>
    public void LockBh()
    {
        Running.LocalBhDisable();
        Lock();
    }

    public void UnlockBh()
    {
        Unlock();
        Running.LocalBhEnable();
    }

    private Cpu Running => kernel.CurrentCpu ?? throw new InvalidOperationException("a lock is taken by code on a processor");
}
