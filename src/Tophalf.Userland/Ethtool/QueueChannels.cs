using System.Globalization;
using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Userland.Ethtool;

/// <summary>ethtool -l and -L: how many queues of each kind the device uses.</summary>
internal static class QueueChannels
{
    private const string AboveMaximum = "requested channel count exceeds maximum";
    private const string NoneLeft = "requested channel counts would result in no RX or TX channel being configured";

    // ETHTOOL_A_CHANNELS_*_COUNT.
    private static readonly NetlinkParameter[] Parameters = [new("rx", 6), new("tx", 7), new("other", 8), new("combined", 9)];

    public static int Show(EthtoolCall call)
    {
        if (call.Ops?.GetChannels() is not { } c)
            return call.FailNetlink(call.Missing);
        call.Write($"Channel parameters for {call.Device}:\n"
            + "Pre-set maximums:\n" + Block(c.MaxRx, c.MaxTx, c.MaxOther, c.MaxCombined)
            + "Current hardware settings:\n" + Block(c.Rx, c.Tx, c.Other, c.Combined));
        return 0;
    }

    public static int Set(EthtoolCall call)
    {
        if (NetlinkRequest.Parse(call, "-L", Parameters) is not { } request)
            return 1;
        if (call.Ops?.GetChannels() is not { } now)
            return call.FailNetlink(call.Missing);
        if (request.IsEmpty)
            return 0;
        var result = call.Ops.SetChannels(request.Count("rx"), request.Count("tx"), request.Count("other"), request.Count("combined"));
        return result.Errno == Errno.None ? 0 : call.FailNetlink(result, Offset(request, result.Message, now));
    }

    /// <summary>The attribute that net/ethtool/channels.c blames.</summary>
    private static int? Offset(NetlinkRequest request, string? message, Channels now)
    {
        int? Maximum(string name) => name switch { "rx" => now.MaxRx, "tx" => now.MaxTx, "other" => now.MaxOther, _ => now.MaxCombined };

        return message switch
        {
            AboveMaximum => request.OffsetOf(name => request.Count(name) > (Maximum(name) ?? 0)),
            NoneLeft => request.OffsetOf(name => name == "combined") ?? request.OffsetOf(name => request.Count(name) == 0),
            _ => null,
        };
    }

    private static string Block(int? rx, int? tx, int? other, int? combined) =>
        $"RX:\t\t{Value(rx)}\nTX:\t\t{Value(tx)}\nOther:\t\t{Value(other)}\nCombined:\t{Value(combined)}\n";

    private static string Value(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "n/a";
}
