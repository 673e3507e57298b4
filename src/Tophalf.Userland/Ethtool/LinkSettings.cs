using System.Globalization;

namespace Tophalf.Userland.Ethtool;

/// <summary><c>ethtool DEVNAME</c>. The twin knows the speed of a link and that it is up, but neither modes nor transceivers: their lines are left out.</summary>
internal static class LinkSettings
{
    /// <summary>Requests that the program makes, and its status when none was answered.</summary>
    private const int Requests = 5, NoDataStatus = 75;

    public static int Show(EthtoolCall call)
    {
        if (call.Ops is not { } ops)
        {
            for (int request = 0; request < Requests; request++)
                call.FailNetlink(call.Missing);
            call.Write("No data available\n");
            return NoDataStatus;
        }
        call.Write($"Settings for {call.Device}:\n");
        call.Write(ops.SpeedMbps is { } speed ? string.Create(CultureInfo.InvariantCulture, $"\tSpeed: {speed}Mb/s\n\tDuplex: Full\n") : "\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n");
        call.Write("\tLink detected: yes\n");
        return 0;
    }
}
