using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Xunit;
using R = Tophalf.Hardware.Controllers.Remapping.RemappingRegisters;

namespace Tophalf.Tests.Hardware.Remapping;

public class InvalidationQueueTests
{
    private const ushort Nic = RemappingBoard.Nic;

    [Fact]
    public void A_changed_entry_is_used_as_it_was_until_it_is_invalidated()
    {
        var board = new RemappingBoard();
        board.Store(9, RemappingBoard.Entry(0x41, apicId: 1, Nic));
        Assert.Equal((1u, EntrySource.Memory), Route(board, 9));
        Assert.Equal((1u, EntrySource.Cache), Route(board, 9));
        Assert.Equal(0, board.Unit.Cache.StaleUses);

        board.Store(9, RemappingBoard.Entry(0x41, apicId: 2, Nic));
        Assert.Equal((1u, EntrySource.Cache), Route(board, 9));
        Assert.Equal(1, board.Unit.Cache.StaleUses);

        board.Submit(InvalidationDescriptor.Entries(9));
        Assert.Equal((2u, EntrySource.Memory), Route(board, 9));
        Assert.Equal(1, board.Unit.Cache.StaleUses);
    }

    [Fact]
    public void A_removed_entry_works_on_until_it_is_invalidated()
    {
        var board = new RemappingBoard();
        board.Store(9, RemappingBoard.Entry(0x41, 1, Nic));
        Route(board, 9);
        board.Store(9, default);
        Assert.Equal(RemapOutcome.Forwarded, board.Ask(Nic, 9).Outcome);

        board.Submit(InvalidationDescriptor.AllEntries);
        Assert.Equal(RemapFault.NotPresent, board.Ask(Nic, 9).Fault);
    }

    [Fact]
    public void An_absent_entry_is_not_cached_so_a_new_one_needs_no_invalidation()
    {
        var board = new RemappingBoard();
        board.Ask(Nic, 9);
        board.Store(9, RemappingBoard.Entry(0x41, 1, Nic));
        Assert.Equal((1u, EntrySource.Memory), Route(board, 9));
    }

    [Fact]
    public void A_new_table_pointer_alone_leaves_old_entries_in_the_cache()
    {
        var board = new RemappingBoard();
        board.Store(9, RemappingBoard.Entry(0x41, 1, Nic));
        Route(board, 9);
        board.Unit.Write64(R.TableAddress, board.Memory.Allocate(4096, 4096) | R.ExtendedMode | 7, 0);
        Assert.Equal((1u, EntrySource.Cache), Route(board, 9));
        board.Command(R.SetTablePointer);
        Assert.Equal((1u, EntrySource.Cache), Route(board, 9));

        board.Submit(InvalidationDescriptor.AllEntries);
        Assert.Equal(RemapFault.NotPresent, board.Ask(Nic, 9).Fault);
    }

