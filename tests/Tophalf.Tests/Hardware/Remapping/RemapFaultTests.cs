using Tophalf.Hardware.Controllers.Remapping;
using Tophalf.Hardware.Pci;
using Xunit;
using R = Tophalf.Hardware.Controllers.Remapping.RemappingRegisters;

namespace Tophalf.Tests.Hardware.Remapping;

/// <summary>Every reason an interrupt can be blocked for, what is recorded, and what Linux says.</summary>
public class RemapFaultTests
{
    private const ushort Nic = RemappingBoard.Nic;

    private static readonly RemappingTableEntry Good = RemappingBoard.Entry(0x41, 5, Nic);

    [Fact]
    public void Data_above_the_subhandle_is_fault_20()
    {
        var board = new RemappingBoard();
        board.Store(3, Good);
        RemapResult result = board.Send(Nic, RemappableRequest.Message(1, 2) with { Data = 0x0001_0002 });
        Expect(board, result, RemapFault.ReservedInRequest, "index 0x3 [fault reason 0x20] Detected reserved fields in the decoded interrupt-remapped request");
    }

    [Fact]
    public void The_first_index_behind_the_table_is_fault_21()
    {
        var board = new RemappingBoard(log2Entries: 8);
        board.Store(255, Good);
        Assert.Equal(RemapOutcome.Forwarded, board.Ask(Nic, 255).Outcome);
        Expect(board, board.Ask(Nic, 256), RemapFault.IndexTooLarge, "index 0x100 [fault reason 0x21] Interrupt index exceeded the interrupt-remapping table size");
    }

    [Fact]
    public void Handle_and_subhandle_together_may_leave_the_largest_table()
    {
        var board = new RemappingBoard(log2Entries: 15);
        board.Unit.Write64(R.TableAddress, 0x4000 | R.ExtendedMode | 0xF, 0);
        board.Command(R.SetTablePointer);
        Assert.Equal(65536, board.Unit.TableEntries);
        Assert.Equal(RemapFault.IndexTooLarge, board.Send(Nic, RemappableRequest.Message(0xFFFF, 1)).Fault);
    }

    [Fact]
    public void An_entry_that_is_not_present_is_fault_22()
    {
        var board = new RemappingBoard();
        Expect(board, board.Ask(Nic, 0x25), RemapFault.NotPresent, "index 0x25 [fault reason 0x22] Present field in the IRTE entry is clear");
    }

    [Fact]
    public void A_table_outside_the_memory_is_fault_23()
    {
        var board = new RemappingBoard();
        board.Unit.Write64(R.TableAddress, 0xFFFF_FFFF_FFFF_F007, 0);
        board.Command(R.SetTablePointer);
        Expect(board, board.Ask(Nic, 0), RemapFault.TableAccess, "index 0x0 [fault reason 0x23] Error accessing interrupt-remapping table pointed by IRTA_REG");
    }

    [Fact]
    public void A_reserved_bit_in_a_present_entry_is_fault_24()
    {
        var board = new RemappingBoard();
        board.Store(7, Good with { High = Good.High | 1ul << 63 });
        Expect(board, board.Ask(Nic, 7), RemapFault.ReservedInEntry, "index 0x7 [fault reason 0x24] Detected reserved fields in the IRTE entry");
    }

    [Fact]
    public void A_blocked_compatibility_request_is_fault_25_and_shows_its_destination_in_the_index()
    {
        // A controller programmed for APIC 0x14 as if nothing remapped: real logs show index 0xa00 for it.
        var board = new RemappingBoard();
        RemapResult result = board.Send(Nic, new MsiMessage(0xFEE1_4000, 0x22));
        Expect(board, result, RemapFault.CompatibilityBlocked, "index 0xa00 [fault reason 0x25] Blocked a compatibility format interrupt request");
    }

    [Fact]
    public void A_foreign_requester_is_fault_26()
    {
        var board = new RemappingBoard();
        board.Store(7, RemappingBoard.Entry(0x41, 5, RemappingBoard.OtherNic));
        Expect(board, board.Ask(Nic, 7), RemapFault.SourceId, "index 0x7 [fault reason 0x26] Blocked an interrupt request due to source-id verification failure");
    }

    [Fact]
    public void A_descriptor_outside_the_memory_is_fault_27_for_which_Linux_has_no_words()
    {
        var board = new RemappingBoard();
        board.Store(7, RemappingTableEntry.Posted(0x51, 0x7FFF_FFFF_FFC0, urgent: false, SourceValidation.Only(Nic)));

        Assert.Equal(RemapFault.DescriptorAccess, board.Ask(Nic, 7).Fault);
        Assert.Equal(
            """
            DMAR: DRHD: handling fault status reg 2
            DMAR: [DMA Write NO_PASID] Request device [01:00.0] fault addr 0x7000000000000 [fault reason 0x27] Unknown
            """,
            board.KernelLog());
    }

