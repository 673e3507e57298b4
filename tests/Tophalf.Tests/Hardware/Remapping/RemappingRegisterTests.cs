using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Tophalf.Hardware.Memory;
using Xunit;
using R = Tophalf.Hardware.Controllers.Remapping.RemappingRegisters;

namespace Tophalf.Tests.Hardware.Remapping;

public class RemappingRegisterTests
{
    private static InterruptRemapping Unit(bool extended = true, bool posting = true) =>
        new(new PhysicalMemory(1 << 16), new RemappingCapabilities(extended, posting), (in message, nowPs) => Assert.Fail("no event was enabled"));

    [Fact]
    public void After_reset_nothing_is_on_and_the_events_are_masked()
    {
        InterruptRemapping unit = Unit();
        var read = new List<string>();
        for (uint offset = 0; offset < 0x300; offset += 4)
        {
            if (unit.Read(offset) != 0) read.Add($"{offset:x3} {unit.Read(offset):x8}");
        }
        Assert.Equal(
            """
            000 00000010
            008 20000000
            00c 08000700
            010 00f0001b
            038 80000000
            0a0 80000000
            """,
            string.Join('\n', read));
    }

    [Theory]
    [InlineData(true, true, 0x0800_0700u, 0x00F0_001Bu)]
    [InlineData(false, false, 0x0000_0700u, 0x00F0_000Bu)]
    public void The_capability_registers_tell_what_the_unit_can(bool extended, bool posting, uint capabilityHigh, uint extendedCapability)
    {
        InterruptRemapping unit = Unit(extended, posting);
        Assert.Equal(capabilityHigh, unit.Read(R.Capability + 4));
        Assert.Equal(extendedCapability, unit.Read(R.ExtendedCapability));
        Assert.Equal(R.FaultRecords, (unit.Read(R.Capability) >> 24) * 16);
    }

    [Fact]
    public void The_status_follows_the_command_bit_by_bit()
    {
        InterruptRemapping unit = Unit();
        foreach (uint bit in new[] { R.QueuedInvalidationEnable, R.CompatibilityFormatEnable, R.RemappingEnable })
        {
            unit.Write(R.GlobalCommand, bit, 0);
            Assert.Equal(bit, unit.Read(R.GlobalStatus));
            unit.Write(R.GlobalCommand, 0, 0);
            Assert.Equal(0u, unit.Read(R.GlobalStatus));
        }
        unit.Write(R.GlobalCommand, R.SetTablePointer, 0);
        unit.Write(R.GlobalCommand, R.RemappingEnable, 0);
        Assert.Equal(R.SetTablePointer | R.RemappingEnable, unit.Read(R.GlobalStatus));
        Assert.Equal(0u, unit.Read(R.GlobalCommand));
    }

    [Fact]
    public void The_table_address_counts_from_the_set_pointer_command_on()
    {
        InterruptRemapping unit = Unit();
        unit.Write64(R.TableAddress, 0x0000_0001_2345_6FFF, 0);
        Assert.Equal(0x0000_0001_2345_680Ful, unit.Read64(R.TableAddress));
        Assert.Equal((2, false), (unit.TableEntries, unit.IsExtended));

        unit.Write(R.GlobalCommand, R.SetTablePointer, 0);
        Assert.Equal((65536, true), (unit.TableEntries, unit.IsExtended));
        Assert.Equal(0x1_2345_6020ul, unit.EntryAddress(2));
    }

    [Fact]
    public void A_unit_without_extended_mode_ignores_the_bit_that_asks_for_it()
    {
        InterruptRemapping unit = Unit(extended: false);
        unit.Write64(R.TableAddress, 0x1000 | R.ExtendedMode | 7, 0);
        unit.Write(R.GlobalCommand, R.SetTablePointer, 0);
        Assert.Equal(0x1007ul, unit.Read64(R.TableAddress));
        Assert.False(unit.IsExtended);
    }

    [Fact]
    public void Read_only_absent_and_odd_registers_take_any_write_in_silence()
    {
        InterruptRemapping unit = Unit();
        uint[] harmless =
        [
            R.UnitVersion, R.Capability, R.Capability + 4, R.ExtendedCapability, R.GlobalStatus, R.QueueHead, 0x20, 0x28, 0x64, 0xE0, 0x108,
            R.FaultEvent + 1, R.FaultRecords, R.FaultRecords + 8, R.FaultRecords + 13, 0x280, 0xFFFF_FFFC,
        ];
        foreach (uint offset in harmless)
        {
            uint before = unit.Read(offset);
            unit.Write(offset, 0xFFFF_FFFF, 0);
            Assert.Equal(before, unit.Read(offset));
        }
        Assert.False(unit.IsEnabled);
    }

    [Fact]
    public void An_access_to_a_register_of_DMA_translation_is_reported_by_name()
    {
        var board = new RemappingBoard();
        var log = new HardwareLog(capacity: 10);
        board.Unit.Events = log;

        board.Unit.Write(0x20, 0x1000, 0);
        Assert.Equal(0u, board.Unit.Read(0x28));
        board.Unit.Read64(RemappingRegisters.Capability);

        Assert.Equal(
            [
                "0 ns VT-d unit: write of 0x1000 to root table address at 0x20, which is reserved",
                "0 ns VT-d unit: read of context command at 0x28, which is reserved",
            ],
            log.Events.Select(e => e.ToString()));
    }
}
