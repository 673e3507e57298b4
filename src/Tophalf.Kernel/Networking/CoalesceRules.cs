using Tophalf.Linux;

namespace Tophalf.Kernel.Networking;

/// <summary>Which moderation settings a driver takes (supported_coalesce_params and set_coalesce of its struct ethtool_ops), and what it makes of them.</summary>
internal static class CoalesceRules
{
    private const string Unsupported = "cannot modify an unsupported parameter";

    /// <summary>MLX5_MAX_CQ_COUNT, and what 16 bits of a completion counter hold.</summary>
    private const uint MostFrames = 65_535;

    public static EthtoolResult Check(NicModel model, CoalesceSettings now, CoalesceSettings change)
    {
        if (HasUnknown(now, change)) return new EthtoolResult(Errno.EINVAL, Unsupported);
        if (model.OffersCoalescing == false) return CheckWithoutOffer(now, change);
        if (!IsTime(model, change.RxUsecs) || !IsTime(model, change.TxUsecs)) return new EthtoolResult(model.OutOfRange);
        if (model.SharesThrottle && change.TxUsecs > 0) return new EthtoolResult(Errno.EINVAL);
        if (change.RxFrames > MostFrames || change.TxFrames > MostFrames) return new EthtoolResult(model.OutOfRange);
        return EthtoolResult.Ok;
    }

    /// <summary>
    /// virtnet_coal_params_supported() and virtnet_should_update_vq_weight(): a device that does not coalesce interrupts for each packet received, and 0 for tx-frames asks for transmit completion
    /// in the sender's own time, which is not to be had while the device is up.
    /// </summary>
    private static EthtoolResult CheckWithoutOffer(CoalesceSettings now, CoalesceSettings change)
    {
        if (change.RxUsecs > 0 || change.TxUsecs > 0) return new EthtoolResult(Errno.EOPNOTSUPP);
        if (change.TxFrames > 1 || (change.RxFrames ?? 1) != 1) return new EthtoolResult(Errno.EINVAL);
        return new EthtoolResult(change.TxFrames is { } frames && frames != now.TxFrames ? Errno.EBUSY : Errno.None);
    }

    /// <summary>The settings after the change, as the driver will report them.</summary>
    public static CoalesceSettings Apply(NicModel model, CoalesceSettings now, CoalesceSettings change) => model.EndsAdaptiveAlone && now.AdaptiveRx == true && change.AdaptiveRx == false ? now with { AdaptiveRx = false } : now with
    {
        AdaptiveRx = change.AdaptiveRx ?? now.AdaptiveRx,
        AdaptiveTx = change.AdaptiveTx ?? now.AdaptiveTx,
        RxUsecs = ReadBack(model, change.RxUsecs) ?? now.RxUsecs,
        RxFrames = change.RxFrames ?? now.RxFrames,
        TxUsecs = ReadBack(model, change.TxUsecs) ?? now.TxUsecs,
        TxFrames = change.TxFrames ?? now.TxFrames,
        RxUsecsIrq = change.RxUsecsIrq ?? now.RxUsecsIrq,
        RxFramesIrq = change.RxFramesIrq ?? now.RxFramesIrq,
        TxUsecsIrq = change.TxUsecsIrq ?? now.TxUsecsIrq,
        TxFramesIrq = change.TxFramesIrq ?? now.TxFramesIrq,
        StatsBlockUsecs = change.StatsBlockUsecs ?? now.StatsBlockUsecs,
        CqeRx = change.CqeRx ?? now.CqeRx,
        CqeTx = change.CqeTx ?? now.CqeTx,
    };

    private static bool IsTime(NicModel model, uint? usecs) =>
        usecs is not { } time || model.UsecsModes.Contains(time) || (time >= model.MinUsecs && time <= model.MaxUsecs);

    /// <summary>e1000e keeps a rate, whose two low bits it clears because small numbers are modes there (e1000_set_coalesce), and shows the time that rate comes to.</summary>
    private static uint? ReadBack(NicModel model, uint? usecs) =>
        usecs is { } time && model.Adaptive == AdaptiveKind.E1000e && !model.UsecsModes.Contains(time) ? 1_000_000 / (1_000_000 / time & ~3u) : usecs;

    private static bool HasUnknown(CoalesceSettings now, CoalesceSettings change) =>
        Refuses(change.AdaptiveRx, now.AdaptiveRx) || Refuses(change.AdaptiveTx, now.AdaptiveTx)
        || Refuses(change.RxUsecs, now.RxUsecs) || Refuses(change.RxFrames, now.RxFrames) || Refuses(change.RxUsecsIrq, now.RxUsecsIrq) || Refuses(change.RxFramesIrq, now.RxFramesIrq)
        || Refuses(change.TxUsecs, now.TxUsecs) || Refuses(change.TxFrames, now.TxFrames) || Refuses(change.TxUsecsIrq, now.TxUsecsIrq) || Refuses(change.TxFramesIrq, now.TxFramesIrq)
        || Refuses(change.StatsBlockUsecs, now.StatsBlockUsecs) || Refuses(change.SampleInterval, now.SampleInterval)
        || Refuses(change.PktRateLow, now.PktRateLow) || Refuses(change.PktRateHigh, now.PktRateHigh)
        || Refuses(change.RxUsecsLow, now.RxUsecsLow) || Refuses(change.RxFramesLow, now.RxFramesLow)
        || Refuses(change.TxUsecsLow, now.TxUsecsLow) || Refuses(change.TxFramesLow, now.TxFramesLow)
        || Refuses(change.RxUsecsHigh, now.RxUsecsHigh) || Refuses(change.RxFramesHigh, now.RxFramesHigh)
        || Refuses(change.TxUsecsHigh, now.TxUsecsHigh) || Refuses(change.TxFramesHigh, now.TxFramesHigh)
        || Refuses(change.CqeRx, now.CqeRx) || Refuses(change.CqeTx, now.CqeTx);

    private static bool Refuses<T>(T? asked, T? known) where T : struct => asked is not null && known is null;
}
