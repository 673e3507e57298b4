using Tophalf.Kernel.Scheduling;

namespace Tophalf.Kernel.Networking;

/// <summary>
/// Input that stops while who it is for has no room (J. Mogul and K. Ramakrishnan, "Eliminating Receive Livelock in an Interrupt-driven Kernel"): a variant of the driver,
/// for comparison. No driver of Linux has it.
/// </summary>
public sealed partial class Napi
{
    /// <summary>Packets stay in the ring, and the interrupt off, until the socket has room or a tick is over.</summary>
    internal bool IsHeld { get; private set; }

    internal void Hold() => IsHeld = true;

    internal void Release(Cpu cpu, long nowPs)
    {
        if (!IsHeld) return;
        IsHeld = false;
        if (_enabled && !IsScheduled) Schedule(cpu, nowPs);
    }
}
