using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Processors;
using Xunit;

namespace Tophalf.Tests.Hardware;

public class IpiTests
{
    private static void Send(Board board, uint low, uint high = 0, int from = 0)
    {
        board.Cpus[from].Apic.Write(LocalApic.IcrHighOffset, high, board.Queue.NowPs);
        board.Cpus[from].Apic.Write(LocalApic.IcrOffset, low, board.Queue.NowPs);
        board.Queue.RunUntil(board.Queue.NowPs + 10_000_000);
    }

    private static string Receivers(Board board) => string.Join(" ", board.Handled.Select(entry => $"{entry.Cpu}:{entry.Vector:x2}").Order());

    [Theory]
    [InlineData(0x0000_00FD, 0x0300_0000, "3:fd")]                 // physical, as Linux writes it: level bit 0
    [InlineData(0x0000_40FD, 0x0300_0000, "3:fd")]                 // and with level bit 1
    [InlineData(0x0000_00FD, 0xFF00_0000, "0:fd 1:fd 2:fd 3:fd")]  // broadcast
    [InlineData(0x0004_00FD, 0x0300_0000, "0:fd")]                 // self
    [InlineData(0x0008_00FD, 0x0300_0000, "0:fd 1:fd 2:fd 3:fd")]  // all including self
    [InlineData(0x000C_00FD, 0x0000_0000, "1:fd 2:fd 3:fd")]       // all excluding self
    [InlineData(0x0000_08FD, 0x0A00_0000, "1:fd 3:fd")]            // logical flat
    [InlineData(0x000C_0400, 0x0000_0000, "1:02 2:02 3:02")]       // NMI to the others
    [InlineData(0x0000_0400, 0x0200_0000, "2:02")]
    [InlineData(0x0000_00FD, 0x0900_0000, "")]                     // nobody has this id
    [InlineData(0x0004_0400, 0x0000_0000, "")]                     // NMI to self: forbidden
    [InlineData(0x0008_0400, 0x0000_0000, "")]                     // NMI to all including self: forbidden
    [InlineData(0x0000_0300, 0x0100_0000, "")]                     // reserved delivery modes
    [InlineData(0x0000_0700, 0x0100_0000, "")]
    public void An_icr_write_reaches(uint low, uint high, string receivers)
    {
        var board = new Board(4);
        for (int i = 0; i < 4; i++) board.Cpus[i].Apic.Write(LocalApic.LdrOffset, 1u << 24 + i, 0);
        Send(board, low, high);
        Assert.Equal(receivers, Receivers(board));
        Assert.Equal(receivers == "", board.Log.Count == 1);
    }

    [Fact]
    public void Cluster_model_names_a_cluster_and_its_members()
    {
        var board = new Board(4);
        uint[] ids = [0x11, 0x12, 0x21, 0x24];
        for (int i = 0; i < 4; i++)
        {
            board.Cpus[i].Apic.Write(LocalApic.DfrOffset, 0x0FFF_FFFF, 0);
            board.Cpus[i].Apic.Write(LocalApic.LdrOffset, ids[i] << 24, 0);
        }
        Send(board, 0x0000_08FD, 0x2500_0000);
        Assert.Equal("2:fd 3:fd", Receivers(board));
    }

    [Fact]
    public void X2apic_sends_with_one_write_and_addresses_by_cluster()
    {
        var board = new Board(20);
        foreach (Processor cpu in board.Cpus) Assert.True(cpu.Apic.TryWriteMsr(ApicBase.Msr, 0xFEE0_0C00, 0));
        board.Apic.TryWriteMsr(0x830, 0x0000_0003_0000_00FD, 0);
        board.Apic.TryWriteMsr(0x830, 0x0001_0005_0000_08FC, 0);
        board.Apic.TryWriteMsr(0x83F, 0x41, 0);
        board.Run(10_000);
        Assert.Equal("0:41 16:fc 18:fc 3:fd", Receivers(board));
    }

    [Fact]
    public void X2apic_broadcast_is_all_ones_and_255_is_only_an_id()
    {
        var board = new Board(2);
        foreach (Processor cpu in board.Cpus) cpu.Apic.TryWriteMsr(ApicBase.Msr, 0xFEE0_0C00, 0);
        board.Apic.TryWriteMsr(0x830, 0x0000_00FF_0000_00FD, 0);
        board.Run(1000);
        Assert.Equal("", Receivers(board));
        board.Apic.TryWriteMsr(0x830, 0xFFFF_FFFF_0000_00FD, board.Queue.NowPs);
        board.Run(2000);
        Assert.Equal("0:fd 1:fd", Receivers(board));
    }

