using Tophalf.Hardware.Controllers;

namespace Tophalf.Kernel.Irq;

/// <summary>
/// The kernel's side of the 8259 pair (arch/x86/kernel/i8259.c). It is programmed at boot in any case; an I/O APIC that takes over leaves it masked, and with
/// <c>noapic</c> its lines are the machine's, through LINT0 of the boot processor in ExtINT mode.
/// </summary>
public sealed class LegacyPic : IrqChip
{
    /// <summary>ISA_IRQ_VECTOR(0): the pair's first vector under Linux. The BIOS has 0x08, and the classic remap is 0x20.</summary>
    public const int FirstVector = 0x30;

    private const byte Icw1 = 0x11, Icw4 = 0x01, SpecificEoi = 0x60, ReadIsr = 0x0B, ReadIrr = 0x0A;
    private const int SlaveFirst = 8;

    private readonly Kernel _kernel;
    private readonly Pic8259Pair _pair;
    private readonly HashSet<int> _spuriousSeen = [];
    private ushort _cachedMask = 0xFFFF;

    public LegacyPic(Kernel kernel, Pic8259Pair pair)
    {
        _kernel = kernel;
        _pair = pair;
        Initialise();
    }

    public override string Name => "XT-PIC";
    public override bool UsesVectors => false;
    public override bool ShowsFlow => false;

    /// <summary>irq_err_count's share: interrupts the pair gave a vector for without having one in service.</summary>
    public long Spurious { get; private set; }

    /// <summary>init_8259A: everything masked, then ICW1 to ICW4 on both, then the masks as they were.</summary>
    private void Initialise()
    {
        long nowPs = _kernel.Events.NowPs;
        WriteMasks(0xFFFF, nowPs);
        Out(Pic8259Pair.MasterCommandPort, Icw1, nowPs);
        Out(Pic8259Pair.MasterDataPort, FirstVector, nowPs);
        Out(Pic8259Pair.MasterDataPort, 1 << Pic8259Pair.CascadeLine, nowPs);
        Out(Pic8259Pair.MasterDataPort, Icw4, nowPs);
        Out(Pic8259Pair.SlaveCommandPort, Icw1, nowPs);
        Out(Pic8259Pair.SlaveDataPort, FirstVector + SlaveFirst, nowPs);
        Out(Pic8259Pair.SlaveDataPort, Pic8259Pair.CascadeLine, nowPs);
        Out(Pic8259Pair.SlaveDataPort, Icw4, nowPs);
        WriteMasks(_cachedMask, nowPs);
    }

    /// <summary>Takes a line of the pair into use: its vector on the boot processor, and ELCR for a level line.</summary>
    public IrqDesc AddLine(int irq, bool isLevel)
    {
        IrqDesc desc = _kernel.Irqs.AddPin(this, irq, isLevel, flow: FlowKind.Level);
        _kernel.Vectors.AssignLegacy(desc, FirstVector + irq);
        if (isLevel)
        {
            ushort port = irq < SlaveFirst ? Pic8259Pair.MasterElcrPort : Pic8259Pair.SlaveElcrPort;
            Out(port, (byte)(_pair.Read(port, _kernel.Events.NowPs) | 1 << (irq & 7)), _kernel.Events.NowPs);
        }
        return desc;
    }

    public override void Mask(IrqDesc desc, long nowPs) => WriteMasks((ushort)(_cachedMask | 1 << desc.Hwirq), nowPs);

    public override void Unmask(IrqDesc desc, long nowPs)
    {
        ushort mask = (ushort)(_cachedMask & ~(1 << desc.Hwirq));
        // A line of the slave comes through the cascade, which must be open.
        WriteMasks(desc.Hwirq < SlaveFirst ? mask : (ushort)(mask & ~(1 << Pic8259Pair.CascadeLine)), nowPs);
    }

    /// <summary>mask_and_ack_8259A, the line being masked already: a specific EOI, on the slave first. IR7 of either chip may be spurious; its ISR bit tells.</summary>
    public override void Ack(IrqDesc desc, long nowPs)
    {
        int irq = desc.Hwirq;
        if ((irq & 7) == 7 && !IsInService(irq, nowPs)) CountSpurious(irq, nowPs);
        if (irq >= SlaveFirst)
        {
            Out(Pic8259Pair.SlaveCommandPort, (byte)(SpecificEoi + (irq & 7)), nowPs);
            Out(Pic8259Pair.MasterCommandPort, SpecificEoi + Pic8259Pair.CascadeLine, nowPs);
        }
        else Out(Pic8259Pair.MasterCommandPort, (byte)(SpecificEoi + irq), nowPs);
    }

    public override void Program(IrqDesc desc, uint apicId, long nowPs)
    {
    }

    private bool IsInService(int irq, long nowPs)
    {
        ushort port = irq < SlaveFirst ? Pic8259Pair.MasterCommandPort : Pic8259Pair.SlaveCommandPort;
        Out(port, ReadIsr, nowPs);
        byte inService = _pair.Read(port, nowPs);
        Out(port, ReadIrr, nowPs);
        return (inService >> (irq & 7) & 1) != 0;
    }

    private void CountSpurious(int irq, long nowPs)
    {
        Spurious++;
        if (_spuriousSeen.Add(irq)) _kernel.Log(nowPs, $"spurious 8259A interrupt: IRQ{irq}.");
    }

    private void WriteMasks(ushort mask, long nowPs)
    {
        _cachedMask = mask;
        Out(Pic8259Pair.MasterDataPort, (byte)mask, nowPs);
        Out(Pic8259Pair.SlaveDataPort, (byte)(mask >> 8), nowPs);
    }

    private void Out(ushort port, byte value, long nowPs) => _pair.Write(port, value, nowPs);
}
