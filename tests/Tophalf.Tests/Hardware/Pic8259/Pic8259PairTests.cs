using System.Globalization;
using System.Text;
using Tophalf.Hardware.Controllers;
using Xunit;

namespace Tophalf.Tests.Hardware.Pic8259;

public sealed class Pic8259PairTests
{
    private const byte Eoi = 0x20, SpecificEoi = 0x60, RotateOnEoi = 0xA0, SetPriority = 0xC0, Poll = 0x0C, ReadIrr = 0x0A, ReadIsr = 0x0B;

    private readonly StringBuilder _trace = new();
    private readonly Pic8259Pair _pair;

    public Pic8259PairTests()
    {
        _pair = new Pic8259Pair((active, _) => _trace.Append(active ? "INT+ " : "INT- "));
        Initialise(icw4: 0x01);
    }

    /// <summary>As Linux does: vectors 0x30 and 0x38, slave on IR2 (arch/x86/kernel/i8259.c, init_8259A).</summary>
    private void Initialise(byte icw4)
    {
        foreach ((ushort port, byte value) in new (ushort, byte)[]
        {
            (0x20, 0x11), (0x21, 0x30), (0x21, 0x04), (0x21, icw4),
            (0xA0, 0x11), (0xA1, 0x38), (0xA1, 0x02), (0xA1, (byte)(icw4 & ~0x10)),
        })
            Out(port, value);
    }

    private void Out(ushort port, byte value) => _pair.Write(port, value, 0);
    private byte In(ushort port) => _pair.Read(port, 0);
    private void Raise(int irq) => _pair.SetLine(irq, true, 0);
    private void Lower(int irq) => _pair.SetLine(irq, false, 0);

    private byte ReadRegister(ushort command, byte which)
    {
        Out(command, which);
        return In(command);
    }

    private void Acknowledge() => _trace.Append(CultureInfo.InvariantCulture, $"{_pair.Acknowledge(0):x2} ");

    private string Trace => _trace.ToString().TrimEnd();

    [Fact]
    public void The_more_important_line_is_served_first_and_the_other_waits_for_eoi()
    {
        Raise(4);
        Raise(1);
        Acknowledge();
        Assert.False(_pair.IsAsking);
        Out(0x20, Eoi);
        Acknowledge();
        Assert.Equal("INT+ 31 INT- INT+ 34 INT-", Order(Trace));
        Assert.Equal(0x10, ReadRegister(0x20, ReadIsr));
    }

    // The pin falls with the acknowledgement, before the vector is printed; the story reads better the other way round.
    private static string Order(string trace) => trace.Replace("INT- 31", "31 INT-", StringComparison.Ordinal).Replace("INT- 34", "34 INT-", StringComparison.Ordinal);

    [Fact]
    public void A_line_of_the_slave_goes_through_ir2_and_needs_two_eois()
    {
        Raise(10);
        Acknowledge();
        Assert.Equal(0x04, ReadRegister(0x20, ReadIsr));
        Assert.Equal(0x04, ReadRegister(0xA0, ReadIsr));
        Out(0xA0, SpecificEoi | 2);
        Out(0x20, SpecificEoi | 2);
        Assert.Equal(0, ReadRegister(0x20, ReadIsr));
        Assert.Equal(0, ReadRegister(0xA0, ReadIsr));
        Assert.Equal("INT+ INT- 3a", Trace);
    }

    [Fact]
    public void A_line_that_falls_before_the_acknowledgement_is_a_spurious_irq_7()
    {
        Raise(3);
        Lower(3);
        Acknowledge();
        Assert.Equal("INT+ INT- 37", Trace);
        Assert.Equal(0, ReadRegister(0x20, ReadIsr));
        Assert.Equal(1, _pair.Master.Spurious);
    }

    [Fact]
    public void A_slave_line_that_falls_is_a_spurious_irq_15_and_the_master_wants_its_eoi()
    {
        Raise(12);
        Lower(12);
        Acknowledge();
        Assert.Equal("INT+ INT- 3f", Trace);
        Assert.Equal(0x04, ReadRegister(0x20, ReadIsr));
        Assert.Equal(0, ReadRegister(0xA0, ReadIsr));
    }

