using Tophalf.Kernel.Irq;
using Tophalf.Linux;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>The chip of the module's lines: nothing but a log of what the core asks of it.</summary>
internal sealed class TestChip(TestLog log) : IrqChip
{
    public override string Name => "tophalf";
    public override bool UsesVectors => false;
    public override bool IsSoftware => true;

    public override void Mask(IrqDesc desc, long nowPs) => log.Note("chip: mask");
    public override void Unmask(IrqDesc desc, long nowPs) => log.Note("chip: unmask");
    public override void Ack(IrqDesc desc, long nowPs) => log.Note("chip: ack");
    public override void Eoi(IrqDesc desc, long nowPs) => log.Note("chip: eoi");

    public bool RefusesTypes { get; set; }
    public bool RefusesResources { get; set; }

    /// <summary>It has an irq_set_wake.</summary>
    public bool Wakes { get; set; }

    public override Errno RequestResources(IrqDesc desc) => RefusesResources ? Errno.EPERM : Errno.None;

    public override Errno? SetWake(IrqDesc desc, bool on)
    {
        if (!Wakes) return null;
        log.Note($"chip: wake {(on ? 1 : 0)}");
        return Errno.None;
    }

    public override Errno? SetType(IrqDesc desc, IrqFlags type)
    {
        if (RefusesTypes) return Errno.EINVAL;
        log.Note($"chip: type {(uint)type}");
        return Errno.None;
    }

    public override void Program(IrqDesc desc, uint apicId, long nowPs)
    {
    }
}
