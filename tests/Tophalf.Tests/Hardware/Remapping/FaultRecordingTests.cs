using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Xunit;
using R = Tophalf.Hardware.Controllers.Remapping.RemappingRegisters;

namespace Tophalf.Tests.Hardware.Remapping;

public class FaultRecordingTests
{
    private const ushort Nic = RemappingBoard.Nic;

    [Fact]
    public void A_record_is_read_back_as_written() =>
        Prop.ForAll(Gen.Choose(0, 255).ToArbitrary(), Gen.Choose(0, 0xFFFF).ToArbitrary(), Gen.Choose(0, 0xFFFF).ToArbitrary(), (reason, requester, index) =>
        {
            FaultRecord record = FaultRecord.Of((RemapFault)reason, (ushort)requester, (ushort)index);
            return record.IsRecorded && (int)record.Reason == reason && record.RequesterId == requester && record.Index == index
                && record.Cleared() is { IsRecorded: false } cleared && cleared.Reason == record.Reason && cleared.RequesterId == record.RequesterId;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_record_of_a_foreign_write_has_these_bits()
    {
        FaultRecord record = FaultRecord.Of(RemapFault.SourceId, 0x0300, 0x20);
        Assert.Equal("8000002600000300 0020000000000000", $"{record.High:x16} {record.Low:x16}");
    }

    [Fact]
    public void The_ninth_fault_overflows_and_nothing_is_recorded_until_software_clears_it()
    {
        var board = new RemappingBoard();
        for (ushort i = 0; i < 10; i++) board.Ask(Nic, i);

        Assert.Equal(R.FaultPending | R.FaultOverflow, board.FaultStatus);
        Assert.Equal(2, board.Unit.FaultsLost);
        Assert.Equal(Enumerable.Range(0, 8), Enumerable.Range(0, 8).Select(i => (int)board.Record(i).Index));

        // One register is free again, but overflow still holds everything back.
        board.Unit.Write(R.FaultRecords + 12, 1u << 31, 0);
        board.Ask(Nic, 0x55);
        Assert.Equal(3, board.Unit.FaultsLost);

        board.Unit.Write(R.FaultStatus, R.FaultOverflow, 0);
        board.Ask(Nic, 0x66);
        Assert.Equal(0x66, board.Record(0).Index);
        Assert.Equal(3, board.Unit.FaultsLost);
    }

    [Fact]
    public void Linux_reports_the_eight_it_finds_and_the_ring_goes_on_where_it_was()
    {
        var board = new RemappingBoard();
        for (ushort i = 0; i < 3; i++) board.Ask(Nic, i);
        Assert.StartsWith("DMAR: DRHD: handling fault status reg 2\n", board.KernelLog());

        for (ushort i = 0x10; i < 0x20; i++) board.Ask(Nic, i);
        string[] log = board.KernelLog().Split('\n');
        Assert.Equal("DMAR: DRHD: handling fault status reg 303", log[0]);
        Assert.Equal(Enumerable.Range(0x10, 8).Select(i => $"index 0x{i:x}"), log[1..].Select(line => line.Split("fault ")[1].Split(" [")[0]));
        Assert.Equal(0u, board.FaultStatus);
    }

    [Fact]
    public void Only_the_first_fault_interrupts()
    {
        var board = new RemappingBoard();
        board.EnableFaultEvent();
        board.Ask(Nic, 1);
        board.Ask(Nic, 2);
        Assert.Equal(new InterruptMessage(0x22, 0), Assert.Single(board.Events));

        board.KernelLog();
        board.Ask(Nic, 3);
        Assert.Equal(2, board.Events.Count);
    }

    [Fact]
    public void A_masked_event_waits_and_is_sent_on_unmask()
    {
        var board = new RemappingBoard();
        board.Ask(Nic, 1);
        Assert.Equal(R.EventMasked | R.EventPending, board.Unit.Read(R.FaultEvent));
        Assert.Empty(board.Events);

        board.EnableFaultEvent();
        Assert.Single(board.Events);
        Assert.Equal(0u, board.Unit.Read(R.FaultEvent));
    }

    [Fact]
    public void An_event_whose_cause_software_cleared_meanwhile_is_not_sent()
    {
        var board = new RemappingBoard();
        board.Ask(Nic, 1);
        board.KernelLog();
        board.EnableFaultEvent();
        Assert.Empty(board.Events);
    }

    [Fact]
    public void The_event_reaches_an_apic_id_above_255_through_the_upper_address()
    {
        var board = new RemappingBoard();
        board.EnableFaultEvent();
        board.Unit.Write(R.FaultEvent + 8, 0xFEE3_4000, 0);
        board.Unit.Write(R.FaultEvent + 12, 0x0000_1200, 0);
        board.Ask(Nic, 1);
        Assert.Equal(new InterruptMessage(0x22, 0x1234), Assert.Single(board.Events));
    }

    [Fact]
    public void Pending_is_the_sum_of_the_records_and_writing_it_clears_nothing()
    {
        var board = new RemappingBoard();
        board.Ask(Nic, 1);
        board.Unit.Write(R.FaultStatus, R.FaultPending, 0);
        Assert.Equal(R.FaultPending, board.FaultStatus);
        board.Unit.Write(R.FaultRecords + 12, 1u << 31, 0);
        Assert.Equal(0u, board.FaultStatus);
    }
}
