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
            + $"bus-info: {info.BusInfo}\nsupports-statistics: {(ops.GetStatistics().Count > 0 ? "yes" : "no")}\nsupports-test: {Offer(info.Driver)}\n"
            + $"supports-eeprom-access: {Offer(info.Driver)}\nsupports-register-dump: {Offer(info.Driver)}\nsupports-priv-flags: {Offer(info.Driver)}\n");
        return 0;
    }

    /// <summary>Intel's drivers have all four operations (their tables of struct ethtool_ops), virtio_net none; of others none is claimed.</summary>
    private static string Offer(string driver) => driver is "e1000e" or "igb" or "ixgbe" or "i40e" or "ice" ? "yes" : "no";
}
