using Tophalf.Hardware.Devices;
using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Irq;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>disable_irq and enable_irq: depth, lazy masking, resend (kernel/irq/manage.c, chip.c, resend.c).</summary>
public class EnableDisableTests
{
    private readonly KernelBench _bench = new();
    private readonly PulseDevice _device;
    private readonly IrqDesc _line;

    public EnableDisableTests()
    {
        (_device, _line) = _bench.Message();
        _bench.Claim(_line, _device);
    }

    private void RaiseAndWait()
    {
        _device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
    }

    [Fact]
    public void Only_the_last_of_nested_enables_opens_the_line()
    {
        _bench.Irqs.DisableIrq(_line.Irq);
        _bench.Irqs.DisableIrq(_line.Irq);
        Assert.Equal(2, _line.Depth);
        _bench.Irqs.EnableIrq(_line.Irq);
        RaiseAndWait();
        Assert.Equal((1, 0ul), (_line.Depth, _line.Total));
        _bench.Irqs.EnableIrq(_line.Irq);
        Assert.Equal(0, _line.Depth);
        _bench.Irqs.EnableIrq(_line.Irq);
        Assert.Equal([$"Unbalanced enable for IRQ {_line.Irq}"], _bench.Log);
    }

    [Fact]
    public void Disabling_is_lazy_the_entry_is_masked_when_an_interrupt_comes_all_the_same()
    {
        MsixTable msix = _bench.Functions[0].Msix;
        _bench.Irqs.DisableIrq(_line.Irq);
        Assert.False(msix.IsMasked(0));
        RaiseAndWait();
        Assert.True(msix.IsMasked(0));
        Assert.Equal(0ul, _line.Total);
    }

    [Fact]
    public void An_edge_that_came_while_the_line_was_disabled_is_sent_again_once()
    {
        _bench.Irqs.DisableIrq(_line.Irq);
        RaiseAndWait();
        Assert.Equal(0ul, _line.Total);
        _bench.Irqs.EnableIrq(_line.Irq);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(1ul, _line.Total);
        RaiseAndWait();
        Assert.Equal(2ul, _line.Total);
    }

    [Fact]
    public void A_level_line_is_not_resent_its_wire_speaks_for_itself()
    {
        var (device, line) = _bench.Pin(9, isLevel: true);
        _bench.Claim(line, device);
        _bench.Irqs.DisableIrq(9);
        device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.True(_bench.IoApic[9].IsMasked);
        device.Acknowledge(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        _bench.Irqs.EnableIrq(9);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(0ul, line.Total);

        _bench.Irqs.DisableIrq(9);
        device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        _bench.Irqs.EnableIrq(9);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(1ul, line.Total);
    }

    [Fact]
    public void A_line_requested_without_autoenable_waits_for_its_driver()
    {
        var (device, line) = _bench.Message();
        _bench.Irqs.RequestIrq(line.Irq, (_, _) => IrqReturn.Handled, IrqFlags.NoAutoEn, "late", device);
        Assert.Equal(1, line.Depth);
        device.Raise(_bench.NowPs);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(0ul, line.Total);
        _bench.Irqs.EnableIrq(line.Irq);
        _bench.RunFor(SimTime.Millisecond);
        Assert.Equal(1ul, line.Total);
    }
}
