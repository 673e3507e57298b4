using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Tophalf.Hardware.Pci;
using Xunit;

namespace Tophalf.Tests.Hardware.Remapping;

public class RemappableRequestTests
{
    [Fact]
    public void Handle_8005_is_written_to_fee000b4()
    {
        MsiMessage write = RemappableRequest.Message(0x8005);
        Assert.Equal(new MsiMessage(0xFEE0_00B4, 0), write);

        var request = new RemappableRequest(write.Address, write.Data);
        Assert.True(request.IsInterrupt && request.IsRemappable && !request.HasSubhandle);
        Assert.Equal(0x8005, request.Index);
    }

    [Fact]
    public void A_subhandle_of_2_sets_bit_3_and_adds_to_the_handle()
    {
        MsiMessage write = RemappableRequest.Message(0x8005, 2);
        Assert.Equal(new MsiMessage(0xFEE0_00BC, 2), write);
        Assert.Equal(0x8007, new RemappableRequest(write.Address, write.Data).Index);
    }

    [Fact]
    public void Every_handle_and_subhandle_is_read_back_as_written() =>
        Prop.ForAll(Gen.Choose(0, 0xFFFF).ToArbitrary(), Gen.Choose(0, 0xFFFF).ToArbitrary(), (handle, subhandle) =>
        {
            MsiMessage plain = RemappableRequest.Message((ushort)handle), sub = RemappableRequest.Message((ushort)handle, (ushort)subhandle);
            var first = new RemappableRequest(plain.Address, plain.Data);
            var second = new RemappableRequest(sub.Address, sub.Data);
            return first is { IsInterrupt: true, IsRemappable: true, HasSubhandle: false, HasReservedBits: false } && first.Index == handle
                && second is { IsInterrupt: true, IsRemappable: true, HasSubhandle: true, HasReservedBits: false }
                && second.Handle == handle && second.Subhandle == subhandle && second.Index == handle + subhandle;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Without_a_valid_subhandle_the_data_does_not_matter()
    {
        var request = new RemappableRequest(0xFEE0_00B4, 0xDEAD_BEEF);
        Assert.False(request.HasReservedBits);
        Assert.Equal(0x8005, request.Index);
    }

    [Fact]
    public void With_remapping_off_the_message_of_an_ordinary_machine_passes_unchanged()
    {
        var board = new RemappingBoard(enable: false);
        RemapResult result = board.Send(RemappingBoard.Nic, new MsiMessage(0xFEE0_5000, 0x41));

        Assert.Equal(RemapOutcome.Forwarded, result.Outcome);
        Assert.Equal(new InterruptMessage(0x41, 5), result.Message);
        Assert.Equal(EntrySource.None, result.Entry);
    }

    [Fact]
    public void A_write_to_another_address_is_none_of_the_units_business()
    {
        var board = new RemappingBoard();
        Assert.Equal(RemapOutcome.NotAnInterrupt, board.Send(RemappingBoard.Nic, new MsiMessage(0xFED0_0000, 1)).Outcome);
        Assert.Equal(RemapOutcome.NotAnInterrupt, board.Send(RemappingBoard.Nic, new MsiMessage(0x1_FEE0_0000, 1)).Outcome);
        Assert.Equal(0, board.Unit.Blocked);
    }

    [Theory]
    [InlineData(false, false, RemapOutcome.Blocked)]
    [InlineData(false, true, RemapOutcome.Forwarded)]
    [InlineData(true, false, RemapOutcome.Blocked)]
    [InlineData(true, true, RemapOutcome.Blocked)]
    public void Compatibility_format_passes_only_if_allowed_and_not_in_extended_mode(bool extended, bool allowed, RemapOutcome outcome)
    {
        var board = new RemappingBoard(extended: extended, compatibility: allowed);
        RemapResult result = board.Send(RemappingBoard.Nic, new MsiMessage(0xFEE0_5000, 0x41));

        Assert.Equal(outcome, result.Outcome);
        Assert.Equal(outcome == RemapOutcome.Blocked ? RemapFault.CompatibilityBlocked : RemapFault.None, result.Fault);
        if (outcome == RemapOutcome.Forwarded) Assert.Equal(new InterruptMessage(0x41, 5), result.Message);
    }

    [Fact]
    public void The_vectors_of_multi_message_msi_use_consecutive_entries()
    {
        var board = new RemappingBoard();
        for (int i = 0; i < 4; i++) board.Store(0x10 + i, RemappingBoard.Entry((byte)(0x41 + 0x10 * i), apicId: (uint)i, RemappingBoard.Nic));

        for (ushort i = 0; i < 4; i++)
        {
            RemapResult result = board.Send(RemappingBoard.Nic, RemappableRequest.Message(0x10, i));
            Assert.Equal(new InterruptMessage((byte)(0x41 + 0x10 * i), i), result.Message);
        }
    }
}
