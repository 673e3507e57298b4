using Tophalf.Hardware;
using Tophalf.Hardware.Controllers;
using Tophalf.Hardware.Controllers.Remapping;
using Tophalf.Hardware.Memory;
using Tophalf.Hardware.Pci;
using Tophalf.Hardware.Processors;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Hardware.Remapping;

/// <summary>The remapping unit in its place: between MSI-X tables and I/O APIC pins on one side and the local APIC on the other.</summary>
public class RemappedBoardTests
{
    private readonly EventQueue _events = new();
    private readonly InterruptFabric _fabric;
    private readonly RemappingBoard _remapping = new();
    private readonly LocalApic _apic;

    public RemappedBoardTests()
    {
        _fabric = new InterruptFabric(_events, new HardwareCosts(CostSet.BuiltIn("server-3ghz"))) { Remapping = _remapping.Unit };
        _apic = new LocalApic(0, _fabric);
        _ = new Processor(0, new PhysicalMemory(64 * 1024), new CodeMap(), _apic);
        _apic.Write(LocalApic.SvrOffset, 0x1FF, 0);
        _remapping.Store(3, RemappingBoard.Entry(0x41, 0, owner: RemappingBoard.Nic));
    }

    private void Raise(PciFunction function, MsiMessage message)
    {
        function.Msix.IsEnabled = true;
        function.Msix.Program(0, message);
        function.Msix.SetMask(0, masked: false, _events.NowPs);
        function.Msix.Raise(0, _events.NowPs);
        _events.RunUntil(_events.NowPs + SimTime.Microsecond);
    }

    [Fact]
    public void The_owner_of_an_entry_interrupts_through_it()
    {
        Raise(new PciFunction(new PciAddress(0, 1, 0, 0), 1, _fabric), RemappableRequest.Message(3));

        Assert.True(_apic.IsRequested(0x41));
        Assert.Equal(1, _remapping.Unit.Forwarded);
    }

    [Fact]
    public void A_write_injected_by_a_device_that_does_not_own_the_entry_is_dropped_and_logged()
    {
        Raise(new PciFunction(new PciAddress(0, 3, 0, 0), 1, _fabric), RemappableRequest.Message(3));

        Assert.Equal(0, _apic.Pending);
        Assert.Equal(
            "DMAR: [INTR-REMAP] Request device [03:00.0] fault index 0x3 [fault reason 0x26] Blocked an interrupt request due to source-id verification failure",
            _remapping.KernelLog().Split('\n')[^1]);
    }

    [Fact]
    public void A_compatibility_format_write_no_longer_reaches_any_vector_it_likes()
    {
        Raise(new PciFunction(new PciAddress(0, 1, 0, 0), 1, _fabric), MsiMessage.To(0, 0xFD));

        Assert.Equal(0, _apic.Pending);
        Assert.Equal(1, _remapping.Unit.Blocked);
    }

    [Fact]
    public void A_pin_of_the_io_apic_is_looked_up_as_a_device_of_its_own()
    {
        _remapping.Store(9, RemappingBoard.Entry(0x59, 0, owner: RemappingBoard.IoApic));
        var ioApic = new IoApic(0, 0, _fabric) { RequesterId = RemappingBoard.IoApic };
        const ulong remappable = 1ul << 48;
        ioApic.WriteEntry(4, 9ul << 49 | remappable | 4, 0);

        ioApic.SetLine(4, active: true, 0);
        _events.RunUntil(SimTime.Microsecond);

        Assert.True(_apic.IsRequested(0x59));
    }

    [Fact]
    public void A_pin_in_compatibility_format_keeps_its_message_while_remapping_is_off()
    {
        var off = new RemappingBoard(enable: false);
        _fabric.Remapping = off.Unit;
        var ioApic = new IoApic(0, 0, _fabric);
        ioApic.WriteEntry(4, RedirectionEntry.Create(0x31, 0, level: true, activeLow: false, masked: false).Raw, 0);

        ioApic.SetLine(4, active: true, 0);
        _events.RunUntil(SimTime.Microsecond);

        Assert.True(_apic.IsRequested(0x31));
        Assert.Equal(1u << 17, _apic.Read(LocalApic.TmrOffset + 0x10, 0)); // level: TMR bit set
    }
}
