using Tophalf.Hardware.Devices;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Networking.PollMode;

/// <summary>
/// A card that the kernel has given away (vfio-pci): it has no interface, no interrupt and no NAPI context, and whoever mapped its registers polls its rings (DPDK's ethdev).
/// </summary>
public sealed class PollModePort(NetworkController controller, NicModel model)
{
    public string Name => Controller.Name;
    public NicModel Model { get; } = model;
    public NetworkController Controller { get; } = controller;

    /// <summary>From a frame's last bit on the wire to its last bit on the wire out, the card's own time included.</summary>
    public Histogram Latency { get; } = new();

    /// <summary>Frames that came in here and went out of some port, those the application threw away, and those for which the other port's ring had no room.</summary>
    public long Forwarded { get; internal set; }
    public long Dropped { get; internal set; }
    public long NoRoom { get; internal set; }

    public long Raised => Controller.Vectors.Sum(vector => vector.Raised);

    /// <summary>
    /// vfio_msi_enable(), drivers/vfio/pci/vfio_pci_intrs.c: a line for each queue whose interrupt writes to an eventfd, on which the task of that queue sleeps. Frames that went
    /// out are not told of.
    /// </summary>
    /// <param name="kernel">The kernel that gave the card away.</param>
    /// <param name="tasks">The task of each queue.</param>
    public void RequestInterrupts(Kernel kernel, IReadOnlyList<PollModeTask> tasks)
    {
        Controller.Function.Msix.IsEnabled = true;
        var chip = new MsixChip(Controller.Function);
        for (int queue = 0; queue < tasks.Count; queue++)
        {
            QueueVector vector = Controller.Vectors[queue];
            IrqDesc line = kernel.Irqs.AddMessage(chip, vector.Entry);
            int error = kernel.Irqs.RequestIrq(line.Irq, Signal, IrqFlags.None, $"vfio-msix[{vector.Entry}]({Controller.Function.Address})", tasks[queue]);
            if (error != 0) throw new DriverException((Errno)(-error), $"{Name}: request_irq({line.Irq}) failed: {((Errno)(-error)).Text()}");
            vector.SetModeration(new Moderation(ModerationKind.FromFirstPacket, 0, 0), new Moderation(ModerationKind.FromFirstPacket, 0, int.MaxValue), kernel.Events.NowPs);
        }

        IrqReturn Signal(int irq, object? task)
        {
            Cpu cpu = kernel.CurrentCpu!;
            cpu.Spend(kernel.Costs.TopHalf + kernel.Costs.ThreadWake);
            kernel.Wake((PollModeTask)task!, cpu, cpu.LocalPs);
            return IrqReturn.Handled;
        }
    }

    public long RxTaken => Controller.Vectors.Sum(vector => vector.Rx.Taken);
    public long RxDropped => Controller.Vectors.Sum(vector => vector.Rx.Dropped);
    public long TxSent => Controller.Vectors.Sum(vector => vector.Tx.Sent);
}
