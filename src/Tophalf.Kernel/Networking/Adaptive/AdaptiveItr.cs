namespace Tophalf.Kernel.Networking.Adaptive;

/// <summary>What a vector's queues have moved since its throttle was last looked at (total_packets and total_bytes of a ring container).</summary>
public readonly record struct ItrWork(int RxPackets, int RxBytes, int TxPackets, int TxBytes);

/// <summary>
/// The dynamic interrupt throttle of one vector of an Intel driver, looked at whenever a poll is complete. Each driver has its own rule, and its own unit.
/// </summary>
public abstract class AdaptiveItr
{
    /// <summary>Value of the throttle register for receive, and for transmit where the device has two.</summary>
    public uint RxRegister { get; protected set; }
    public uint TxRegister { get; protected set; }

    /// <summary>A poll is complete; true when a register has to be written.</summary>
    public bool Update(in ItrWork work, long jiffies)
    {
        (uint rx, uint tx) = (RxRegister, TxRegister);
        Evaluate(work, jiffies);
        return rx != RxRegister || tx != TxRegister;
    }

    protected abstract void Evaluate(in ItrWork work, long jiffies);
}
