using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Drivers;

/// <summary>
/// The driver of a device about which only its interrupts are known: its handler acknowledges the device and is done. For lines that share a name
/// in /proc/interrupts there is one action per name, of which the first claims the interrupt.
/// </summary>
public sealed class LineDriver
{
    private readonly Kernel _kernel;

    /// <param name="kernel">The kernel it is a driver of.</param>
    /// <param name="device">The device.</param>
    /// <param name="line">Its line.</param>
    /// <param name="actions">Names of the handlers, in the order of their requests.</param>
    /// <param name="handler">What the kernel's reports call the first of them; null for the C# name.</param>
    public LineDriver(Kernel kernel, PulseDevice device, IrqDesc line, IReadOnlyList<string> actions, string? handler)
    {
        if (handler is not null) kernel.Symbols.Add((IrqHandler)Claim, handler);
        _kernel = kernel;
        Device = device;
        Line = line;
        device.ActionName = actions[0];
        // Drivers of PCI wires are written to share them.
        IrqFlags flags = line.IsLevel || actions.Count > 1 ? IrqFlags.Shared : IrqFlags.None;
        for (int i = 0; i < actions.Count; i++)
        {
            int error = kernel.Irqs.RequestIrq(line.Irq, i == 0 ? Claim : NotMine, flags, actions[i], new DevId(this, i));
            if (error != 0) throw new Networking.DriverException((Linux.Errno)(-error), $"{actions[i]}: request_irq({line.Irq}) failed: {Linux.ErrnoText.Text((Linux.Errno)(-error))}");
        }
    }

    public PulseDevice Device { get; }
    public IrqDesc Line { get; }

    /// <summary>What the handler finds in the device and does about it; null where only the interrupts are known.</summary>
    internal Action<Cpu>? Serve { get; set; }

    /// <summary>From the device raising to the end of its handler.</summary>
    public Histogram Latency { get; } = new();

    private IrqReturn Claim(int irq, object? devId)
    {
        Cpu cpu = _kernel.CurrentCpu!;
        cpu.Spend(Serve is null ? _kernel.Costs.LineHandler : _kernel.Costs.BlockHandler);
        if (!Device.IsAsserting) return IrqReturn.None;
        Serve?.Invoke(cpu);
        Latency.Record(cpu.LocalPs - Device.Acknowledge(cpu.LocalPs));
        return IrqReturn.Handled;
    }

    private IrqReturn NotMine(int irq, object? devId)
    {
        _kernel.CurrentCpu!.Spend(_kernel.Costs.DeviceWrite);
        return IrqReturn.None;
    }

    /// <summary>What tells one action of a shared line from another.</summary>
    private sealed record DevId(LineDriver Driver, int Index);
}
