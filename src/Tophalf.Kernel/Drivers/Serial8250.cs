using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Drivers;

/// <summary>The 8250 serial driver's interrupt side (drivers/tty/serial/8250/8250_core.c): ask the port, empty its FIFO, say whether it was ours.</summary>
public sealed class Serial8250
{
    private const int MaxCharsAtOnce = 256;

    private readonly Kernel _kernel;
    private readonly Uart16550 _uart;
    private readonly long _portReadPs;

    public Serial8250(Kernel kernel, Uart16550 uart, IrqDesc line)
    {
        _kernel = kernel;
        _uart = uart;
        // The set's figure is for four port reads: identification, two of status, one character.
        _portReadPs = kernel.Costs.UartHandler / 4;
        Line = line;
        uart.ActionName = uart.Name;
        int error = kernel.Irqs.RequestIrq(line.Irq, Interrupt, line.IsLevel ? IrqFlags.Shared : IrqFlags.None, uart.Name, this);
        if (error != 0) throw new InvalidOperationException($"{uart.Name}: request_irq({line.Irq}) returned {error}");
        uart.WriteRegister(Uart16550.InterruptEnable, Uart16550.EnableReceive, kernel.Events.NowPs);
    }

    public IrqDesc Line { get; }
    public Uart16550 Uart => _uart;
    public string Name => _uart.Name;

    /// <summary>Characters handed to the terminal.</summary>
    public long Characters { get; private set; }

    /// <summary>From the line rising to the end of the handler that emptied the FIFO.</summary>
    public Histogram Latency { get; } = new();

    private IrqReturn Interrupt(int irq, object? devId)
    {
        Cpu cpu = _kernel.CurrentCpu!;
        if ((Read(cpu, Uart16550.InterruptIdentification) & Uart16550.NoInterrupt) != 0) return IrqReturn.None;
        for (int i = 0; i < MaxCharsAtOnce && (Read(cpu, Uart16550.LineStatus) & Uart16550.DataReady) != 0; i++)
        {
            Read(cpu, Uart16550.ReceiveBuffer);
            Characters++;
        }
        Latency.Record(cpu.LocalPs - _uart.RaisedPs);
        return IrqReturn.Handled;
    }

    private byte Read(Cpu cpu, int register)
    {
        cpu.Spend(_portReadPs);
        return _uart.ReadRegister(register, cpu.LocalPs);
    }
}
