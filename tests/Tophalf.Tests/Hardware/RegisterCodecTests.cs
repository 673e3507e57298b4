using FsCheck;
using FsCheck.Fluent;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Processors;
using Xunit;

namespace Tophalf.Tests.Hardware;

public class RegisterCodecTests
{
    [Fact]
    public void A_bitmap_holds_what_a_set_of_vectors_holds()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<(byte Vector, bool Set)[]>(), steps =>
        {
            var bitmap = new Bitmap256();
            var model = new SortedSet<int>();
            foreach ((byte vector, bool set) in steps)
            {
                if (set) bitmap.Set(vector);
                else bitmap.Clear(vector);
                if (set) model.Add(vector);
                else model.Remove(vector);
                if (bitmap.Contains(vector) != set || bitmap.Highest() != (model.Count == 0 ? -1 : model.Max) || bitmap.Count() != model.Count) return false;
            }
            var registers = new uint[8];
            foreach (int vector in model) registers[vector / 32] |= 1u << vector % 32;
            return Enumerable.Range(0, 8).All(i => bitmap.Register(i) == registers[i]);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_redirection_entry_round_trips_and_reads_as_the_message_it_sends()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<(byte Vector, byte Destination, byte Bits)>(), f =>
        {
            bool level = (f.Bits & 1) != 0, low = (f.Bits & 2) != 0, masked = (f.Bits & 4) != 0;
            var entry = RedirectionEntry.Create(f.Vector, f.Destination, level, low, masked);
            InterruptMessage message = entry.ToMessage();
            return (entry.Vector, entry.Destination, entry.IsLevel, entry.IsActiveLow, entry.IsMasked) == (f.Vector, f.Destination, level, low, masked)
                && message == new InterruptMessage(f.Vector, InterruptMessage.Widen(f.Destination), Level: level)
                && entry.WrittenBy(entry.Raw) == entry;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_redirection_entry_has_the_bits_of_the_data_sheet() =>
        Assert.Equal(0x0300_0000_0000_A041ul, RedirectionEntry.Create(0x41, 3, level: true, activeLow: true, masked: false).Raw);

    [Fact]
    public void Commands_have_the_bits_linux_writes()
    {
        Assert.Equal(0x0000_00FDu, InterruptCommand.Create(0xFD).Raw);
        Assert.Equal(0x000C_00FDu, InterruptCommand.Create(0xFD, shorthand: IpiShorthand.AllExcludingSelf).Raw);
        Assert.Equal(0x0004_00FDu, InterruptCommand.Create(0xFD, shorthand: IpiShorthand.Self).Raw);
        Assert.Equal(0x0000_C500u, InterruptCommand.Create(0, DeliveryMode.Init, assert: true, level: true).Raw);
        Assert.Equal(0x0000_8500u, InterruptCommand.Create(0, DeliveryMode.Init, level: true).Raw);
        Assert.Equal(0x0000_069Au, InterruptCommand.Create(0x9A, DeliveryMode.Startup).Raw);
        Assert.Equal(0x0000_0400u, InterruptCommand.Create(0, DeliveryMode.Nmi).Raw);
    }

    [Fact]
    public void Every_command_word_round_trips_its_fields()
    {
        for (uint raw = 0; raw < 1 << 20; raw++)
        {
            if ((raw & ~0x000C_CFFFu) != 0) continue;
            var command = new InterruptCommand(raw);
            Assert.Equal(command, InterruptCommand.Create(command.Vector, command.Mode, command.IsLogical, command.IsAssert, command.IsLevel, command.Shorthand));
        }
    }

    [Fact]
    public void Logical_ids_of_the_x2apic_follow_from_the_id()
    {
        Assert.Equal(0x0002_0020u, LogicalDestination.X2ApicLdr(0x25));
        for (uint id = 0; id < 0x1000; id++)
        {
            Assert.True(LogicalDestination.MatchesX2Apic(LogicalDestination.X2ApicLdr(id), LogicalDestination.X2ApicLdr(id)));
            Assert.False(LogicalDestination.MatchesX2Apic(LogicalDestination.X2ApicLdr(id), LogicalDestination.X2ApicLdr(id ^ 1)));
            Assert.False(LogicalDestination.MatchesX2Apic(LogicalDestination.X2ApicLdr(id), LogicalDestination.X2ApicLdr(id + 16)));
        }
    }

    [Fact]
    public void An_error_code_says_which_gate_or_selector()
    {
        var gate = SelectorErrorCode.OfGate(0x41, external: true);
        Assert.Equal((0x20B, 0x41, true, true, false), (gate.Raw, gate.Index, gate.IsIdt, gate.IsExternal, gate.IsLdt));
        var selector = SelectorErrorCode.OfSelector(0x17, external: false);
        Assert.Equal((0x14, 2, false, false, true), (selector.Raw, selector.Index, selector.IsIdt, selector.IsExternal, selector.IsLdt));
    }
}
