using Tophalf.Linux;

namespace Tophalf.Kernel.Irq;

/// <summary>IRQCHIP_*: peculiarities of a chip the core asks about (include/linux/irq.h), with the kernel's values.</summary>
[Flags]
public enum IrqChipFlags
{
    None = 0,

    /// <summary>The line has to be masked while its trigger type changes.</summary>
    SetTypeMasked = 1 << 0,

    /// <summary>The fasteoi flow ends the interrupt only when it handled it.</summary>
    EoiIfHandled = 1 << 1,

    /// <summary>A line that is suspended is masked at once.</summary>
    MaskOnSuspend = 1 << 2,

    /// <summary>A line without irq_set_wake is a wake-up source all the same.</summary>
    SkipSetWake = 1 << 4,

    /// <summary>The chip never loses an edge, so ONESHOT is not needed.</summary>
    OneShotSafe = 1 << 5,

    /// <summary>A ONESHOT line is ended when its threads are through.</summary>
    EoiThreaded = 1 << 6,
    SupportsNmi = 1 << 8,
}

/// <summary>How the kernel talks to the controller of a line (struct irq_chip). Times are the local time of whoever calls.</summary>
public abstract class IrqChip
{
    /// <summary>no_irq_chip: nobody has set the line up; a request is answered with ENOSYS.</summary>
    public static IrqChip None { get; } = new WirelessChip("none");

    /// <summary>dummy_irq_chip: a line that only software raises, with nothing to mask.</summary>
    public static IrqChip Dummy { get; } = new WirelessChip("dummy");

    /// <summary>As /proc/interrupts prints it.</summary>
    public abstract string Name { get; }

    public virtual IrqChipFlags Flags => IrqChipFlags.None;

    /// <summary>The line is delivered through a vector of a local APIC, which is where it is acknowledged and ended.</summary>
    public virtual bool UsesVectors => true;

    /// <summary>Nothing but software is behind it, so that what is asked of it happens at once.</summary>
    public virtual bool IsSoftware => false;

    /// <summary>Its lines carry the name of their flow in /proc/interrupts.</summary>
    public virtual bool ShowsFlow => true;

    /// <summary>The chip has an irq_disable of its own, so that disabling is not lazy.</summary>
    public virtual bool DisablesAtOnce => false;

    /// <summary>IRQ_MOVE_PCNTXT: the line can be moved at once, from process context; with interrupt remapping.</summary>
    public virtual bool MovesInProcessContext => false;

    public abstract void Mask(IrqDesc desc, long nowPs);
    public abstract void Unmask(IrqDesc desc, long nowPs);

    /// <summary>irq_ack and irq_eoi of a chip that has no local APIC behind it.</summary>
    public virtual void Ack(IrqDesc desc, long nowPs)
    {
    }

    public virtual void Eoi(IrqDesc desc, long nowPs)
    {
    }

    /// <summary>No interrupt of the line is between its sending and its EOI, so that vector and destination may change (io_apic_level_ack_pending).</summary>
    public virtual bool IsSettled(IrqDesc desc) => true;

    /// <summary>Writes vector and destination into the hardware.</summary>
    public abstract void Program(IrqDesc desc, uint apicId, long nowPs);

    /// <summary>eoi_ioapic_pin: ends a level interrupt at the pin itself, where its EOI broadcast named another vector or none.</summary>
    public virtual void EoiPin(IrqDesc desc, long nowPs)
    {
    }

    /// <summary>irq_set_type; null where the chip has none, as the I/O APIC and MSI chips of x86. Any error refuses the type.</summary>
    public virtual Errno? SetType(IrqDesc desc, IrqFlags type) => null;

    /// <summary>irq_set_wake; null where the chip has none.</summary>
    public virtual Errno? SetWake(IrqDesc desc, bool on) => null;

    /// <summary>irq_request_resources: what the chip needs for the line, asked for with its first action.</summary>
    public virtual Errno RequestResources(IrqDesc desc) => Errno.None;

    /// <summary>A chip without any hardware.</summary>
    private sealed class WirelessChip(string name) : IrqChip
    {
        public override string Name => name;
        public override bool UsesVectors => false;
        public override bool IsSoftware => true;

        public override void Mask(IrqDesc desc, long nowPs)
        {
        }

        public override void Unmask(IrqDesc desc, long nowPs)
        {
        }

        public override void Program(IrqDesc desc, uint apicId, long nowPs)
        {
        }
    }
}
