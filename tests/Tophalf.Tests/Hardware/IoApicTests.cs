using Tophalf.Hardware.Controllers;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Hardware;

public class IoApicTests
{
    private const uint Index = IoApic.IndexOffset, Window = IoApic.WindowOffset;

    private static uint ReadIndexed(IoApic ioApic, uint index)
    {
        ioApic.Write(Index, index, 0);
        return ioApic.Read(Window);
    }

    private static void WriteIndexed(IoApic ioApic, uint index, uint value, long nowPs = 0)
    {
        ioApic.Write(Index, index, nowPs);
        ioApic.Write(Window, value, nowPs);
    }

    [Fact]
    public void Registers_read_after_reset_and_after_a_write()
    {
        var board = new Board();
        IoApic ioApic = board.IoApic;
        Assert.Equal((0u, 0x0017_0020u, 0u), (ReadIndexed(ioApic, 0), ReadIndexed(ioApic, 1), ReadIndexed(ioApic, 2)));
        Assert.Equal((0x0001_0000u, 0u), (ReadIndexed(ioApic, 0x1A), ReadIndexed(ioApic, 0x1B)));
        WriteIndexed(ioApic, 0, 0xFFFF_FFFF);
        Assert.Equal((0x0F00_0000u, 0x0F00_0000u), (ReadIndexed(ioApic, 0), ReadIndexed(ioApic, 2)));
        WriteIndexed(ioApic, 0x1A, 0x0001_A041);
        WriteIndexed(ioApic, 0x1B, 0x0300_0000);
        Assert.Equal(RedirectionEntry.Create(0x41, 3, level: true, activeLow: true, masked: true), ioApic[5]);
        Assert.Equal(0x0017_0011u, ReadIndexed(new IoApic(1, 24, board.Fabric, IoApic.Version82093Aa), 1));
    }

    [Fact]
    public void Accesses_outside_the_map_do_nothing_and_are_logged()
    {
        var board = new Board();
        WriteIndexed(board.IoApic, 0x01, 5);
        WriteIndexed(board.IoApic, 0x03, 1);
        Assert.Equal(0u, ReadIndexed(board.IoApic, 0xFF));
        Assert.Equal(0u, board.IoApic.Read(0x20));
        Assert.Equal(
            [
                "write of 0x5 to version at 0x1, which is read-only",
                "write of 0x1 to boot configuration at 0x3, which is reserved",
                "read of indexed register at 0xff, which is reserved",
                "read of pin assertion at 0x20, which is reserved",
            ],
            board.Logged);
    }

    [Fact]
    public void Software_cannot_write_delivery_status_and_remote_irr()
    {
        foreach (ulong held in new ulong[] { 0, 1ul << 14 })
        {
            var entry = new RedirectionEntry(0x0300_0000_0000_A041 | held);
            Assert.Equal(entry, entry.WrittenBy(entry.Raw ^ (1ul << 14 | 1ul << 12)));
        }
        Assert.Equal(0x0300_0000_0000_E041ul, RedirectionEntry.Create(0x41, 3, level: true, activeLow: true, masked: false).WithRemoteIrr(true).Raw);
    }

    /// <summary>
    /// Every trigger × polarity × mask × remote IRR × voltage before × voltage after: does the pin send, and what is remote IRR then?
    /// The rule is written a second time here, as the data sheet has it.
    /// </summary>
    [Fact]
    public void A_pin_sends_exactly_when_the_data_sheet_says()
    {
        for (int bits = 0; bits < 64; bits++)
        {
            bool level = (bits & 1) != 0, activeLow = (bits & 2) != 0, masked = (bits & 4) != 0;
            bool remoteIrr = (bits & 8) != 0, before = (bits & 16) != 0, after = (bits & 32) != 0;
            if (remoteIrr && !level) continue; // an edge entry has none
            var board = new Board { HandlersReturn = false };
            PutInState(board, level, activeLow, remoteIrr, before);
            long already = board.Apic.Accepted;
            RedirectionEntry entry = board.IoApic[4];
            Assert.Equal((remoteIrr, before != activeLow), (entry.RemoteIrr, board.IoApic.IsActive(4)));
            board.IoApic.WriteEntry(4, entry.Raw & ~(1ul << 16) | (masked ? 1ul << 16 : 0), board.Queue.NowPs);
            bool onUnmask = level && !masked && !remoteIrr && before != activeLow;
            Assert.Equal(onUnmask || remoteIrr, board.IoApic[4].RemoteIrr);
            remoteIrr |= onUnmask;
            board.IoApic.SetVoltage(4, after, board.Queue.NowPs);
            bool onChange = !masked && (level ? !remoteIrr && after != activeLow : before == activeLow && after != activeLow);
            board.Run(2000);
            Assert.Equal((onUnmask ? 1 : 0) + (onChange ? 1 : 0), board.Apic.Accepted - already);
            Assert.Equal(remoteIrr || (onChange && level), board.IoApic[4].RemoteIrr);
        }
    }

