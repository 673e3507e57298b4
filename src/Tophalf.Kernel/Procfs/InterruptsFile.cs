using System.Text;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Procfs;

/// <summary>/proc/interrupts in the layout of kernels up to 6.18 (kernel/irq/proc.c show_interrupts, arch/x86/kernel/irq.c arch_show_interrupts).</summary>
internal static class InterruptsFile
{
    private static readonly (ArchInterrupt Row, string Text)[] Rows =
    [
        (ArchInterrupt.NMI, "Non-maskable interrupts"), (ArchInterrupt.LOC, "Local timer interrupts"), (ArchInterrupt.SPU, "Spurious interrupts"),
        (ArchInterrupt.PMI, "Performance monitoring interrupts"), (ArchInterrupt.IWI, "IRQ work interrupts"), (ArchInterrupt.RTR, "APIC ICR read retries"),
        (ArchInterrupt.RES, "Rescheduling interrupts"), (ArchInterrupt.CAL, "Function call interrupts"), (ArchInterrupt.TLB, "TLB shootdowns"),
        (ArchInterrupt.TRM, "Thermal event interrupts"), (ArchInterrupt.THR, "Threshold APIC interrupts"), (ArchInterrupt.DFR, "Deferred Error APIC interrupts"),
        (ArchInterrupt.MCE, "Machine check exceptions"), (ArchInterrupt.MCP, "Machine check polls"),
    ];

    private static readonly (ArchInterrupt Row, string Text)[] RowsAfterErrors =
    [
        (ArchInterrupt.PIN, "Posted-interrupt notification event"), (ArchInterrupt.NPI, "Nested posted-interrupt event"), (ArchInterrupt.PIW, "Posted-interrupt wakeup event"),
    ];

    public static string Write(Kernel kernel)
    {
        var profile = new KernelProfile(kernel.Options.Release);
        int precision = 3;
        for (long j = 1000; precision < 10 && j <= kernel.Irqs.NrIrqs; j *= 10) precision++;
        var text = new StringBuilder();
        text.Append(' ', precision + 8);
        foreach (Cpu cpu in kernel.OnlineCpus) text.Append($"CPU{cpu.Id,-8}");
        text.Append('\n');
        foreach (IrqDesc desc in kernel.Irqs.All)
        {
            if (desc.Actions.Count == 0 && !(profile.ShowsFreedLines && desc.Total > 0)) continue;
            text.Append(desc.Irq.ToString().PadLeft(precision)).Append(": ");
            foreach (Cpu cpu in kernel.OnlineCpus) text.Append($"{desc.CountOn(cpu.Id),10} ");
            (string chip, long hwirq) = ChipNaming.Of(profile, desc);
            if (profile.PutsBlankAfterCount) text.Append(' ');
            text.Append($"{chip,8} {(desc.HasDomain ? hwirq.ToString() : "").PadLeft(precision)}{(desc.Chip.ShowsFlow ? $"-{desc.FlowName,-8}" : "")}  ");
            text.AppendJoin(", ", desc.Actions.Select(action => action.Name)).Append('\n');
        }
        foreach (var (row, words) in Rows) Summary(text, kernel, row, words, precision);
        // The row is there once a hypervisor's vector is installed; the twin knows of none before it interrupts.
        if (kernel.Cpus.Any(cpu => cpu.Counts[ArchInterrupt.HYP] > 0)) Summary(text, kernel, ArchInterrupt.HYP, "Hypervisor callback interrupts", precision);
        text.Append($"{"ERR".PadLeft(precision)}: {kernel.SpuriousPicInterrupts,10}\n");
        text.Append($"{"MIS".PadLeft(precision)}: {kernel.Irqs.MisCount,10}\n");
        foreach (var (row, words) in RowsAfterErrors) Summary(text, kernel, row, words, precision);
        return text.ToString();
    }

    private static void Summary(StringBuilder text, Kernel kernel, ArchInterrupt row, string words, int precision)
    {
        text.Append(row.ToString().PadLeft(precision)).Append(": ");
        foreach (Cpu cpu in kernel.OnlineCpus) text.Append($"{cpu.Counts[row],10} ");
        text.Append("  ").Append(words).Append('\n');
    }
}
