using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Xunit;

namespace Tophalf.Tests.Hardware.Remapping;

public class SourceValidationTests
{
    [Fact]
    public void Without_validation_all_65536_requesters_pass()
    {
        for (int qualifier = 0; qualifier < 4; qualifier++)
        {
            var anybody = new SourceValidation(SourceValidationType.None, (byte)qualifier, 0x1234);
            for (int requester = 0; requester <= 0xFFFF; requester++) Assert.True(anybody.Accepts((ushort)requester));
        }
    }

    /// <summary>Which functions of device 3 on bus 2 share the entry of function 0, 3, 5 and 7, and nobody on another device or bus.</summary>
    [Theory]
    [InlineData(0, 0, "0")]
    [InlineData(0, 5, "5")]
    [InlineData(1, 0, "04")]
    [InlineData(1, 3, "37")]
    [InlineData(1, 7, "37")]
    [InlineData(2, 0, "0246")]
    [InlineData(2, 5, "1357")]
    [InlineData(3, 0, "01234567")]
    [InlineData(3, 5, "01234567")]
    public void The_qualifier_lets_phantom_functions_in(int qualifier, int function, string accepted)
    {
        const int device = 2 << 8 | 3 << 3;
        var only = SourceValidation.Only((ushort)(device | function), (byte)qualifier);

        string passed = string.Concat(Enumerable.Range(0, 0x10000).Where(requester => only.Accepts((ushort)requester)).Select(requester => requester - device));
        Assert.Equal(accepted, passed);
    }

    [Fact]
    public void A_bus_range_takes_every_bus_between_its_ends_and_no_other()
    {
        for (int first = 0; first < 256; first++)
        {
            for (int last = 0; last < 256; last++)
            {
                var range = SourceValidation.Buses((byte)first, (byte)last);
                int passed = 0, least = 256, most = -1;
                for (int bus = 0; bus < 256; bus++)
                {
                    if (!range.Accepts((ushort)(bus << 8 | 0x5A))) continue;
                    passed++;
                    least = Math.Min(least, bus);
                    most = Math.Max(most, bus);
                }
                if (first > last) Assert.Equal(0, passed);
                else Assert.Equal((last - first + 1, first, last), (passed, least, most));
            }
        }
    }

    [Fact]
    public void The_reserved_type_lets_nobody_pass()
    {
        var reserved = new SourceValidation((SourceValidationType)3, 0, RemappingBoard.Nic);
        for (int requester = 0; requester <= 0xFFFF; requester++) Assert.False(reserved.Accepts((ushort)requester));
    }

    [Fact]
    public void An_injected_write_from_a_device_that_does_not_own_the_entry_is_blocked_and_logged()
    {
        var board = new RemappingBoard();
        board.EnableFaultEvent();
        board.Store(0x20, RemappingBoard.Entry(0x41, apicId: 5, RemappingBoard.Nic));

        RemapResult stranger = board.Ask(RemappingBoard.OtherNic, 0x20);
        Assert.Equal((RemapOutcome.Blocked, RemapFault.SourceId), (stranger.Outcome, stranger.Fault));
        Assert.Equal(new InterruptMessage(0x22, 0), Assert.Single(board.Events));
        Assert.Equal(
            """
            DMAR: DRHD: handling fault status reg 2
            DMAR: [INTR-REMAP] Request device [03:00.0] fault index 0x20 [fault reason 0x26] Blocked an interrupt request due to source-id verification failure
            """,
            board.KernelLog());

        Assert.Equal(new InterruptMessage(0x41, 5), board.Ask(RemappingBoard.Nic, 0x20).Message);
        Assert.Equal("", board.KernelLog());
    }

    [Fact]
    public void The_owner_warming_the_cache_opens_no_door_for_others()
    {
        var board = new RemappingBoard();
        board.Store(0x20, RemappingBoard.Entry(0x41, 5, RemappingBoard.Nic));
        board.Ask(RemappingBoard.Nic, 0x20);

        RemapResult stranger = board.Ask(RemappingBoard.OtherNic, 0x20);
        Assert.Equal((RemapFault.SourceId, EntrySource.Cache), (stranger.Fault, stranger.Entry));
    }
}