    [Fact]
    public void An_illegal_vector_is_not_sent_and_raises_the_error_interrupt_once()
    {
        var board = new Board(2);
        board.Apic.Write(LocalApic.LvtErrorOffset, 0xFE, 0);
        Send(board, 0x0F, 0x0100_0000);
        Send(board, 0x0E, 0x0100_0000);
        Assert.Equal("0:fe", Receivers(board));
        board.Apic.Write(LocalApic.EsrOffset, 0, 0);
        Assert.Equal(0x20u, board.Apic.Read(LocalApic.EsrOffset, 0));
        Send(board, 0x0F, 0x0100_0000); // armed again by the write
        Assert.Equal("0:fe 0:fe", Receivers(board));
    }

    [Fact]
    public void Lowest_priority_goes_to_the_idlest_and_equals_take_turns()
    {
        var board = new Board(3);
        board.Cpus[1].Apic.Write(LocalApic.TprOffset, 0x20, 0);
        for (int i = 0; i < 4; i++) Send(board, 0x0000_01FD, 0xFF00_0000);
        Assert.Equal([0, 2, 0, 2], board.Handled.Select(entry => entry.Cpu));
    }

    [Fact]
    public void Lowest_priority_to_the_others_picks_one_of_them()
    {
        var board = new Board(3);
        Send(board, 0x000C_01FD);
        Assert.Equal("1:fd", Receivers(board));
    }

    [Fact]
    public void Linux_boots_a_processor_with_init_and_two_startups()
    {
        var board = new Board(2);
        Processor second = board.Cpus[1];
        int started = 0;
        board.Code.Place(0x9A000, (cpu, vector, _) => started += cpu.Index * vector);
        Send(board, 0x0000_C500, 0x0100_0000);
        Assert.Equal((ActivityState.WaitForSipi, 0xFFFF), (second.Activity, second.Idtr.Limit));
        Send(board, 0x0000_8500, 0x0100_0000); // de-assert: nothing happens
        Send(board, 0x0000_00FD, 0x0100_0000); // its APIC is reset, and disabled
        Send(board, 0x0000_0400, 0x0100_0000); // an NMI waits
        Assert.Empty(board.Handled);
        Send(board, 0x0000_069A, 0x0100_0000);
        Assert.Equal((ActivityState.Active, (ushort)0x9A00, 0ul), (second.Activity, second.Cs, second.Rip));
        Send(board, 0x0000_069B, 0x0100_0000); // the second start-up finds it running
        Assert.Equal(0x9A, started);
    }

    [Fact]
    public void Init_sends_the_bootstrap_processor_to_the_reset_vector()
    {
        var board = new Board(2);
        Send(board, 0x0000_C500, 0x0000_0000, from: 1);
        Assert.Equal((ActivityState.Active, 0xFFF0ul, (ushort)0xF000), (board.Cpu.Activity, board.Cpu.Rip, board.Cpu.Cs));
        Assert.False(board.Cpu.InterruptFlag);
    }

    [Fact]
    public void The_delivery_status_is_pending_while_the_message_flies()
    {
        var board = new Board(2);
        board.Apic.Write(LocalApic.IcrHighOffset, 0x0100_0000, 0);
        board.Apic.Write(LocalApic.IcrOffset, 0xFD, 0);
        Assert.Equal(0x10FDu, board.Apic.Read(LocalApic.IcrOffset, 0));
        board.Run(10_000);
        Assert.Equal(0xFDu, board.Apic.Read(LocalApic.IcrOffset, board.Queue.NowPs));
    }

    /// <summary>Every low half there is, by mode, shorthand, level and trigger, held against the manual's table.</summary>
    [Fact]
    public void The_valid_commands_are_those_of_the_manuals_table()
    {
        var rows = new List<string>();
        foreach (IpiShorthand shorthand in Enum.GetValues<IpiShorthand>())
        {
            string row = "";
            for (int mode = 0; mode < 8; mode++)
            {
                byte vector = (byte)(mode == 2 ? 0 : 0x41);
                row += InterruptCommand.Create(vector, (DeliveryMode)mode, assert: true, shorthand: shorthand).Verdict == IpiVerdict.Send ? "#" : ".";
            }
            rows.Add($"{shorthand,-17}{row}");
        }
        // delivery mode       01234567
        Assert.Equal("""
            None             ###.###.
            Self             #.......
            AllIncludingSelf #.......
            AllExcludingSelf ###.###.
            """, string.Join("\n", rows));
    }
}