    [Theory]
    [InlineData(0, "13")]
    [InlineData(1, "12 13")]
    [InlineData(2, "12 13 14 15")]
    [InlineData(4, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15")]
    public void A_mask_invalidates_the_aligned_group_around_the_index(int log2Count, string dropped)
    {
        var board = new RemappingBoard();
        for (ushort i = 0; i < 32; i++)
        {
            board.Store(i, RemappingBoard.Entry(0x41, 1, Nic));
            Route(board, i);
        }
        board.Submit(InvalidationDescriptor.Entries(13, log2Count));
        Assert.Equal(dropped, string.Join(' ', Enumerable.Range(0, 32).Where(i => !board.Unit.Cache.Contains(i))));
    }

    [Fact]
    public void A_wait_descriptor_writes_its_status_when_the_queue_reaches_it()
    {
        var board = new RemappingBoard();
        ulong status = board.Memory.Allocate(8, 8);
        board.Memory.Write64(status, 0xAAAA_AAAA_0000_0001);
        board.Submit(InvalidationDescriptor.Entries(1), InvalidationDescriptor.WaitWithStatus(status, 2));

        Assert.Equal(0xAAAA_AAAA_0000_0002, board.Memory.Read64(status));
        Assert.Equal(board.Unit.Read(R.QueueTail), board.Unit.Read(R.QueueHead));
    }

    [Fact]
    public void A_wait_descriptor_interrupts_once_until_software_answers()
    {
        var board = new RemappingBoard();
        board.Unit.Write(R.CompletionEvent + 4, 0x23, 0);
        board.Unit.Write(R.CompletionEvent + 8, 0xFEE0_1000, 0);
        board.Unit.Write(R.CompletionEvent, 0, 0);

        board.Submit(InvalidationDescriptor.WaitWithInterrupt, InvalidationDescriptor.WaitWithInterrupt);
        Assert.Equal(new InterruptMessage(0x23, 1), Assert.Single(board.Events));
        Assert.Equal(R.WaitComplete, board.Unit.Read(R.CompletionStatus));

        board.Unit.Write(R.CompletionStatus, R.WaitComplete, 0);
        board.Submit(InvalidationDescriptor.WaitWithInterrupt);
        Assert.Equal(2, board.Events.Count);
    }

    [Theory]
    [InlineData(0x0ul, 0x0ul)]
    [InlineData(0x6ul, 0x0ul)]
    [InlineData(0x24ul, 0x0ul)]
    [InlineData(0x4ul, 0x1ul)]
    [InlineData(0x8000_0004ul, 0x0ul)]
    [InlineData(0x25ul, 0x1001ul)]
    [InlineData(0x85ul, 0x0ul)]
    public void A_descriptor_the_unit_does_not_know_stops_the_queue(ulong low, ulong high)
    {
        var board = new RemappingBoard();
        board.EnableFaultEvent();
        uint head = board.Unit.Read(R.QueueHead);
        ulong status = board.Memory.Allocate(8, 8);
        board.Submit(new InvalidationDescriptor(low, high), InvalidationDescriptor.WaitWithStatus(status, 2));

        Assert.Equal(R.QueueError, board.FaultStatus);
        Assert.Equal(head, board.Unit.Read(R.QueueHead));
        Assert.Equal(0u, board.Memory.Read32(status));
        Assert.Single(board.Events);

        // Linux puts a wait descriptor in the bad one's place and clears the error; the queue goes on.
        ulong bad = board.Unit.Read64(R.QueueAddress) + head;
        board.Memory.Write64(bad, InvalidationDescriptor.WaitWithStatus(status + 4, 2).Low);
        board.Memory.Write64(bad + 8, status + 4);
        board.Unit.Write(R.FaultStatus, R.QueueError, 0);
        Assert.Equal(0x2_0000_0002ul, board.Memory.Read64(status));
        Assert.Equal(0u, board.FaultStatus);
    }

    [Fact]
    public void A_tail_behind_the_ring_or_a_ring_outside_the_memory_is_an_error()
    {
        var board = new RemappingBoard();
        board.Unit.Write(R.QueueTail, 4096, 0);
        Assert.Equal(R.QueueError, board.FaultStatus);

        board = new RemappingBoard();
        board.Unit.Write64(R.QueueAddress, 0xFFFF_FFFF_FFFF_F000, 0);
        board.Submit(InvalidationDescriptor.AllEntries);
        Assert.Equal(R.QueueError, board.FaultStatus);
    }

    [Fact]
    public void Switched_off_the_queue_stands_still_with_its_head_at_zero()
    {
        var board = new RemappingBoard();
        board.Store(9, RemappingBoard.Entry(0x41, 1, Nic));
        Route(board, 9);
        board.Unit.Write(R.GlobalCommand, R.RemappingEnable, 0);
        board.Submit(InvalidationDescriptor.AllEntries);

        Assert.Equal(0u, board.Unit.Read(R.QueueHead));
        Assert.True(board.Unit.Cache.Contains(9));
    }

    /// <summary>The ring is 256 long; any sequence of batches wraps it and every order in it is done, in order.</summary>
    [Fact]
    public void Every_order_in_the_ring_is_done_exactly_once() =>
        Prop.ForAll(Gen.Choose(1, 255).ListOf().ToArbitrary(), batches =>
        {
            var board = new RemappingBoard();
            ulong status = board.Memory.Allocate(8, 8);
            uint submitted = 0;
            foreach (int batch in batches)
            {
                board.Submit([.. Enumerable.Range(1, batch).Select(i => InvalidationDescriptor.WaitWithStatus(status, submitted + (uint)i))]);
                submitted += (uint)batch;
                if (board.Memory.Read32(status) != submitted || board.Unit.Read(R.QueueHead) != board.Unit.Read(R.QueueTail)) return false;
            }
            return board.FaultStatus == 0;
        }).QuickCheckThrowOnFailure();

    /// <summary>With an invalidation after each change the cache cannot be told from no cache at all.</summary>
    [Fact]
    public void Software_that_invalidates_always_sees_its_own_table() =>
        Prop.ForAll(
            (from index in Gen.Choose(0, 700) from apic in Gen.Choose(0, 3) from write in Gen.Elements(false, true) select (index, apic, write)).ListOf().ToArbitrary(),
            steps =>
            {
                var board = new RemappingBoard(log2Entries: 10);
                var table = new Dictionary<int, int>();
                foreach ((int index, int apic, bool write) in steps)
                {
                    if (write)
                    {
                        table[index] = apic;
                        board.Store(index, RemappingBoard.Entry(0x41, (uint)apic, Nic));
                        board.Submit(InvalidationDescriptor.Entries((ushort)index));
                    }
                    RemapResult result = board.Ask(Nic, (ushort)index);
                    bool right = table.TryGetValue(index, out int target)
                        ? result.Outcome == RemapOutcome.Forwarded && result.Message.Destination == target
                        : result.Fault == RemapFault.NotPresent;
                    if (!right) return false;
                }
                return board.Unit.Cache.StaleUses == 0;
            }).QuickCheckThrowOnFailure();

    private static (uint Destination, EntrySource Entry) Route(RemappingBoard board, ushort handle)
    {
        RemapResult result = board.Ask(Nic, handle);
        Assert.Equal(RemapOutcome.Forwarded, result.Outcome);
        return (result.Message.Destination, result.Entry);
    }
}
