namespace Tophalf.Linux;

/// <summary>
/// What the rows of /proc/interrupts that have a name instead of a number count, in words for somebody who sees them for the first time.
/// x86: arch/x86/kernel/irq.c; Arm: arch/arm64/kernel/smp.c, arch/arm/kernel/fiq.c; PowerPC: arch/powerpc/kernel/irq.c; IBM Z: arch/s390/kernel/irq.c.
/// </summary>
public static class RowExplanations
{
    private static readonly Dictionary<string, string> s_means = new(StringComparer.OrdinalIgnoreCase)
    {
        ["NMI"] = "Non-maskable interrupts: nothing can hold them back. Mostly the performance counters of the NMI watchdog and of perf; also unrecoverable hardware errors.",
        ["LOC"] = "Local timer interrupts: the clock inside each CPU. Scheduler ticks, timers and wake-ups from nanosleep. An idle CPU without tick has few.",
        ["SPU"] = "Spurious interrupts: the local APIC announced an interrupt that was gone when the CPU asked for it. A few do no harm.",
        ["PMI"] = "Performance monitoring interrupts: a performance counter overflowed (perf, NMI watchdog). They arrive as NMIs and are counted there too.",
        ["IWI"] = "IRQ work interrupts: a CPU asked itself to do a piece of work as soon as interrupts are possible again (printk from NMI, perf, RCU).",
        ["RTR"] = "APIC ICR read retries: reads of the interrupt command register that had to be repeated; only very old hardware does that.",
        ["RES"] = "Rescheduling interrupts: another CPU woke a task here and asks this CPU to look at its run queue. High numbers mean many wake-ups across CPUs.",
        ["CAL"] = "Function call interrupts: another CPU asked this one to run a function, as for flushing caches or remote work of the network stack (RPS).",
        ["TLB"] = "TLB shootdowns: another CPU changed page tables and had this CPU forget the old translations. Caused by munmap, mprotect, page migration. Counted apart from CAL.",
        ["TRM"] = "Thermal event interrupts: the CPU crossed a temperature limit and may be slowing down.",
        ["THR"] = "Threshold APIC interrupts: corrected machine check errors passed a threshold (AMD).",
        ["DFR"] = "Deferred error APIC interrupts: an error in memory was found that nobody has used yet (AMD).",
        ["MCE"] = "Machine check exceptions: the hardware reported an error it could not correct by itself.",
        ["MCP"] = "Machine check polls: how often the kernel looked for corrected errors, every five minutes by default. It is no error count.",
        ["HYP"] = "Hypervisor callback interrupts: a hypervisor (Xen, Hyper-V, KVM's asynchronous page faults) tells its guest something.",
        ["HRE"] = "Hyper-V reenlightenment interrupts: the guest was moved to a host with another clock frequency.",
        ["HVS"] = "Hyper-V stimer0 interrupts: the guest's timer, in place of LOC.",
        ["ERR"] = "Errors the interrupt controller reported: on x86 APIC errors, and with the 8259 pair spurious interrupts. Should be 0 or a handful.",
        ["MIS"] = "Level-triggered interrupts an I/O APIC of old hardware delivered as edges; the kernel repaired each of them.",
        ["PIN"] = "Posted-interrupt notifications: a device interrupt went straight into a running virtual machine.",
        ["NPI"] = "Nested posted-interrupt notifications: the same for a virtual machine inside a virtual machine.",
        ["PIW"] = "Posted-interrupt wake-ups: an interrupt came for a virtual CPU that was asleep, and woke it.",
        ["PMN"] = "Posted MSI notifications: several device interrupts told to the CPU as one (posted MSI of the host).",
        ["PLT"] = "Platform interrupts of SGI UV machines.",
        ["BCT"] = "Broadcast timer interrupts: another CPU's timer stood in for this CPU's own, which stops in deep sleep (PowerPC).",
        ["DBL"] = "Doorbell interrupts: the message one CPU sends another (PowerPC).",
        ["HMI"] = "Hypervisor maintenance interrupts: errors of the core or the clock reported to the hypervisor (POWER).",
        ["WDG"] = "Watchdog soft-NMI interrupts: the lockup detector looked at a CPU that had interrupts off (POWER).",
        ["CNT"] = "Performance monitoring interrupts (PowerPC).",
        ["EXT"] = "External interrupts in all: clock, signals from other CPUs, service calls; the rows below split them up (IBM Z).",
        ["I/O"] = "I/O interrupts of channel devices in all; the rows below split them up (IBM Z).",
        ["AIO"] = "Adapter interrupts in all: PCI, QDIO, virtio and crypto devices (IBM Z).",
        ["CLK"] = "Clock comparator interrupts: the timer (IBM Z).",
        ["EXC"] = "External calls: one CPU signals another (IBM Z).",
        ["EMS"] = "Emergency signals: one CPU signals another when no external call is possible (IBM Z).",
        ["RST"] = "CPU restarts (IBM Z).",
        ["DAS"] = "Interrupts of DASD disks (IBM Z).",
        ["CIO"] = "Interrupts of the common I/O layer (IBM Z).",
        ["SCP"] = "Service call interrupts: answers of the service element (IBM Z).",
        ["PCI"] = "PCI interrupts through adapters (IBM Z).",
        ["MSI"] = "PCI message-signalled interrupts (IBM Z).",
        ["VIR"] = "Virtio I/O devices of a guest (IBM Z).",
        ["APB"] = "Crypto adapters (IBM Z).",
        ["QAI"] = "QDIO adapter interrupts: network and SCSI over fibre channel (IBM Z).",
        ["FIQ"] = "The handler of the fast interrupt line, which is not counted (32-bit Arm).",
        ["IPI"] = "Inter-processor interrupts.",
    };

    /// <summary>The labels that have an explanation, in alphabetical order.</summary>
    public static IEnumerable<string> Labels => s_means.Keys.Order(StringComparer.Ordinal);

    /// <summary>
    /// What a row counts; null for one we have no words for. A softirq's name is explained too. Arm, RISC-V and others number their
    /// inter-processor interrupts IPI0, IPI1 … in an order of their own, so there the text the kernel prints behind the counters tells more.
    /// </summary>
    public static string? Of(string label)
    {
        if (s_means.TryGetValue(label, out string? means))
            return means;
        if (SoftirqName.Does(label) is { Length: > 0 } does)
            return $"Softirq {label.ToUpperInvariant()}: {does}.";
        return label.StartsWith("IPI", StringComparison.OrdinalIgnoreCase) && Fields.IsNumber(label.AsSpan(3))
            ? "Inter-processor interrupts of one purpose, which the kernel names behind the counters."
            : null;
    }
}
