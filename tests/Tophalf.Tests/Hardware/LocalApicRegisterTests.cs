using Tophalf.Hardware.Controllers;
using Xunit;

namespace Tophalf.Tests.Hardware;

public class LocalApicRegisterTests
{
    private const ulong XApicBase = 0xFEE0_0900, X2ApicBase = 0xFEE0_0D00;

    private static Board InX2ApicMode(int processors = 1)
    {
        var board = new Board(processors);
        foreach (var cpu in board.Cpus)
        {
            Assert.True(cpu.Apic.TryReadMsr(ApicBase.Msr, 0, out ulong value));
            Assert.True(cpu.Apic.TryWriteMsr(ApicBase.Msr, value | 0xC00, 0));
        }
        return board;
    }

    [Fact]
    public void The_page_after_reset_reads_as_the_manual_says()
    {
        var board = new Board();
        string[] shownElsewhere = ["ISR", "TMR", "IRR", "SVR"]; // the board has written SVR
        string page = string.Join("\n", LocalApicMap.Registers
            .Where(register => (register.XApic & RegisterAccess.R) != 0 && !shownElsewhere.Contains(register.Name[..Math.Min(3, register.Name.Length)]))
            .Select(register => $"{register.Offset:x3} {register.Name,-16}{board.Apic.Read(register.Offset, 0):x8}"));
        Assert.Equal("""
            020 ID              00000000
            030 version         01060015
            080 TPR             00000000
            090 APR             00000000
            0a0 PPR             00000000
            0c0 RRD             00000000
            0d0 LDR             00000000
            0e0 DFR             ffffffff
            280 ESR             00000000
            2f0 LVT CMCI        00010000
            300 ICR             00000000
            310 ICR high        00000000
            320 LVT timer       00010000
            330 LVT thermal     00010000
            340 LVT performance 00010000
            350 LVT LINT0       00010000
            360 LVT LINT1       00010000
            370 LVT error       00010000
            380 initial count   00000000
            390 current count   00000000
            3e0 divide          00000000
            """, page);
        Assert.Equal(0, board.Log.Count);
    }

    [Fact]
    public void Every_register_keeps_its_writable_bits_and_no_other()
    {
        foreach (LocalApicRegister register in LocalApicMap.Registers.Where(register => register.XApic == RegisterAccess.RW))
        {
            if (register.Offset is LocalApic.EsrOffset or LocalApic.IcrOffset or LocalApic.TimerInitialOffset) continue;
            var board = new Board();
            board.Apic.Write(register.Offset, uint.MaxValue, 0);
            uint read = board.Apic.Read(register.Offset, 0);
            uint expected = register.Offset switch
            {
                LocalApic.DfrOffset => uint.MaxValue,
                LocalApic.LvtLint1Offset => register.Writable & ~LvtEntry.LevelBit,
                _ => register.Writable,
            };
            Assert.Equal(expected, read);
        }
    }

    [Fact]
    public void A_register_outside_the_map_sets_esr_bit_7_and_is_logged()
    {
        var board = new Board();
        board.Apic.Write(0x040, 0x12, 0);
        Assert.Equal(0u, board.Apic.Read(0x3F0, 0));
        Assert.Equal(0u, board.Apic.Read(LocalApic.EsrOffset, 0)); // not latched yet
        board.Apic.Write(LocalApic.EsrOffset, 0, 0);
        Assert.Equal(0x80u, board.Apic.Read(LocalApic.EsrOffset, 0));
        board.Apic.Write(LocalApic.EsrOffset, 0, 0);
        Assert.Equal(0u, board.Apic.Read(LocalApic.EsrOffset, 0));
        Assert.Equal(["write of 0x12 to a register outside the map at 0x40, which is reserved", "read of self IPI at 0x3f0, which is reserved"], board.Logged);
    }

