namespace Tophalf.Kernel.Scheduling;

/// <summary>Interrupts that have no descriptor: the summary rows of /proc/interrupts (arch/x86/kernel/irq.c, arch_show_interrupts).</summary>
public enum ArchInterrupt { NMI, LOC, SPU, PMI, IWI, RTR, RES, CAL, TLB, TRM, THR, DFR, MCE, MCP, HYP, PIN, NPI, PIW }

/// <summary>One processor's counters of them; 32 bits wide, as in the kernel.</summary>
public sealed class CpuInterruptCounts
{
    private readonly uint[] _counts = new uint[Enum.GetValues<ArchInterrupt>().Length];

    public uint this[ArchInterrupt row] => _counts[(int)row];
    public void Add(ArchInterrupt row) => _counts[(int)row]++;
}
