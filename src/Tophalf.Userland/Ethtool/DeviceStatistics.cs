using System.Globalization;
using Tophalf.Linux;

namespace Tophalf.Userland.Ethtool;

/// <summary>ethtool -S: the driver's own counters.</summary>
internal static class DeviceStatistics
{
    private const int NoDevice = 96;
    private const int NoStatistics = 94;

    public static int Show(EthtoolCall call)
    {
        if (call.Parameters.Count > 0)
            return call.Fail($"ethtool (-S): unknown parameter '{call.Parameters[0]}'");
        if (call.Missing.Errno == Errno.ENODEV)
            return call.FailIoctl("Cannot get stats strings information", Errno.ENODEV, NoDevice);
        if (call.Ops?.GetStatistics() is not { Count: > 0 } statistics)
            return call.Fail("no stats available", NoStatistics);
        call.Write("NIC statistics:\n");
        foreach (var (name, value) in statistics)
            call.Write(string.Create(CultureInfo.InvariantCulture, $"     {name}: {value}\n"));
        return 0;
    }
}
