using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Pci;
using Xunit;

namespace Tophalf.Tests.Hardware;

public class MsiTests
{
    [Fact]
    public void Messages_have_the_bits_of_the_manual()
    {
        Assert.Equal(new MsiMessage(0xFEE0_5000, 0x41), MsiMessage.To(5, 0x41));
        Assert.Equal(new MsiMessage(0xFEE0_F004, 0x41), MsiMessage.Encode(new MsiFields(0x41, 0x0F, Logical: true)));
        Assert.Equal(new MsiMessage(0xFEE2_3020, 0x41), MsiMessage.To(0x123, 0x41));
        Assert.Equal(new MsiMessage(0xFEE0_300C, 0xC141), MsiMessage.Encode(
            new MsiFields(0x41, 3, DeliveryMode.LowestPriority, Logical: true, RedirectionHint: true, Level: true, Assert: true)));
    }

    [Fact]
    public void A_redirection_hint_with_a_logical_destination_picks_one()
    {
        Assert.Equal(DeliveryMode.LowestPriority, new MsiMessage(0xFEE0_F00C, 0x41).Decode().Mode);
        Assert.Equal(DeliveryMode.Fixed, new MsiMessage(0xFEE0_F008, 0x41).Decode().Mode);
        Assert.Equal(InterruptMessage.AllIds, new MsiMessage(0xFEEF_F000, 0x41).Decode().Destination);
    }

    [Fact]
    public void Every_legal_data_word_round_trips_and_every_other_is_refused()
    {
        for (uint data = 0; data < 0x1_0000; data++)
        {
            uint mode = data >> 8 & 7, vector = data & 0xFF;
            bool legal = (data & 0x3800) == 0 && mode switch
            {
                0 or 1 => vector is >= 0x10 and <= 0xFE,
                2 => vector == 0,
                4 or 5 or 7 => true,
                _ => false,
            };
            var message = new MsiMessage(0xFEE0_5000, data);
            Assert.Equal(legal, message.TryParse(out MsiFields fields));
            if (legal) Assert.Equal(message, MsiMessage.Encode(fields));
            else if ((data & 0x3800) == 0) Assert.Throws<ArgumentException>(() => MsiMessage.Encode(fields));
        }
    }

