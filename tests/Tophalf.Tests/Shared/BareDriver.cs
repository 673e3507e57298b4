using Tophalf.Hardware.Devices;
using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Shared;

/// <summary>
/// The least a driver can be: its handler takes all that is in the ring when it ends, and arms the entry again at that moment. What it measures
/// is what the controller did, since nothing of it waits for a poll.
/// </summary>
internal sealed class BareDriver
{
    private readonly KernelBench _bench;
    private readonly QueueVector _vector;
    private readonly long _handlerPs;
    private readonly CallbackEvent _arm;

    public BareDriver(KernelBench bench, ModerationKind kind, Moderation moderation, long handlerPs = 0)
    {
        _bench = bench;
        _handlerPs = handlerPs;
        PciFunction function = bench.Function(1);
        // So fast that the wire adds nothing to the gaps.
        var options = new NetworkControllerOptions
        {
            Name = "eth0",
            BitsPerSecond = 1_000_000_000_000,
            MaxQueues = 1,
            Queues = 1,
            RxRing = 65536,
            TxRing = 64,
            RssKey = Toeplitz.MicrosoftKey.ToArray(),
            ModerationKind = kind,
        };
        Controller = new NetworkController(options, function, bench.Events);
        _vector = Controller.Vectors[0];
        _vector.SetModeration(moderation, new Moderation(kind, 0, 0), 0);
        Line = bench.Irqs.AddMessage(new MsixChip(function), 0);
        Assert.Equal(0, bench.Irqs.RequestIrq(Line.Irq, Handle, IrqFlags.None, "eth0", this));
        _arm = new CallbackEvent(nowPs =>
        {
            Drain(nowPs);
            _vector.Arm(nowPs);
        });
        _vector.Arm(0);
    }

    public NetworkController Controller { get; }
    public IrqDesc Line { get; }
    public long Interrupts { get; private set; }
    public long Packets { get; private set; }

    /// <summary>Hears of every packet taken, and when.</summary>
    public Action<Packet, long>? Taken { get; set; }

    /// <summary>From arrival to the handler that took it.</summary>
    public Histogram Delay { get; } = new();

    private IrqReturn Handle(int irq, object? devId)
    {
        Cpu cpu = _bench.Kernel.CurrentCpu!;
        Interrupts++;
        cpu.Spend(_handlerPs);
        _bench.Events.Schedule(_arm, cpu.LocalPs);
        return IrqReturn.Handled;
    }

    private void Drain(long nowPs)
    {
        _vector.Rx.Pump(nowPs);
        while (_vector.Rx.Count > 0)
        {
            Delay.Record(nowPs - _vector.Rx[0].AtPs);
            Packets++;
            Taken?.Invoke(_vector.Rx[0], nowPs);
            _vector.Rx.Take(nowPs);
        }
    }
}
