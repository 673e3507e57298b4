using Tophalf.Hardware.Controllers;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// Processors that go and come back (kernel/cpu.c, arch/x86/kernel/irq.c fixup_irqs). No task goes any more to a processor that is to go; its stop task, which comes
/// when nothing above the task level is left, sends away what waits there, hands interrupts and timers over, and leaves it idle for good.
/// </summary>
public sealed class CpuHotplug
{
    /// <summary>fixup_irqs waits so long for messages that are under way to the old processor.</summary>
    private const long SettlePs = SimTime.Millisecond;

    private const uint ApicEnable = 1 << 8, SuppressEoiBroadcast = 1 << 12;

    private readonly Kernel _kernel;
    private readonly bool[] _settling;
    private readonly Action?[] _whenSettled;

    internal CpuHotplug(Kernel kernel)
    {
        _kernel = kernel;
        _settling = new bool[kernel.CpuCount];
        _whenSettled = new Action?[kernel.CpuCount];
    }

    /// <summary>
    /// echo 0 &gt; /sys/devices/system/cpu/cpuN/online. EPERM for the boot processor, which has no such file; EINVAL for a processor that does not exist;
    /// ENOSPC when its vectors do not fit on the others. <see cref="Settled"/> tells when it is gone.
    /// </summary>
    public Errno Offline(int id)
    {
        if ((uint)id >= (uint)_kernel.CpuCount) return Errno.EINVAL;
        if (id == 0) return Errno.EPERM;
        if (!_kernel.ActiveMask.Contains(id)) return Errno.None;
        Errno error = _kernel.Vectors.CanUnplug(id);
        if (error != Errno.None) return error;

        Cpu cpu = _kernel.Cpus[id];
        long nowPs = _kernel.Events.NowPs;
        _kernel.ActiveMask = _kernel.ActiveMask.Without(id);
        _settling[id] = true;
        // An idle processor would run nothing but its stop task.
        if (cpu.IsIdle && cpu.Softirqs.Pending == 0 && !cpu.HasPinnedTasks && !_kernel.IsExpected(cpu)) TakeDown(cpu, nowPs);
        else cpu.Stopper.RequestTakeDown(() => TakeDownWhenFree(cpu), _kernel.Cpus[_kernel.ActiveMask.First], nowPs);
        return Errno.None;
    }

    /// <summary>balance_hotplug_wait: tasks that must not migrate come to the end of that first.</summary>
    private void TakeDownWhenFree(Cpu cpu)
    {
        if (cpu.HasPinnedTasks) cpu.Unpinned = () => cpu.Stopper.RequestTakeDown(() => TakeDownWhenFree(cpu), cpu, _kernel.Events.NowPs);
        else TakeDown(cpu, _kernel.Events.NowPs);
    }

    /// <summary>take_cpu_down, with nothing above the task level on the processor; then what is done for it when it is dead.</summary>
    private void TakeDown(Cpu cpu, long nowPs)
    {
        _kernel.Sync(); // packets go to sockets by where their tasks are, and these move
        cpu.TakeDown();
        _kernel.OnlineMask = _kernel.OnlineMask.Without(cpu.Id);
        Cpu heir = _kernel.Cpus[_kernel.ActiveMask.First];
        _kernel.Irqs.MigrateAllOff(cpu);
        TakeInterrupts(cpu, nowPs);
        _kernel.TakeWakeList(cpu, nowPs);
        cpu.Runqueue.PushAll(nowPs);
        _kernel.Lockups.CpuOffline(cpu, nowPs);
        cpu.Tick.TakeDown(heir.Tick, nowPs);
        _kernel.Timers.Migrate(cpu, heir);
        heir.Softnet.TakeOver(heir, cpu, nowPs);
        _kernel.BlockSoftirq.TakeOver(heir, cpu, nowPs);
        heir.Softirqs.TakeOver(cpu.Softirqs, nowPs);
        _kernel.Rcu.CpuDead(cpu, heir);
        _kernel.Balancer.Forget(cpu);
        _kernel.Replan();
        _kernel.Events.Schedule(new CallbackEvent(atPs =>
        {
            Settle(cpu, atPs);
            _kernel.PayDebts();
        }), nowPs + SettlePs);
        _kernel.Vectors.Matrix.Offline(cpu.Id);
    }