    [Fact]
    public void A_level_line_held_high_asks_again_after_eoi_and_an_edge_line_does_not()
    {
        Out(Pic8259Pair.SlaveElcrPort, 0xFF);
        Assert.Equal(0xDE, In(Pic8259Pair.SlaveElcrPort)); // lines 8 and 13 stay edge-triggered
        Raise(11);
        Raise(5);
        for (int i = 0; i < 3; i++)
        {
            Acknowledge();
            Out(0xA0, Eoi);
            Out(0x20, Eoi);
        }
        Assert.Equal("INT+ INT- 3b INT+ INT- 3b INT+ INT- 3b INT+", Trace);
        Lower(11);
        Acknowledge();
        Out(0x20, Eoi);
        Acknowledge();
        Assert.EndsWith("INT- 3f INT+ INT- 35", Trace, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_holds_a_request_back_but_not_its_latch()
    {
        Out(0x21, 0x02);
        Raise(1);
        Assert.False(_pair.IsAsking);
        Assert.Equal(0x02, ReadRegister(0x20, ReadIrr));
        Out(0x21, 0x00);
        Acknowledge();
        Assert.Equal("INT+ INT- 31", Trace);
    }

    [Fact]
    public void Rotation_makes_the_served_line_the_least_important()
    {
        Raise(0);
        Acknowledge();
        Out(0x20, RotateOnEoi);
        Raise(1);
        Lower(0);
        Raise(0);
        Acknowledge();
        Assert.EndsWith("31", Trace, StringComparison.Ordinal);
        Out(0x20, SpecificEoi | 1);
        Out(0x20, SetPriority | 7);
        Acknowledge();
        Assert.EndsWith("30", Trace, StringComparison.Ordinal);
    }

    [Fact]
    public void Automatic_eoi_leaves_nothing_in_service()
    {
        Initialise(icw4: 0x03);
        Raise(9);
        Raise(10);
        Acknowledge();
        Acknowledge();
        Assert.Equal("INT+ INT- INT+ 39 INT- 3a", Trace);
        Assert.Equal(0, ReadRegister(0x20, ReadIsr) | ReadRegister(0xA0, ReadIsr));
    }

    [Fact]
    public void Special_fully_nested_mode_lets_a_more_important_slave_line_in_but_no_lesser_master_line()
    {
        Initialise(icw4: 0x11);
        Raise(12);
        Acknowledge();
        Raise(3);
        Assert.False(_pair.IsAsking);
        Raise(8);
        Acknowledge();
        Assert.Equal("INT+ INT- 3c INT+ INT- 38", Trace);
    }

    [Fact]
    public void Special_mask_mode_opens_everything_but_the_masked_line_in_service()
    {
        Raise(3);
        Acknowledge();
        Raise(6);
        Assert.False(_pair.IsAsking);
        Out(0x21, 0x08);
        Out(0x20, 0x68);
        Acknowledge();
        Assert.EndsWith("36", Trace, StringComparison.Ordinal);
        Out(0x20, Eoi); // ends line 6; the masked line 3 stays in service
        Assert.Equal(0x08, ReadRegister(0x20, ReadIsr));
    }

    [Fact]
    public void A_poll_is_an_acknowledgement()
    {
        Raise(6);
        Out(0x20, Poll);
        Assert.Equal(0x86, In(0x20));
        Assert.Equal(0x40, ReadRegister(0x20, ReadIsr));
        Out(0x20, Poll);
        Assert.Equal(0x00, In(0x21));
    }

    [Fact]
    public void After_icw1_a_line_that_is_high_must_rise_anew()
    {
        Raise(5);
        Initialise(icw4: 0x01);
        Assert.Equal(0, ReadRegister(0x20, ReadIrr));
        Lower(5);
        Raise(5);
        Assert.Equal(0x20, ReadRegister(0x20, ReadIrr));
    }

    [Fact]
    public void There_is_no_line_2()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Raise(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Raise(16));
        Assert.Equal(0xFF, In(0x22));
    }
}
