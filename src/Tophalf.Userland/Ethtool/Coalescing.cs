using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Userland.Ethtool;

/// <summary>ethtool -c and -C: interrupt moderation.</summary>
internal static class Coalescing
{
    private const string Unsupported = "cannot modify an unsupported parameter";

    // ETHTOOL_A_COALESCE_*.
    private static readonly NetlinkParameter[] Parameters =
    [
        new("rx-usecs", 2), new("rx-frames", 3), new("rx-usecs-irq", 4), new("rx-frames-irq", 5),
        new("tx-usecs", 6), new("tx-frames", 7), new("tx-usecs-irq", 8), new("tx-frames-irq", 9),
        new("stats-block-usecs", 10), new("adaptive-rx", 11, ParameterType.Switch), new("adaptive-tx", 12, ParameterType.Switch),
        new("pkt-rate-low", 13), new("rx-usecs-low", 14), new("rx-frames-low", 15), new("tx-usecs-low", 16), new("tx-frames-low", 17),
        new("pkt-rate-high", 18), new("rx-usecs-high", 19), new("rx-frames-high", 20), new("tx-usecs-high", 21), new("tx-frames-high", 22),
        new("sample-interval", 23), new("cqe-mode-tx", 24, ParameterType.Switch), new("cqe-mode-rx", 25, ParameterType.Switch),
    ];

    public static int Show(EthtoolCall call)
    {
        if (call.Ops?.GetCoalesce() is not { } c)
            return call.FailNetlink(call.Missing);
        // The keys of the low and high frames are singular here, and plural as parameters.
        call.Write($"""
            Coalesce parameters for {call.Device}:
            Adaptive RX: {OnOff(c.AdaptiveRx)}  TX: {OnOff(c.AdaptiveTx)}
            stats-block-usecs: {Value(c.StatsBlockUsecs)}
            sample-interval: {Value(c.SampleInterval)}
            pkt-rate-low: {Value(c.PktRateLow)}
            pkt-rate-high: {Value(c.PktRateHigh)}

            rx-usecs: {Value(c.RxUsecs)}
            rx-frames: {Value(c.RxFrames)}
            rx-usecs-irq: {Value(c.RxUsecsIrq)}
            rx-frames-irq: {Value(c.RxFramesIrq)}

            tx-usecs: {Value(c.TxUsecs)}
            tx-frames: {Value(c.TxFrames)}
            tx-usecs-irq: {Value(c.TxUsecsIrq)}
            tx-frames-irq: {Value(c.TxFramesIrq)}

            rx-usecs-low: {Value(c.RxUsecsLow)}
            rx-frame-low: {Value(c.RxFramesLow)}
            tx-usecs-low: {Value(c.TxUsecsLow)}
            tx-frame-low: {Value(c.TxFramesLow)}

            rx-usecs-high: {Value(c.RxUsecsHigh)}
            rx-frame-high: {Value(c.RxFramesHigh)}
            tx-usecs-high: {Value(c.TxUsecsHigh)}
            tx-frame-high: {Value(c.TxFramesHigh)}

            CQE mode RX: {OnOff(c.CqeRx)}  TX: {OnOff(c.CqeTx)}


            """);
        return 0;
    }

    public static int Set(EthtoolCall call)
    {
        if (NetlinkRequest.Parse(call, "-C", Parameters) is not { } request)
            return 1;
        if (call.Ops?.GetCoalesce() is not { } now)
            return call.FailNetlink(call.Missing);
        if (request.IsEmpty)
            return 0;
        var known = KnownTo(now);
        var result = call.Ops.SetCoalesce(Change(request));
        if (result.Errno == Errno.None)
            return 0;
        return call.FailNetlink(result, result.Message == Unsupported ? request.OffsetOf(name => !known.Contains(name)) : null);
    }

    private static CoalesceSettings Change(NetlinkRequest request) => new()
    {
        AdaptiveRx = request.Switch("adaptive-rx"),
        AdaptiveTx = request.Switch("adaptive-tx"),
        RxUsecs = request.Number("rx-usecs"),
        RxFrames = request.Number("rx-frames"),
        RxUsecsIrq = request.Number("rx-usecs-irq"),
        RxFramesIrq = request.Number("rx-frames-irq"),
        TxUsecs = request.Number("tx-usecs"),
        TxFrames = request.Number("tx-frames"),
        TxUsecsIrq = request.Number("tx-usecs-irq"),
        TxFramesIrq = request.Number("tx-frames-irq"),
        StatsBlockUsecs = request.Number("stats-block-usecs"),
        SampleInterval = request.Number("sample-interval"),
        PktRateLow = request.Number("pkt-rate-low"),
        PktRateHigh = request.Number("pkt-rate-high"),
        RxUsecsLow = request.Number("rx-usecs-low"),
        RxFramesLow = request.Number("rx-frames-low"),
        TxUsecsLow = request.Number("tx-usecs-low"),
        TxFramesLow = request.Number("tx-frames-low"),
        RxUsecsHigh = request.Number("rx-usecs-high"),
        RxFramesHigh = request.Number("rx-frames-high"),
        TxUsecsHigh = request.Number("tx-usecs-high"),
        TxFramesHigh = request.Number("tx-frames-high"),
        CqeRx = request.Switch("cqe-mode-rx"),
        CqeTx = request.Switch("cqe-mode-tx"),
    };

    /// <summary>Names of the parameters the driver has a value for.</summary>
    private static HashSet<string> KnownTo(CoalesceSettings c)
    {
        (string Name, object? Value)[] all =
        [
            ("adaptive-rx", c.AdaptiveRx), ("adaptive-tx", c.AdaptiveTx),
            ("rx-usecs", c.RxUsecs), ("rx-frames", c.RxFrames), ("rx-usecs-irq", c.RxUsecsIrq), ("rx-frames-irq", c.RxFramesIrq),
            ("tx-usecs", c.TxUsecs), ("tx-frames", c.TxFrames), ("tx-usecs-irq", c.TxUsecsIrq), ("tx-frames-irq", c.TxFramesIrq),
            ("stats-block-usecs", c.StatsBlockUsecs), ("sample-interval", c.SampleInterval),
            ("pkt-rate-low", c.PktRateLow), ("pkt-rate-high", c.PktRateHigh),
            ("rx-usecs-low", c.RxUsecsLow), ("rx-frames-low", c.RxFramesLow), ("tx-usecs-low", c.TxUsecsLow), ("tx-frames-low", c.TxFramesLow),
            ("rx-usecs-high", c.RxUsecsHigh), ("rx-frames-high", c.RxFramesHigh), ("tx-usecs-high", c.TxUsecsHigh), ("tx-frames-high", c.TxFramesHigh),
            ("cqe-mode-rx", c.CqeRx), ("cqe-mode-tx", c.CqeTx),
        ];
        return [.. all.Where(p => p.Value is not null).Select(p => p.Name)];
    }

    private static string Value(uint? value) => value?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "n/a";

    private static string OnOff(bool? value) => value switch { true => "on", false => "off", null => "n/a" };
}
