namespace Tophalf.Kernel.Networking;

/// <summary>What the netdev family of generic netlink tells of a NAPI context (napi-get, Documentation/netlink/specs/netdev.yaml).</summary>
public readonly record struct NapiState(int Id, int InterfaceIndex, int Irq, int DeferHardIrqs, long GroFlushTimeoutNs, long IrqSuspendTimeoutNs);

/// <summary>What it sets of one (napi-set, since Linux 6.13); null: as it is.</summary>
public readonly record struct NapiChange(int Id, int? DeferHardIrqs, long? GroFlushTimeoutNs, long? IrqSuspendTimeoutNs)
{
    /// <summary>The longest time the twin counts, in nanoseconds.</summary>
    public const long MostNs = long.MaxValue / 1000;
}
