using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Userland.Ethtool;

/// <summary>ethtool -a and -A: pause frames.</summary>
internal static class FlowControl
{
    // ETHTOOL_A_PAUSE_*.
    private static readonly NetlinkParameter[] Parameters =
        [new("autoneg", 2, ParameterType.Switch), new("rx", 3, ParameterType.Switch), new("tx", 4, ParameterType.Switch)];

    public static int Show(EthtoolCall call)
    {
        if (call.Ops?.GetPause() is not { } pause)
            return call.FailNetlink(call.Missing);
        call.Write($"Pause parameters for {call.Device}:\nAutonegotiate:\t{OnOff(pause.Autoneg)}\nRX:\t\t{OnOff(pause.Rx)}\nTX:\t\t{OnOff(pause.Tx)}\n\n");
        return 0;
    }

    /// <summary>Version 6.1 says "true" of whatever the kernel told it, on or off: show_bool_val() of netlink/netlink.h prints that there is a value.</summary>
    public static int ShowJson(EthtoolCall call)
    {
        if (call.Ops?.GetPause() is null)
            return call.FailJson(call.Missing);
        var page = new JsonPage(call.Device);
        page.Bool("autonegotiate", true);
        page.Bool("rx", true);
        page.Bool("tx", true);
        call.Write(page.ToString());
        return 0;
    }

    public static int Set(EthtoolCall call)
    {
        if (NetlinkRequest.Parse(call, "-A", Parameters) is not { } request)
            return 1;
        if (call.Ops?.GetPause() is null)
            return call.FailNetlink(call.Missing);
        EthtoolResult result = request.IsEmpty ? EthtoolResult.Ok : call.Ops.SetPause(request.Switch("autoneg"), request.Switch("rx"), request.Switch("tx"));
        return result.Errno == Errno.None ? 0 : call.FailNetlink(result);
    }

    private static string OnOff(bool on) => on ? "on" : "off";
}