    [Fact]
    public void Read_only_write_only_reserved_and_misaligned_accesses_are_logged_by_name()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.PprOffset, 0x44, 0);
        board.Apic.Read(LocalApic.EoiOffset, 0);
        board.Apic.Write(LocalApic.TprOffset, 0x120, 0);
        board.Apic.Read(0x084, 0);
        Assert.Equal(
            [
                "write of 0x44 to PPR at 0xa0, which is read-only",
                "read of EOI at 0xb0, which is write-only",
                "write to TPR at 0x80 with reserved bits 0x100",
                "access to TPR at 0x84, which is not aligned",
            ],
            board.Logged);
        Assert.Equal(0x20u, board.Apic.Read(LocalApic.TprOffset, 0));
    }

    /// <summary>Columns: written EN, EXTD. A dot is #GP(0), a letter the mode after.</summary>
    [Fact]
    public void Mode_transitions_are_those_of_the_manual()
    {
        var rows = new List<string>();
        foreach (ulong from in new ulong[] { 0xFEE0_0100, XApicBase, X2ApicBase })
        {
            string row = "";
            foreach (ulong bits in new ulong[] { 0x000, 0x400, 0x800, 0xC00 })
                row += new ApicBase(from).TryWrite(0xFEE0_0000 | bits, out ApicBase to) ? "D?x2"[(int)to.Mode] : '.';
            rows.Add($"{new ApicBase(from).Mode,-9}{row}");
        }
        Assert.Equal("""
            Disabled D.x.
            XApic    D.x2
            X2Apic   D..2
            """, string.Join("\n", rows));
    }

    [Fact]
    public void The_bsp_bit_is_kept_and_reserved_base_bits_fault()
    {
        Assert.True(new ApicBase(XApicBase).TryWrite(0xFEE0_0800, out ApicBase written));
        Assert.Equal(XApicBase, written.Raw);
        Assert.False(new ApicBase(XApicBase).TryWrite(XApicBase | 1, out _));
        Assert.False(new ApicBase(XApicBase).TryWrite(XApicBase | 1ul << 52, out _));
    }

    [Fact]
    public void X2apic_registers_are_msrs_and_the_page_is_gone()
    {
        Board board = InX2ApicMode(0x26);
        LocalApic apic = board.Cpus[0x25].Apic;
        Assert.True(apic.TryReadMsr(0x802, 0, out ulong id));
        Assert.True(apic.TryReadMsr(0x80D, 0, out ulong ldr));
        Assert.Equal((0x25ul, 0x0002_0020ul), (id, ldr));
        Assert.Equal(uint.MaxValue, apic.Read(LocalApic.IdOffset, 0));
        apic.Write(LocalApic.TprOffset, 0x50, 0);
        Assert.Equal(0u, apic.Cr8);
    }

    [Theory]
    [InlineData(0x809, false)] // APR
    [InlineData(0x80E, false)] // DFR
    [InlineData(0x831, false)] // ICR high
    [InlineData(0x80B, false)] // EOI cannot be read
    [InlineData(0x83F, false)] // nor SELF IPI
    [InlineData(0x8FF, false)]
    [InlineData(0x80A, true)]
    public void X2apic_reads_outside_the_map_fault(uint msr, bool allowed) => Assert.Equal(allowed, InX2ApicMode().Apic.TryReadMsr(msr, 0, out _));

    [Theory]
    [InlineData(0x802, 0, false)]           // ID is read-only
    [InlineData(0x80D, 0, false)]           // LDR too
    [InlineData(0x80B, 0, true)]
    [InlineData(0x80B, 1, false)]           // EOI takes zero only
    [InlineData(0x828, 0, true)]
    [InlineData(0x828, 1, false)]           // and ESR
    [InlineData(0x808, 0x100, false)]
    [InlineData(0x808, 0x1_0000_0000, false)]
    [InlineData(0x832, 0x0004_00EC, true)]
    [InlineData(0x832, 0x0008_00EC, false)]
    [InlineData(0x830, 0x0000_2041, false)] // ICR bit 13
    [InlineData(0x83F, 0x41, true)]
    [InlineData(0x83F, 0x141, false)]
    public void X2apic_writes_of_reserved_bits_fault(uint msr, ulong value, bool allowed) =>
        Assert.Equal(allowed, InX2ApicMode().Apic.TryWriteMsr(msr, value, 0));

    [Fact]
    public void X2apic_msrs_fault_in_xapic_mode_and_the_processor_takes_gp_0()
    {
        var board = new Board();
        board.Cpu.WriteMsr(0x808, 0x20, 0);
        Assert.Equal([13], board.VectorsOf(0));
        Assert.Equal(0ul, board.Memory.Read64(board.Cpu.Rsp)); // error code
        Assert.Equal(["#GP(0): TPR 0x808, value 0x20"], board.Logged);
    }

    [Fact]
    public void Disabling_forgets_everything_but_the_id()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.TprOffset, 0x30, 0);
        board.Apic.Write(LocalApic.LdrOffset, 0x0100_0000, 0);
        Assert.True(board.Apic.TryWriteMsr(ApicBase.Msr, 0xFEE0_0000, 0));
        board.Fabric.SendDeviceMessage(new InterruptMessage(0x41, 0), 0);
        board.Run(1000);
        Assert.Equal(1, board.Fabric.Undeliverable);
        Assert.True(board.Apic.TryWriteMsr(ApicBase.Msr, 0xFEE0_0800, 0));
        Assert.Equal((0u, 0u, 0xFFu), (board.Apic.Read(LocalApic.TprOffset, 0), board.Apic.Read(LocalApic.LdrOffset, 0), board.Apic.Read(LocalApic.SvrOffset, 0)));
    }

    [Fact]
    public void Software_disable_masks_every_lvt_entry_for_as_long_as_it_lasts()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0002_00EC, 0);
        board.Apic.Write(LocalApic.SvrOffset, 0x0FF, 0);
        Assert.Equal(0x0003_00ECu, board.Apic.Read(LocalApic.LvtTimerOffset, 0));
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0002_00EC, 0);
        Assert.Equal(0x0003_00ECu, board.Apic.Read(LocalApic.LvtTimerOffset, 0));
        board.Apic.Write(LocalApic.SvrOffset, 0x1FF, 0);
        board.Apic.Write(LocalApic.LvtTimerOffset, 0x0002_00EC, 0);
        Assert.Equal(0x0002_00ECu, board.Apic.Read(LocalApic.LvtTimerOffset, 0));
    }

    [Fact]
    public void Software_disabled_takes_no_fixed_interrupt_but_nmi_and_what_was_pending()
    {
        var board = new Board();
        board.Cpu.DisableInterrupts();
        board.Apic.Accept(new InterruptMessage(0x41, 0), 0);
        board.Apic.Write(LocalApic.SvrOffset, 0x0FF, 0);
        board.Apic.Accept(new InterruptMessage(0x51, 0), 0);
        board.Cpu.EnableInterrupts(0);
        board.Apic.Accept(new InterruptMessage(0, 0, Mode: DeliveryMode.Nmi), 0);
        Assert.Equal([0x41, 2], board.VectorsOf(0));
    }
}
