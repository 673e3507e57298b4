using Tophalf.Kernel.Networking;
using Tophalf.Linux;

namespace Tophalf.Userland.Ethtool;

/// <summary>ethtool -i.</summary>
internal static class DriverInformation
{
    private const int Failed = 71;

    public static int? Show(EthtoolCall call)
    {
        if (call.Parameters.Count > 0)
            return null;
        if (call.Ops is not { } ops)
            return call.FailIoctl("Cannot get driver information", call.Missing.Errno, Failed);
        var info = ops.GetDriverInfo();
        call.Write($"driver: {info.Driver}\nversion: {info.Version}\nfirmware-version: {info.FirmwareVersion}\nexpansion-rom-version: \n"
            + $"bus-info: {info.BusInfo}\nsupports-statistics: {(ops.GetStatistics().Count > 0 ? "yes" : "no")}\nsupports-test: {YesNo(info, DriverOffers.Test)}\n"
            + $"supports-eeprom-access: {YesNo(info, DriverOffers.Eeprom)}\nsupports-register-dump: {YesNo(info, DriverOffers.Registers)}\nsupports-priv-flags: {YesNo(info, DriverOffers.PrivateFlags)}\n");
        return 0;
    }

    private static string YesNo(DriverInfo info, DriverOffers operation) => info.Offers.HasFlag(operation) ? "yes" : "no";
}
