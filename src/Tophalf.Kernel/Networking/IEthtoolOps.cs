using Tophalf.Hardware.Devices;
using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>What a network driver offers to ethtool(8) (include/linux/ethtool.h, struct ethtool_ops).</summary>
public interface IEthtoolOps
{
    string InterfaceName { get; }
    DriverInfo GetDriverInfo();

    /// <summary>Speed of the link; null where the driver does not know it.</summary>
    long? SpeedMbps => null;

    /// <summary>Null where the driver has no coalescing at all (EOPNOTSUPP).</summary>
    CoalesceSettings? GetCoalesce();

    /// <summary>Applies the fields that are set; unset fields keep their value. All or nothing.</summary>
    EthtoolResult SetCoalesce(CoalesceSettings change);

    Channels? GetChannels();

    /// <summary>Null fields keep their value.</summary>
    EthtoolResult SetChannels(int? rx, int? tx, int? other, int? combined);

    RingParameters? GetRings();
    EthtoolResult SetRings(int? rx, int? tx);

    /// <summary>Null where the device has no receive-side scaling (EOPNOTSUPP).</summary>
    RssSettings? GetRss();

    /// <summary>Null arguments keep their value. A default table follows the number of queues; one that was written stays.</summary>
    EthtoolResult SetRss(IReadOnlyList<int>? table, byte[]? key, bool isDefault);

    EthtoolResult GetRssContext(int number, out RssSettings? settings)
    {
        settings = null;
        return new EthtoolResult(Errno.EOPNOTSUPP);
    }

    /// <summary>Null as number makes a new context, whose number comes back. Null arguments keep their value.</summary>
    EthtoolResult SetRssContext(ref int? number, IReadOnlyList<int>? table, byte[]? key) => new(Errno.EOPNOTSUPP);

    EthtoolResult DeleteRssContext(int number) => new(Errno.EOPNOTSUPP);

    IReadOnlyList<(string Name, ulong Value)> GetStatistics();

    /// <summary>Null where the driver knows no flow control (EOPNOTSUPP).</summary>
    PauseSettings? GetPause() => null;

    /// <summary>Null arguments keep their value.</summary>
    EthtoolResult SetPause(bool? autoneg, bool? rx, bool? tx) => new(Errno.EOPNOTSUPP);

    /// <summary>In the order of ethtool -k; null where there is nothing to ask.</summary>
    IReadOnlyList<FeatureState>? GetFeatures() => null;

    /// <summary>Sets those that can be changed; the others stay as they are.</summary>
    void SetFeatures(IReadOnlyList<(string Name, bool On)> wanted)
    {
    }

    /// <summary>In the order of their places; null where the device has no flow steering (EOPNOTSUPP).</summary>
    IReadOnlyList<FlowRule>? GetFlowRules() => null;

    /// <summary>A place below zero asks for any; the one it got comes back.</summary>
    EthtoolResult InsertFlowRule(FlowRule rule, out int location)
    {
        location = -1;
        return new EthtoolResult(Errno.EOPNOTSUPP);
    }

    EthtoolResult DeleteFlowRule(int location) => new(Errno.EOPNOTSUPP);

    /// <summary>Does the receive hash of this IP protocol cover the ports, or the addresses alone?</summary>
    EthtoolResult GetHashFields(byte protocol, out bool coversPorts)
    {
        coversPorts = false;
        return new EthtoolResult(Errno.EOPNOTSUPP);
    }

    EthtoolResult SetHashFields(byte protocol, bool coversPorts) => new(Errno.EOPNOTSUPP);
}

/// <summary>Answer to a setting: error number, and the driver's or core's own words (the netlink extended acknowledgement), if any.</summary>
public readonly record struct EthtoolResult(Errno Errno, string? Message = null)
{
    public static EthtoolResult Ok => default;
}

public sealed record DriverInfo(string Driver, string Version, string FirmwareVersion, string BusInfo, DriverOffers Offers);

/// <summary>Interrupt moderation (struct ethtool_coalesce). Null: the driver does not know the field (printed n/a), or "leave as it is" in a change.</summary>
public sealed record CoalesceSettings
{
    public bool? AdaptiveRx { get; init; }
    public bool? AdaptiveTx { get; init; }
    public uint? RxUsecs { get; init; }
    public uint? RxFrames { get; init; }
    public uint? RxUsecsIrq { get; init; }
    public uint? RxFramesIrq { get; init; }
    public uint? TxUsecs { get; init; }
    public uint? TxFrames { get; init; }
    public uint? TxUsecsIrq { get; init; }
    public uint? TxFramesIrq { get; init; }
    public uint? StatsBlockUsecs { get; init; }
    public uint? SampleInterval { get; init; }
    public uint? PktRateLow { get; init; }
    public uint? PktRateHigh { get; init; }
    public uint? RxUsecsLow { get; init; }
    public uint? RxFramesLow { get; init; }
    public uint? TxUsecsLow { get; init; }
    public uint? TxFramesLow { get; init; }
    public uint? RxUsecsHigh { get; init; }
    public uint? RxFramesHigh { get; init; }
    public uint? TxUsecsHigh { get; init; }
    public uint? TxFramesHigh { get; init; }

    /// <summary>The timer starts anew with each completion (ETHTOOL_A_COALESCE_USE_CQE_MODE_RX and _TX).</summary>
    public bool? CqeRx { get; init; }
    public bool? CqeTx { get; init; }
}

/// <summary>Queue counts (struct ethtool_channels). Null: n/a.</summary>
public sealed record Channels(int? MaxRx, int? MaxTx, int? MaxOther, int? MaxCombined, int? Rx, int? Tx, int? Other, int? Combined);

/// <summary>Descriptor ring sizes in entries (struct ethtool_ringparam).</summary>
public sealed record RingParameters(int MaxRx, int MaxTx, int Rx, int Tx);

/// <summary>Receive-side scaling: indirection table (queue per entry), hash key (40 bytes for Toeplitz over IPv4/IPv6), ring count.</summary>
public sealed record RssSettings(IReadOnlyList<int> Table, byte[] Key, int RxRings);
