using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Drivers;
using Tophalf.Kernel.Irq;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel;

/// <summary>A level-triggered line through the I/O APIC: remote IRR, EOI, and what happens while the device stays active (kernel/irq/chip.c, handle_fasteoi_irq).</summary>
public class LevelLineTests
{
    private readonly KernelBench _bench = new();

    private Uart16550 Uart(int pin)
    {
        var uart = new Uart16550("ttyS0", (active, atPs) => _bench.IoApic.SetLine(pin, active, atPs), 115_200, new ConstantArrivals(11_520), new RandomStream(1, "uart"), _bench.Events);
        uart.Start(0);
        return uart;
    }

    [Fact]
    public void Level_line_held_high_is_delivered_again_after_eoi()
    {
        var (device, line) = _bench.Pin(5, isLevel: true);
        List<long> enteredPs = [], leftPs = [];
        _bench.Irqs.RequestIrq(5, (_, _) =>
        {
            var cpu = _bench.Kernel.CurrentCpu!;
            enteredPs.Add(cpu.LocalPs);
            Assert.True(_bench.IoApic[5].RemoteIrr);
            Assert.True(cpu.Apic.IsInService(line.Vector));
            cpu.Spend(10 * SimTime.Microsecond);
            if (enteredPs.Count == 3) device.Acknowledge(cpu.LocalPs);
            leftPs.Add(cpu.LocalPs);
            return IrqReturn.Handled;
        }, IrqFlags.None, "dev", device);

        device.Raise(0);
        _bench.RunUntil(SimTime.Millisecond);

        Assert.Equal(3, enteredPs.Count);
        long eoiPs = _bench.Kernel.Costs.Eoi + _bench.Kernel.Costs.EoiIoApic;
        for (int i = 1; i < 3; i++) Assert.True(enteredPs[i] >= leftPs[i - 1] + eoiPs, "a second interrupt came before the EOI of the first");
        Assert.Equal((3, 0), (_bench.Kernel.Cpus[0].Apic.Accepted, _bench.Kernel.Cpus[0].Apic.Merged));
        Assert.False(_bench.IoApic[5].RemoteIrr);
    }

    [Fact]
    public void A_serial_port_interrupts_once_for_fourteen_characters_and_loses_none()
    {
        Uart16550 uart = Uart(4);
        var port = new Serial8250(_bench.Kernel, uart, _bench.Kernel.Irqs.AddPin(_bench.Pins, 4, isLevel: true));
        _bench.RunUntil(SimTime.Second);
        Assert.Equal(uart.Received, port.Characters + uart.Waiting);
        Assert.Equal((0, uart.Received / 14), (uart.Lost, uart.Raised));
        Assert.Equal((ulong)uart.Raised, port.Line.Total);
    }

    [Fact]
    public void A_device_nobody_answers_storms_until_its_line_is_cut()
    {
        Uart16550 uart = Uart(4);
        IrqDesc line = _bench.Irqs.AddPin(_bench.Pins, 4, isLevel: true);
        _bench.Irqs.RequestIrq(4, (_, _) => IrqReturn.None, IrqFlags.Shared, "parport0", this);
        uart.WriteRegister(Uart16550.InterruptEnable, Uart16550.EnableReceive, 0);

        _bench.RunUntil(SimTime.Second);

        Assert.Equal(1, uart.Raised);
        Assert.Equal(100_000ul, line.Total);
        Assert.True(_bench.IoApic[4].IsMasked);
        Assert.Contains("irq 4: nobody cared (try booting with the \"irqpoll\" option)", _bench.Log);
        Assert.Contains("Disabling IRQ #4", _bench.Log);
    }

    [Fact]
    public void An_edge_pin_left_high_by_its_device_is_not_heard_again()
    {
        var (device, line) = _bench.Pin(4, isLevel: false);
        int runs = 0;
        _bench.Irqs.RequestIrq(4, (_, _) =>
        {
            runs++;
            return IrqReturn.Handled;
        }, IrqFlags.None, "dev", this);
        _bench.IoApic.SetLine(4, active: true, 0);
        _bench.RunUntil(SimTime.Millisecond);
        _bench.IoApic.SetLine(4, active: true, _bench.NowPs);
        _bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal((1, 1ul), (runs, line.Total));
        Assert.Equal(0, device.Raised);
    }
}
