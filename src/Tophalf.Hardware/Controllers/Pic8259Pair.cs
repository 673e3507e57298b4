namespace Tophalf.Hardware.Controllers;

/// <summary>
/// The PC's two 8259As: fifteen interrupt lines, the slave's INT pin on the master's IR2, and the six ports software sees
/// (PIIX3 and ICH data sheets, "8259 interrupt controllers").
/// </summary>
public sealed class Pic8259Pair
{
    public const int Lines = 16, CascadeLine = 2;
    public const ushort MasterCommandPort = 0x20, MasterDataPort = 0x21, SlaveCommandPort = 0xA0, SlaveDataPort = 0xA1;
    public const ushort MasterElcrPort = 0x4D0, SlaveElcrPort = 0x4D1;

    // The timer, the keyboard and the cascade are edge-triggered for good, and so are the clock and the coprocessor.
    private const byte MasterLevelCapable = 0xF8, SlaveLevelCapable = 0xDE;
    private const int SpuriousInput = 7;

    /// <param name="output">INT of the master: a processor's INTR pin, LINT0 of a local APIC, or a pin of the I/O APIC.</param>
    public Pic8259Pair(InterruptLine output)
    {
        Master = new Pic8259(1 << CascadeLine, MasterLevelCapable, output);
        Slave = new Pic8259(0, SlaveLevelCapable, (active, atPs) => Master.SetPin(CascadeLine, active, atPs));
    }

    public Pic8259 Master { get; }
    public Pic8259 Slave { get; }

    /// <summary>The pair asks the processor for an acknowledgement.</summary>
    public bool IsAsking => Master.IsAsking;

    public static bool Owns(ushort port) => port is MasterCommandPort or MasterDataPort or SlaveCommandPort or SlaveDataPort or MasterElcrPort or SlaveElcrPort;

    /// <summary>ISA line <paramref name="irq"/> changes. Line 2 has no pin of its own: the cascade uses it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such line, or it is the cascade.</exception>
    public void SetLine(int irq, bool active, long nowPs)
    {
        if (irq is < 0 or >= Lines or CascadeLine)
            throw new ArgumentOutOfRangeException(nameof(irq), irq, "the pair has lines 0, 1 and 3 to 15");
        if (irq < 8) Master.SetPin(irq, active, nowPs);
        else Slave.SetPin(irq - 8, active, nowPs);
    }

    /// <summary>
    /// The processor's interrupt acknowledge cycle: the vector to go through. When the request is gone by now, the vector is that of IR7 and no
    /// in-service bit is set; when the slave's request is gone, the vector is that of the slave's IR7 and the master's bit 2 is set all the same,
    /// so the handler ends the master alone (data sheet, "Interrupt sequence").
    /// </summary>
    public byte Acknowledge(long nowPs)
    {
        int input = Master.Acknowledge(nowPs);
        return input == CascadeLine ? VectorOf(Slave, Slave.Acknowledge(nowPs)) : VectorOf(Master, input);
    }

    /// <summary>A byte read from one of the pair's ports; any other port reads 0xFF, as an empty bus does.</summary>
    public byte Read(ushort port, long nowPs) => port switch
    {
        MasterCommandPort => Master.ReadCommand(nowPs),
        MasterDataPort => Master.ReadData(nowPs),
        SlaveCommandPort => Slave.ReadCommand(nowPs),
        SlaveDataPort => Slave.ReadData(nowPs),
        MasterElcrPort => Master.ReadElcr(),
        SlaveElcrPort => Slave.ReadElcr(),
        _ => 0xFF,
    };

    /// <summary>A byte written to one of the pair's ports; writes elsewhere are lost.</summary>
    public void Write(ushort port, byte value, long nowPs)
    {
        switch (port)
        {
            case MasterCommandPort: Master.WriteCommand(value, nowPs); break;
            case MasterDataPort: Master.WriteData(value, nowPs); break;
            case SlaveCommandPort: Slave.WriteCommand(value, nowPs); break;
            case SlaveDataPort: Slave.WriteData(value, nowPs); break;
            case MasterElcrPort: Master.WriteElcr(value, nowPs); break;
            case SlaveElcrPort: Slave.WriteElcr(value, nowPs); break;
        }
    }

    private static byte VectorOf(Pic8259 chip, int input) => (byte)(chip.State.VectorBase + (input < 0 ? SpuriousInput : input));
}