    private static void PutInState(Board board, bool level, bool activeLow, bool remoteIrr, bool high)
    {
        ulong entry = RedirectionEntry.Create(0x41, 0, level, activeLow, masked: true).Raw;
        board.IoApic.SetVoltage(4, high: activeLow, 0); // inactive
        board.IoApic.WriteEntry(4, entry, 0);
        if (remoteIrr)
        {
            board.IoApic.SetVoltage(4, high: !activeLow, 0);
            board.IoApic.WriteEntry(4, entry & ~(1ul << 16), 0);
            board.IoApic.WriteEntry(4, entry, 0);
        }
        board.IoApic.SetVoltage(4, high, 0);
        board.Run(1000);
    }

    [Fact]
    public void A_line_turned_over_by_its_polarity_bit_is_an_edge()
    {
        var board = new Board();
        board.IoApic.SetVoltage(4, high: false, 0);
        board.IoApic.WriteEntry(4, RedirectionEntry.Create(0x41, 0, level: false, activeLow: false, masked: false).Raw, 0);
        board.IoApic.WriteEntry(4, RedirectionEntry.Create(0x41, 0, level: false, activeLow: true, masked: false).Raw, 0);
        board.Run(1000);
        Assert.Equal([0x41], board.VectorsOf(0));
    }

    [Fact]
    public void Level_line_held_high_is_delivered_again_after_eoi()
    {
        var board = new Board();
        board.IoApic.WriteEntry(9, RedirectionEntry.Create(0x59, 0, level: true, activeLow: false, masked: false).Raw, 0);
        board.SetLine(9, active: true);
        board.Run(500);
        board.SetLine(9, active: false);
        board.Run(1000);
        Assert.Equal("""
               0  .     pin 9 ↑  rirr=1
             150  H 59  cpu0
             280  E 59  cpu0
             430  H 59  cpu0
             500  .     pin 9 ↓  rirr=1
             560  E 59  cpu0
            """, board.Picture);
        Assert.False(board.IoApic[9].RemoteIrr);
    }

    [Fact]
    public void An_edge_while_masked_is_lost_and_a_level_is_not()
    {
        var board = new Board();
        foreach (int pin in new[] { 4, 9 })
        {
            RedirectionEntry entry = RedirectionEntry.Create((byte)(0x40 + pin), 0, level: pin == 9, activeLow: false, masked: true);
            board.IoApic.WriteEntry(pin, entry.Raw, 0);
            board.IoApic.SetLine(pin, active: true, 0);
            board.IoApic.WriteEntry(pin, entry.Raw & ~(1ul << 16), 0);
        }
        board.Run(200);
        Assert.Equal([0x49], board.VectorsOf(0));
    }

    [Fact]
    public void Suppressed_broadcast_leaves_remote_irr_to_the_eoi_register()
    {
        var board = new Board();
        board.Apic.Write(LocalApic.SvrOffset, 0x11FF, 0);
        board.IoApic.WriteEntry(9, RedirectionEntry.Create(0x59, 0, level: true, activeLow: false, masked: false).Raw, 0);
        board.IoApic.SetLine(9, active: true, 0);
        board.Run(1000);
        Assert.Equal([0x59], board.VectorsOf(0));
        Assert.True(board.IoApic[9].RemoteIrr);
        board.IoApic.Write(IoApic.EoiOffset, 0x59, board.Queue.NowPs);
        board.Run(2000);
        Assert.Equal([0x59, 0x59], board.VectorsOf(0));
    }

    [Fact]
    public void Mask_and_edge_then_unmask_and_level_ends_an_interrupt_without_an_eoi_register()
    {
        var board = new Board(ioApicVersion: IoApic.Version82093Aa);
        board.Apic.Write(LocalApic.SvrOffset, 0x11FF, 0); // nobody broadcasts
        ulong level = RedirectionEntry.Create(0x59, 0, level: true, activeLow: false, masked: false).Raw;
        board.IoApic.WriteEntry(9, level, 0);
        board.IoApic.SetLine(9, active: true, 0);
        board.Run(1000);
        board.IoApic.Write(IoApic.EoiOffset, 0x59, board.Queue.NowPs); // this part has no such register
        Assert.True(board.IoApic[9].RemoteIrr);
        board.IoApic.WriteEntry(9, level & ~(1ul << 15) | 1ul << 16, board.Queue.NowPs);
        Assert.False(board.IoApic[9].RemoteIrr);
        board.IoApic.WriteEntry(9, level, board.Queue.NowPs);
        board.Run(1200);
        Assert.Equal([0x59, 0x59], board.VectorsOf(0));
        Assert.Equal(["write of 0x59 to EOI at 0x40, which is reserved"], board.Logged);
    }

