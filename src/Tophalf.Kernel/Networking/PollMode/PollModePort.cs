using Tophalf.Hardware.Devices;
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

    public long RxTaken => Controller.Vectors.Sum(vector => vector.Rx.Taken);
    public long RxDropped => Controller.Vectors.Sum(vector => vector.Rx.Dropped);
    public long TxSent => Controller.Vectors.Sum(vector => vector.Tx.Sent);
}