    [Theory]
    [InlineData(32, 2)]
    [InlineData(32, 15)]
    [InlineData(32, 24)]
    [InlineData(40, 0)]
    [InlineData(56, 63)]
    public void A_reserved_bit_in_the_descriptor_is_fault_28(int offset, int bit)
    {
        var board = new RemappingBoard();
        PostedInterruptDescriptor descriptor = PostedInterruptDescriptor.Allocate(board.Memory);
        board.Memory.Write64(descriptor.Address + (ulong)offset, 1ul << bit);
        board.Store(7, RemappingTableEntry.Posted(0x51, descriptor.Address, urgent: false, SourceValidation.Only(Nic)));

        Assert.Equal(RemapFault.ReservedInDescriptor, board.Ask(Nic, 7).Fault);
        Assert.False(descriptor.HasRequests);
    }

    [Fact]
    public void Fault_processing_disable_silences_what_happens_after_the_entry_was_read()
    {
        ulong badDescriptor = 0x7FFF_FFFF_FFC0;
        RemappingTableEntry posted = RemappingTableEntry.Posted(0x51, badDescriptor, urgent: false, SourceValidation.Only(Nic));
        (RemappingTableEntry Entry, RemapFault Fault)[] cases =
        [
            (default, RemapFault.NotPresent),
            (Good with { High = Good.High | 1ul << 63 }, RemapFault.ReservedInEntry),
            (RemappingBoard.Entry(0x41, 5, RemappingBoard.OtherNic), RemapFault.SourceId),
            (posted, RemapFault.DescriptorAccess),
        ];
        foreach ((RemappingTableEntry entry, RemapFault fault) in cases)
        {
            var board = new RemappingBoard();
            board.Store(1, entry);
            board.Store(2, entry.WithFaultProcessingDisabled());
            Assert.True(fault.IsQualified());

            Assert.Equal((RemapOutcome.Blocked, fault), (board.Ask(Nic, 2).Outcome, board.Ask(Nic, 2).Fault));
            Assert.Equal(0u, board.FaultStatus);
            board.Ask(Nic, 1);
            Assert.Equal(R.FaultPending, board.FaultStatus);
        }
    }

    [Fact]
    public void Faults_before_an_entry_is_read_are_always_recorded()
    {
        RemapFault[] unqualified = [.. Enum.GetValues<RemapFault>().Where(fault => fault != RemapFault.None && !fault.IsQualified())];
        Assert.Equal(
            [RemapFault.ReservedInRequest, RemapFault.IndexTooLarge, RemapFault.TableAccess, RemapFault.CompatibilityBlocked], unqualified);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(39)]
    [InlineData(48)]
    [InlineData(63)]
    public void Outside_extended_mode_a_wide_destination_is_a_reserved_field(int bit)
    {
        var board = new RemappingBoard(extended: false);
        RemappingTableEntry entry = RemappingBoard.Entry(0x41, 5, Nic, extended: false);
        board.Store(1, entry);
        board.Store(2, entry with { Low = entry.Low | 1ul << bit });

        Assert.Equal(5u, board.Ask(Nic, 1).Message.Destination);
        Assert.Equal(RemapFault.ReservedInEntry, board.Ask(Nic, 2).Fault);
    }

    [Fact]
    public void Extended_mode_reaches_apic_ids_above_255()
    {
        var board = new RemappingBoard();
        board.Store(1, RemappingBoard.Entry(0x41, 0x1234_5678, Nic));
        Assert.Equal(0x1234_5678u, board.Ask(Nic, 1).Message.Destination);
    }

    private static void Expect(RemappingBoard board, RemapResult result, RemapFault fault, string said)
    {
        Assert.Equal((RemapOutcome.Blocked, fault), (result.Outcome, result.Fault));
        FaultRecord record = board.Record(0);
        Assert.Equal((true, fault, Nic), (record.IsRecorded, record.Reason, record.RequesterId));
        Assert.Equal($"DMAR: DRHD: handling fault status reg 2\nDMAR: [INTR-REMAP] Request device [01:00.0] fault {said}", board.KernelLog());
        Assert.False(board.Record(0).IsRecorded);
        Assert.Equal(0u, board.FaultStatus);
    }
}