    /// <summary>smpcfd_dying_cpu: functions that other processors want called here, and irq_works, are called before it is too late.</summary>
    private void TakeInterrupts(Cpu cpu, long nowPs) => cpu.RunInTask(nowPs, () =>
    {
        cpu.EnterHardirqRaw();
        _kernel.SmpCalls.Run(cpu);
        cpu.PendingTlbFlushes = 0;
        _kernel.IrqWorks.Run(cpu);
        cpu.ExitHardirqRaw();
    });

    /// <summary>Until a processor that goes offline is gone.</summary>
    public Sleep Settled(int id) => Sleep.Until(over =>
    {
        if (_settling[id]) _whenSettled[id] += over;
        return _settling[id];
    });

    /// <summary>echo 1 &gt; online. EINVAL for a processor that does not exist, EBUSY while it is still on its way down.</summary>
    public Errno Online(int id)
    {
        if ((uint)id >= (uint)_kernel.CpuCount) return Errno.EINVAL;
        if (_kernel.OnlineMask.Contains(id)) return Errno.None;
        if (_settling[id]) return Errno.EBUSY;
        long nowPs = _kernel.Events.NowPs;
        Cpu cpu = _kernel.Cpus[id];
        cpu.Apic.Write(LocalApic.SvrOffset, cpu.Apic.Read(LocalApic.SvrOffset, nowPs) | ApicEnable, nowPs);
        cpu.Tick.Boot(nowPs);
        _kernel.Vectors.Matrix.Online(id);
        _kernel.OnlineMask = _kernel.OnlineMask.With(id);
        _kernel.ActiveMask = _kernel.ActiveMask.With(id);
        cpu.BringUp(nowPs);
        _kernel.Lockups.CpuOnline(cpu, nowPs);
        if (cpu.Softirqs.Pending != 0) _kernel.Wake(cpu.Softirqs.Ksoftirqd, _kernel.Cpus[_kernel.OnlineMask.First], nowPs);
        _kernel.Irqs.AffinityOnline(id);
        _kernel.Rcu.CpuOnline(cpu);
        return Errno.None;
    }

    /// <summary>The rest of fixup_irqs: what arrived for a migrated line meanwhile is sent again to where the line is now; then the APIC is switched off.</summary>
    private void Settle(Cpu cpu, long nowPs)
    {
        for (int vector = VectorMatrix.AllocStart; vector < VectorMatrix.AllocEnd; vector++)
        {
            if (cpu.Apic.IsRequested(vector) && _kernel.Vectors[cpu.Id, vector] is { } desc) _kernel.Irqs.Retrigger(desc, nowPs);
        }
        _kernel.Vectors.Forget(cpu.Id);
        // The processor comes back through INIT, with nothing requested; INIT ends no interrupt, so the I/O APICs must not hear of it.
        uint svr = cpu.Apic.Read(LocalApic.SvrOffset, nowPs);
        cpu.Apic.Write(LocalApic.SvrOffset, svr | SuppressEoiBroadcast, nowPs);
        while (cpu.Apic.HasDeliverable)
        {
            cpu.Apic.Acknowledge();
            cpu.Apic.EndOfInterrupt(nowPs);
        }
        cpu.Apic.Write(LocalApic.SvrOffset, svr & ~ApicEnable, nowPs);
        _settling[cpu.Id] = false;
        Action? whenSettled = _whenSettled[cpu.Id];
        _whenSettled[cpu.Id] = null;
        whenSettled?.Invoke();
    }
}
