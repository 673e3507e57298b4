using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

public enum FlowKind { Edge, FastEoi }

/// <summary>One interrupt line of the kernel: struct irq_desc with its irq_data (include/linux/irqdesc.h).</summary>
public sealed class IrqDesc
{
    private readonly uint[] _counts;

    internal IrqDesc(int irq, IrqChip chip, int hwirq, FlowKind flow, bool isLevel, int cpus)
    {
        Irq = irq;
        Chip = chip;
        Hwirq = hwirq;
        Flow = flow;
        IsLevel = isLevel;
        _counts = new uint[cpus];
    }

    public int Irq { get; }
    public IrqChip Chip { get; }

    /// <summary>The number in the chip's own domain: the I/O APIC pin, the MSI-X entry.</summary>
    public int Hwirq { get; }

    public FlowKind Flow { get; }

    /// <summary>The name of the flow as /proc/interrupts prints it.</summary>
    public string FlowName => Flow == FlowKind.Edge ? "edge" : "fasteoi";

    public bool IsLevel { get; }
    public List<IrqAction> Actions { get; } = [];
    public int Node { get; internal set; }

    /// <summary>What was asked for; with a move pending, what is asked for next.</summary>
    public CpuMask Affinity { get; set; }

    /// <summary>The one processor the line is delivered to; empty before it is started.</summary>
    public CpuMask Effective { get; internal set; }

    internal CpuMask? PendingAffinity { get; set; }

    // the vector (struct apic_chip_data)
    public int Vector { get; internal set; }
    public int Cpu { get; internal set; } = -1;
    internal int PreviousVector { get; set; }
    internal int PreviousCpu { get; set; } = -1;
    internal bool MoveInProgress { get; set; }
    internal bool CleanupPending { get; set; }

    /// <summary>Depth of disable; 1 until the first handler is registered.</summary>
    public int Depth { get; internal set; } = 1;

    internal bool IsDisabled => Depth > 0;
    internal bool IsMasked { get; set; } = true;
    internal bool IsStarted { get; set; }
    internal bool InProgress { get; set; }
    internal bool IsPending { get; set; }
    internal bool IsSpuriousDisabled { get; set; }
    internal bool IsOneShot { get; set; }
    internal ulong ThreadsOneShot { get; set; }

    // note_interrupt
    public uint IrqCount { get; internal set; }
    public uint Unhandled { get; internal set; }
    public long LastUnhandledJiffies { get; internal set; }
    internal uint ThreadsHandled { get; set; }
    internal uint ThreadsHandledLast { get; set; }

    /// <summary>Handlers run outside the effective mask; a checker wants this to stay zero.</summary>
    public long StrayDeliveries { get; internal set; }

    public uint CountOn(int cpu) => _counts[cpu];

    public ulong Total
    {
        get
        {
            ulong sum = 0;
            foreach (uint count in _counts) sum += count;
            return sum;
        }
    }

    internal void Count(Cpu cpu) => _counts[cpu.Id]++;

    public override string ToString() => $"irq {Irq} {Chip.Name} {Hwirq}-{FlowName} {string.Join(", ", Actions.Select(a => a.Name))}";
}