    [Fact]
    public void Every_legal_address_round_trips_and_reserved_bits_are_refused()
    {
        for (uint low = 0; low < 1 << 20; low++)
        {
            var message = new MsiMessage(0xFEE0_0000 | low, 0x41);
            bool legal = (low & 0x13) == 0;
            Assert.Equal(legal, message.TryParse(out MsiFields fields));
            if (legal) Assert.Equal(message, MsiMessage.Encode(fields));
        }
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), address =>
            new MsiMessage(address << 20 | 0x5000, 0x41).TryParse(out _) == (address << 20 >> 20 == 0xFEE)).QuickCheckThrowOnFailure();
        Assert.Throws<ArgumentOutOfRangeException>(() => MsiMessage.To(0x8000, 0x41));
    }

    // ---- MSI capability --------------------------------------------------------------------------------------------------------

    private static MsiCapability Capability(Board board, bool is64Bit = true, bool hasMasks = true)
    {
        var msi = new MsiCapability(32, is64Bit, hasMasks, board.Fabric);
        msi.Write32(4, 0xFEE0_0003, 0); // the two low bits do not exist
        msi.Write32(is64Bit ? 12 : 8, 0xABCD_0047, 0);
        msi.Write32(0, 3 << 20 | 1 << 16, 0); // 8 messages
        return msi;
    }

    [Theory]
    [InlineData(false, false, 12, "003a0005 fee00000 00000047")]
    [InlineData(true, false, 16, "00ba0005 fee00000 00000000 00000047")]
    [InlineData(false, true, 20, "013a0005 fee00000 00000047 00000000 00000000")]
    [InlineData(true, true, 24, "01ba0005 fee00000 00000000 00000047 00000000 00000000")]
    public void The_capability_has_the_layout_its_control_word_announces(bool is64Bit, bool hasMasks, int size, string dwords)
    {
        MsiCapability msi = Capability(new Board(), is64Bit, hasMasks);
        msi.Write32(0, 3 << 20, 0);
        Assert.Equal(size, msi.Size);
        Assert.Equal(dwords, string.Join(" ", Enumerable.Range(0, size / 4).Select(i => $"{msi.Read32(i * 4):x8}")));
    }

    [Fact]
    public void A_function_fills_in_the_low_bits_of_the_data_and_shares_messages_it_was_not_given()
    {
        var board = new Board();
        MsiCapability msi = Capability(board);
        foreach (int cause in new[] { 0, 3, 7, 10 })
        {
            msi.Raise(cause, board.Queue.NowPs);
            board.Run(board.Queue.NowPs / 1000 + 1000);
        }
        Assert.Equal([0x40, 0x43, 0x47, 0x42], board.VectorsOf(0)); // cause 10 of 8 messages is 2
    }

    [Fact]
    public void A_masked_message_is_pending_once_and_sent_on_unmask()
    {
        var board = new Board();
        MsiCapability msi = Capability(board);
        msi.Write32(16, 1 << 3, 0);
        msi.Raise(3, 0);
        msi.Raise(3, 0);
        Assert.Equal(8u, msi.Read32(20));
        msi.Write32(20, 0, 0); // read-only
        msi.Write32(16, 0, 0);
        Assert.Equal((0u, 1L), (msi.Read32(20), msi.Sent));
        board.Run(1000);
        Assert.Equal([0x43], board.VectorsOf(0));
    }

    [Fact]
    public void More_messages_than_it_has_are_not_allotted()
    {
        var board = new Board();
        var msi = new MsiCapability(4, is64Bit: false, hasMasks: false, board.Fabric);
        msi.Write32(0, 7 << 20, 0);
        Assert.Equal((4, 0x0024_0005u), (msi.Messages, msi.Read32(0)));
        Assert.Single(board.Logged);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MsiCapability(3, false, false, board.Fabric));
    }

    // ---- MSI-X -----------------------------------------------------------------------------------------------------------------

    private static PciFunction Function(Board board, int entries = 4)
    {
        var function = new PciFunction(new PciAddress(0, 1, 0, 0), entries, board.Fabric);
        for (int i = 0; i < entries; i++) function.Msix.Program(i, MsiMessage.To(0, (byte)(0x40 + i % 128)));
        return function;
    }

    [Fact]
    public void The_configuration_space_lists_msix_and_switches_intx_off()
    {
        PciFunction function = Function(new Board(), MsixTable.MaxEntries);
        ConfigurationSpace space = function.Configuration;
        Assert.Equal((0x0010_0000u, 0x40u, 0x40), (space.Read32(0x04), space.Read32(0x34), space.OffsetOf(0x11)));
        Assert.Equal((0x07FF_0011u, 0u, 0x8000u), (space.Read32(0x40), space.Read32(0x44), space.Read32(0x48)));
        Assert.True(space.MayAssertIntx);
        space.Write32(0x40, 0xFFFF_FFFF, 0);
        Assert.Equal(0xC7FF_0011u, space.Read32(0x40));
        Assert.False(space.MayAssertIntx);
        space.Write32(0x40, 0, 0);
        space.Write32(0x04, 0xFFFF_FFFF, 0);
        Assert.Equal((0x0010_0407u, false), (space.Read32(0x04), space.MayAssertIntx));
    }

    [Fact]
    public void Capabilities_form_a_list()
    {
        var board = new Board();
        var table = new MsixTable(1, board.Fabric);
        var space = new ConfigurationSpace(new MsiCapability(1, true, true, board.Fabric), new MsixCapability(table, 0, 0, 16));
        Assert.Equal((0x60u, 0u), (space.Read32(0x40) >> 8 & 0xFF, space.Read32(0x60) >> 8 & 0xFF));
        Assert.Equal(0x05u, space.Read32(0x40) & 0xFF);
    }

    /// <summary>Linux's order: enable with the function masked, write the entries, open the function, then each entry.</summary>
    [Fact]
    public void Pending_bits_are_replayed_when_both_masks_are_open()
    {
        var board = new Board();
        PciFunction function = Function(board);
        function.Msix.Raise(1, 0); // disabled: not even pending
        function.Configuration.Write32(0x40, 0xC000_0000, 0);
        function.Msix.Raise(1, 0);
        function.Msix.Raise(1, 0);
        Assert.Equal(2u, function.Msix.ReadPending32(0));
        function.Configuration.Write32(0x40, 0x8000_0000, 0);
        Assert.True(function.Msix.IsPending(1)); // its own mask is still set
        function.Msix.Write32(1 * 16 + 12, 0, 0);
        Assert.Equal((0u, 1L), (function.Msix.ReadPending32(0), function.Msix.Sent));
        board.Run(1000);
        Assert.Equal([0x41], board.VectorsOf(0));
    }

    [Fact]
    public void An_entry_never_written_interrupts_nobody()
    {
        var board = new Board();
        var table = new MsixTable(1, board.Fabric) { IsEnabled = true };
        table.SetMask(0, masked: false, 0);
        table.Raise(0, 0);
        board.Run(1000);
        Assert.Equal((0L, 0), (table.Sent, board.Handled.Count));
        Assert.Equal(["MSI-X message to 0x0 reached nobody"], board.Logged);
    }

    [Fact]
    public void All_2048_entries_are_held_and_released()
    {
        var board = new Board { HandlersReturn = false };
        PciFunction function = Function(board, 2048);
        function.Configuration.Write32(0x40, 0xC000_0000, 0);
        for (int i = 0; i < 2048; i++)
        {
            function.Msix.SetMask(i, masked: false, 0);
            function.Msix.Raise(i, 0);
        }
        Assert.Equal(0L, function.Msix.Sent);
        Assert.All(Enumerable.Range(0, 64), i => Assert.Equal(uint.MaxValue, function.Msix.ReadPending32(i * 4)));
        function.Configuration.Write32(0x40, 0x8000_0000, 0);
        Assert.Equal(2048L, function.Msix.Sent);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MsixTable(2049, board.Fabric));
    }

    [Fact]
    public void A_table_holds_what_is_written_less_the_reserved_bits_and_survives_wild_offsets()
    {
        var board = new Board();
        var table = new MsixTable(2, board.Fabric);
        for (int offset = 0; offset < 32; offset += 4) table.Write32(offset, uint.MaxValue, 0);
        Assert.Equal("fffffffc ffffffff ffffffff 00000001", string.Join(" ", Enumerable.Range(0, 4).Select(i => $"{table.Read32(16 + i * 4):x8}")));
        foreach (int offset in new[] { -4, 2, 32, int.MaxValue, int.MinValue })
        {
            table.Write32(offset, 0, 0);
            Assert.Equal((0u, 0u), (table.Read32(offset), table.ReadPending32(Math.Abs(offset | 1))));
        }
    }
}
