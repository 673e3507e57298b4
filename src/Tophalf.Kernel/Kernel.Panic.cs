using Tophalf.Kernel.Context;
using Tophalf.Kernel.Procfs;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel;

/// <summary>The end of a machine: panic() and die() (kernel/panic.c, arch/x86/kernel/dumpstack.c). Time goes on, but no processor does.</summary>
public sealed partial class Kernel
{
    private int _oopses;

    /// <summary>Why the kernel panicked; null while it has not.</summary>
    public string? PanicReason { get; private set; }

    public Taint Taint { get; internal set; }

    /// <summary>
    /// panic(), from code on a processor, which gets no further: the message, its call trace, and a stop for all others. What they have run ahead of the clock
    /// still happens.
    /// </summary>
    public void Panic(string reason)
    {
        Cpu cpu = CurrentCpu ?? throw new InvalidOperationException("panic() is called by code on a processor");
        if (PanicReason is null)
        {
            PanicReason = reason;
            Log(cpu.LocalPs, $"Kernel panic - not syncing: {reason}");
            CallTrace.DumpStack(this, cpu, "panic");
            Log(cpu.LocalPs, "Kernel Offset: disabled");
            Log(cpu.LocalPs, $"---[ end Kernel panic - not syncing: {reason} ]---");
            Events.Schedule(new CallbackEvent(StopOthers) { Rank = StopRank }, Math.Max(cpu.LocalPs, Events.NowPs));
            cpu.MarkStopped();
        }
        throw new CodeNeverReturnsException();
    }

    /// <summary>die() in interrupt context, as a double fault always is: an oops, then the panic.</summary>
    internal void Die(string what, int errorCode)
    {
        Cpu cpu = CurrentCpu!;
        string prefix = new KernelProfile(Options.Release).SaysOops ? "Oops: " : "";
        Log(cpu.LocalPs, $"{prefix}{what}: {errorCode:x4} [#{++_oopses}] SMP");
        CallTrace.ShowRegisters(this, cpu);
        Log(cpu.LocalPs, "---[ end trace 0000000000000000 ]---");
        Taint |= Taint.Die;
        Panic("Fatal exception in interrupt");
    }

    /// <summary>smp_send_stop.</summary>
    private void StopOthers(long nowPs)
    {
        foreach (Cpu cpu in Cpus) cpu.Stop(nowPs);
    }
}