    [Fact]
    public void An_eoi_frees_every_pin_that_shares_the_vector_on_every_io_apic()
    {
        var board = new Board();
        var second = new IoApic(1, 24, board.Fabric);
        ulong entry = RedirectionEntry.Create(0x59, 0, level: true, activeLow: false, masked: false).Raw;
        board.IoApic.WriteEntry(9, entry, 0);
        second.WriteEntry(3, entry, 0);
        board.IoApic.SetLine(9, active: true, 0);
        second.SetLine(3, active: true, 0);
        board.Run(160);
        Assert.True(board.IoApic[9].RemoteIrr && second[3].RemoteIrr);
        board.IoApic.SetLine(9, active: false, board.Queue.NowPs);
        second.SetLine(3, active: false, board.Queue.NowPs);
        board.Run(1000);
        Assert.False(board.IoApic[9].RemoteIrr || second[3].RemoteIrr);
    }

    [Theory]
    [InlineData(2, "SystemManagement")]
    [InlineData(4, "02")]
    [InlineData(5, "reset")]
    [InlineData(7, "30")]
    [InlineData(3, "nothing")]
    [InlineData(6, "nothing")]
    public void Other_delivery_modes_are_edges_without_remote_irr(int mode, string result)
    {
        var board = new Board();
        board.Fabric.ExternalAcknowledge = _ => 0x30;
        board.IoApic.WriteEntry(0, (uint)mode << 8 | 1 << 15, 0);
        board.IoApic.SetLine(0, active: true, 0);
        board.Run(200);
        Assert.False(board.IoApic[0].RemoteIrr);
        string seen = board.Handled.Count > 0 ? $"{board.Handled[0].Vector:x2}"
            : board.Cpu.Rip == 0xFFF0 ? "reset"
            : board.Cpu.SmiCount > 0 ? $"{board.Cpu.Activity}"
            : "nothing";
        Assert.Equal(result, seen);
    }

    [Fact]
    public void A_wide_destination_reaches_ids_above_255()
    {
        var board = new Board();
        var entry = new RedirectionEntry(0x41 | 0x23ul << 56 | 1ul << 49);
        Assert.Equal(0x123u, entry.ToMessage().Destination);
        Assert.Equal(InterruptMessage.AllIds, RedirectionEntry.Create(0x41, 0xFF, level: false, activeLow: false, masked: false).ToMessage().Destination);
        Assert.Equal(0ul, entry.ReservedBitsSet);
        Assert.Equal(0, board.Log.Count);
    }

    [Fact]
    public void Gsis_find_their_pin_and_isa_irqs_follow_the_overrides_of_the_madt()
    {
        var board = new Board();
        var router = new GsiRouter();
        var second = new IoApic(1, 24, board.Fabric);
        router.Add(board.IoApic);
        router.Add(second);
        router.Override(0, new GsiRoute(2, IsLevel: false, IsActiveLow: false));
        Assert.True(router.TryFind(25, out IoApic found, out int pin));
        Assert.Same(second, found);
        Assert.Equal(1, pin);
        Assert.True(router.SetIsaLine(0, active: true, 0));
        Assert.True(router.SetIsaLine(4, active: true, 0));
        Assert.Equal([2, 4], Enumerable.Range(0, 24).Where(board.IoApic.IsActive));
        Assert.False(router.TryFind(48, out _, out _));
        Assert.Throws<ArgumentException>(() => router.Add(new IoApic(2, 40, board.Fabric)));
    }

    [Fact]
    public void The_way_of_a_device_interrupt_allocates_nothing()
    {
        var board = new Board();
        var cpu = board.Cpu;
        board.Code.Place(Board.HandlerOf(0x59), (on, _, nowPs) =>
        {
            board.IoApic.SetLine(9, active: false, nowPs);
            on.Apic.EndOfInterrupt(nowPs);
            on.InterruptReturn();
        });
        board.IoApic.WriteEntry(9, RedirectionEntry.Create(0x59, 0, level: true, activeLow: false, masked: false).Raw, 0);
        Interrupt(board, 100);
        Allocation.IsNone(() =>
        {
            Interrupt(board, 10_000);
            return 10_000;
        });
        Assert.Equal(10_100, cpu.Apic.Acknowledged);
    }

    private static void Interrupt(Board board, int times)
    {
        for (int i = 0; i < times; i++)
        {
            board.IoApic.SetLine(9, active: true, board.Queue.NowPs);
            board.Queue.RunUntil(board.Queue.NowPs + SimTime.Microsecond);
        }
    }
}
