using Tophalf.Hardware.Processors;
using Tophalf.Kernel.Context;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Nmi;

/// <summary>
/// Asks every processor by NMI where it is (lib/nmi_backtrace.c, arch/x86/kernel/apic/hw_nmi.c): also one that hangs with interrupts off answers.
/// </summary>
public sealed class NmiBacktrace
{
    private readonly Kernel _kernel;
    private CpuMask _asked = CpuMask.Empty;

    internal NmiBacktrace(Kernel kernel)
    {
        _kernel = kernel;
        kernel.Nmi.Register(NmiType.Local, Answer, NmiFlags.None, "arch_bt");
    }

    /// <summary>trigger_all_cpu_backtrace, which sysrq-l asks for.</summary>
    public void TriggerAll()
    {
        Cpu self = _kernel.ThisCpu;
        long nowPs = _kernel.LocalNowPs;
        _kernel.Log(nowPs, $"NMI backtrace for cpu {self.Id}");
        CallTrace.DumpStack(_kernel, self, "nmi_cpu_backtrace", "nmi_trigger_cpumask_backtrace");
        CpuMask others = _kernel.OnlineMask.Without(self.Id);
        if (others.Count > 0) Trigger(others);
    }

    /// <summary>trigger_single_cpu_backtrace and nmi_trigger_cpumask_backtrace, of others than this processor.</summary>
    internal void Trigger(CpuMask others)
    {
        Cpu self = _kernel.ThisCpu;
        long nowPs = _kernel.LocalNowPs;
        _asked = others;
        _kernel.Log(nowPs, $"Sending NMI from CPU {self.Id} to CPUs {others.ToList()}:");
        foreach (int id in others) self.Apic.SendNmi(_kernel.Cpus[id].Apic.Id, nowPs);
    }

    private int Answer(NmiType type, in InterruptFrame regs)
    {
        Cpu cpu = _kernel.CurrentCpu!;
        if (!_asked.Contains(cpu.Id)) return 0;
        _asked = _asked.Without(cpu.Id);
        if (cpu.IdlesBelowNmi)
        {
            _kernel.Log(cpu.LocalPs, $"NMI backtrace for cpu {cpu.Id} skipped: idling at pv_native_safe_halt");
            return 1;
        }
        _kernel.Log(cpu.LocalPs, $"NMI backtrace for cpu {cpu.Id}");
        CallTrace.ShowRegisters(_kernel, cpu);
        return 1;
    }
}
