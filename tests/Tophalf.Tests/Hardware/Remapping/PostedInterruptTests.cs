using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Tophalf.Hardware.Memory;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Hardware.Remapping;

public class PostedInterruptTests
{
    private const ushort Nic = RemappingBoard.Nic;

    [Fact]
    public void The_descriptor_has_these_bytes()
    {
        var memory = new PhysicalMemory(1 << 16);
        PostedInterruptDescriptor descriptor = PostedInterruptDescriptor.Allocate(memory);
        descriptor.Notify(0xF2, apicId: 0x1234, extended: true);
        descriptor.PostByHardware(0x51, urgent: false);
        descriptor.Suppress();

        Assert.Equal(0ul, descriptor.Address % 64);
        Assert.Equal(
            """
            00 00 00 00 00 00 00 00 00 00 02 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            03 00 F2 00 34 12 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            """,
            string.Join('\n', memory.Bytes(descriptor.Address, 64).ToArray().Chunk(16).Select(line => BitConverter.ToString(line).Replace('-', ' '))));

        descriptor.Notify(0xF2, apicId: 5, extended: false);
        Assert.Equal("01 00 F2 00 00 05 00 00", BitConverter.ToString(memory.Bytes(descriptor.Address + 32, 8).ToArray()).Replace('-', ' '));
    }

    /// <summary>What an interrupt does to a descriptor, for each state it can find it in.</summary>
    [Theory]
    [InlineData(false, false, false, true, true)]
    [InlineData(false, false, true, true, true)]
    [InlineData(false, true, false, false, false)]
    [InlineData(false, true, true, true, true)]
    [InlineData(true, false, false, false, true)]
    [InlineData(true, false, true, false, true)]
    [InlineData(true, true, false, false, true)]
    [InlineData(true, true, true, false, true)]
    public void It_notifies_unless_one_is_outstanding_or_suppressed_and_not_urgent(bool outstanding, bool suppressed, bool urgent, bool notifies, bool outstandingAfter)
    {
        var memory = new PhysicalMemory(1 << 16);
        PostedInterruptDescriptor descriptor = PostedInterruptDescriptor.Allocate(memory);
        if (outstanding) descriptor.TestAndSetOutstanding();
        if (suppressed) descriptor.Suppress();

        Assert.Equal(notifies, descriptor.PostByHardware(0x51, urgent));
        Assert.Equal(outstandingAfter, descriptor.OutstandingNotification);
        Assert.Equal(suppressed, descriptor.SuppressNotification);
        Assert.True(descriptor.IsRequested(0x51));
        Assert.Equal(1, descriptor.RequestCount);
    }

    [Fact]
    public void The_unit_posts_through_the_entry_and_hands_the_notification_out()
    {
        var board = new RemappingBoard();
        PostedInterruptDescriptor descriptor = PostedInterruptDescriptor.Allocate(board.Memory);
        descriptor.Notify(0xF2, apicId: 6, extended: true);
        board.Store(1, RemappingTableEntry.Posted(0x51, descriptor.Address, urgent: false, SourceValidation.Only(Nic)));
        board.Store(2, RemappingTableEntry.Posted(0x61, descriptor.Address, urgent: false, SourceValidation.Only(Nic)));

        RemapResult first = board.Ask(Nic, 1), second = board.Ask(Nic, 2);
        Assert.Equal((RemapOutcome.Posted, true, new InterruptMessage(0xF2, 6)), (first.Outcome, first.Notifies, first.Message));
        Assert.Equal((RemapOutcome.Posted, false), (second.Outcome, second.Notifies));
        Assert.True(descriptor.IsRequested(0x51) && descriptor.IsRequested(0x61));
        Assert.Equal(2, board.Unit.Posted);
    }

    [Fact]
    public void A_stranger_posts_nothing()
    {
        var board = new RemappingBoard();
        PostedInterruptDescriptor descriptor = PostedInterruptDescriptor.Allocate(board.Memory);
        board.Store(1, RemappingTableEntry.Posted(0x51, descriptor.Address, urgent: true, SourceValidation.Only(Nic)));

        Assert.Equal(RemapFault.SourceId, board.Ask(RemappingBoard.OtherNic, 1).Fault);
        Assert.False(descriptor.HasRequests || descriptor.OutstandingNotification);
    }

    [Fact]
    public void A_unit_without_posting_blocks_a_posted_entry()
    {
        var board = new RemappingBoard(posting: false);
        PostedInterruptDescriptor descriptor = PostedInterruptDescriptor.Allocate(board.Memory);
        board.Store(1, RemappingTableEntry.Posted(0x51, descriptor.Address, urgent: false, SourceValidation.Only(Nic)));
        Assert.Equal(RemapFault.ReservedInEntry, board.Ask(Nic, 1).Fault);
    }

    [Fact]
    public void Translating_and_posting_allocate_nothing()
    {
        var board = new RemappingBoard();
        PostedInterruptDescriptor descriptor = PostedInterruptDescriptor.Allocate(board.Memory);
        board.Store(1, RemappingTableEntry.Posted(0x51, descriptor.Address, urgent: false, SourceValidation.Only(Nic)));
        board.Store(2, RemappingBoard.Entry(0x41, 5, Nic));
        void Send(int times)
        {
            for (int i = 0; i < times; i++)
            {
                board.Ask(Nic, 1);
                board.Ask(Nic, 2);
                board.Ask(RemappingBoard.OtherNic, 2);
            }
        }

        Send(100);
        Allocation.IsNone(() =>
        {
            Send(10_000);
            return 10_000;
        });
    }

    /// <summary>
    /// Whoever posts and whenever the processor looks: a request is never lost, and as long as notifications are allowed nobody's request
    /// lies there without one under way.
    /// </summary>
    [Fact]
    public void No_request_is_lost_and_none_waits_without_a_notification() =>
        Prop.ForAll((from what in Gen.Choose(0, 3) from vector in Gen.Choose(0, 255) select (what, (byte)vector)).ListOf().ToArbitrary(), steps =>
        {
            PostedInterruptDescriptor descriptor = PostedInterruptDescriptor.Allocate(new PhysicalMemory(1 << 14));
            var waiting = new HashSet<int>();
            bool underWay = false;
            foreach ((int what, byte vector) in steps)
            {
                if (what < 2)
                {
                    underWay |= descriptor.PostByHardware(vector, urgent: what == 1);
                    waiting.Add(vector);
                }
                else
                {
                    descriptor.ClearOutstanding();
                    var found = new HashSet<int>();
                    for (int word = 0; word < PostedInterruptDescriptor.RequestWords; word++)
                    {
                        ulong requests = descriptor.TakeRequestWord(word);
                        for (int bit = 0; bit < 64; bit++)
                        {
                            if ((requests >> bit & 1) != 0) found.Add(word * 64 + bit);
                        }
                    }
                    if (!found.SetEquals(waiting)) return false;
                    waiting.Clear();
                    underWay = false;
                }
                if (waiting.Count != descriptor.RequestCount || descriptor.OutstandingNotification != underWay) return false;
                if (waiting.Count > 0 && !underWay) return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();
}
