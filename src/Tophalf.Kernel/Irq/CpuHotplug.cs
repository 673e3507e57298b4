using Tophalf.Hardware.Controllers;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// Processors that go and come back (kernel/cpu.c, arch/x86/kernel/irq.c fixup_irqs). Interrupts are migrated as Linux does; tasks are not:
/// a processor goes only while it idles and no user task is bound to it alone, and is busy (EBUSY) otherwise.
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
    /// ENOSPC when its vectors do not fit on the others; EBUSY while it works, or has a task of its own.
    /// </summary>
    public Errno Offline(int id)
    {
        if ((uint)id >= (uint)_kernel.CpuCount) return Errno.EINVAL;
        if (id == 0) return Errno.EPERM;
        if (!_kernel.OnlineMask.Contains(id)) return Errno.None;
        Cpu cpu = _kernel.Cpus[id];
        if (_settling[id] || !cpu.IsIdle || cpu.Softirqs.Pending != 0 || HasOwnTask(id)) return Errno.EBUSY;
        Errno error = _kernel.Vectors.CanUnplug(id);
        if (error != Errno.None) return error;

        long nowPs = _kernel.Events.NowPs;
        cpu.Sync(nowPs);
        cpu.TakeDown();
        _kernel.OnlineMask = _kernel.OnlineMask.Without(id);
        _kernel.Irqs.MigrateAllOff(cpu);
        _kernel.Timers.Migrate(cpu, _kernel.Cpus[0]);
        _settling[id] = true;
        _kernel.Events.Schedule(new CallbackEvent(atPs => Settle(cpu, atPs)), nowPs + SettlePs);
        _kernel.Vectors.Matrix.Offline(id);
        return Errno.None;
    }

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
        cpu.BringUp(nowPs);
        _kernel.Irqs.AffinityOnline(id);
        return Errno.None;
    }

    /// <summary>Handler threads follow their interrupts, and ksoftirqd waits for its processor; any other task bound to this one alone keeps it.</summary>
    private bool HasOwnTask(int id)
    {
        foreach (KernelTask task in _kernel.Tasks)
        {
            if (task.Allowed.Count == 1 && task is not IrqThread && !task.IsPerCpuThread && task.Allowed.Contains(id)) return true;
            if (task.IsWaking && task.Allowed.Contains(id)) return true; // its wake-up may be on the way here
        }
        return false;
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
