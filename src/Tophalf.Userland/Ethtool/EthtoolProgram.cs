using Tophalf.Kernel.Networking;
using Tophalf.Linux;
using Tophalf.Userland.Programs;

namespace Tophalf.Userland.Ethtool;

/// <summary>
/// ethtool(8) in the words, blanks and exit statuses of version 6.1 over netlink: coalescing, channels, rings, receive-side scaling,
/// statistics and driver information. Its other options answer as they do on a device without the feature.
/// </summary>
internal static class EthtoolProgram
{
    private const string BadCommandLine = "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n";

    private static readonly string[] Elsewhere =
        ["-s", "--change", "-e", "--eeprom-dump", "-d", "--register-dump", "-r", "--negotiate", "-p", "--identify", "-t", "--test", "-T", "--show-time-stamping", "-m", "--module-info", "-P",
         "--show-permaddr", "--show-eee", "--set-eee", "--show-priv-flags", "--set-priv-flags", "--show-fec", "--set-fec"];

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        if (arguments is ["-h" or "--help", ..])
            return Print(context, EthtoolHelp.Text);
        if (arguments is ["--version", ..])
            return Print(context, EthtoolHelp.Version);
        if (arguments.Count == 0)
            return FailUsage(context);
        if (arguments[0] == "--json")
            return arguments.Count >= 3 && ShowJson(arguments[1], new EthtoolCall(context, arguments[2], [.. arguments.Skip(3)])) is { } shown ? shown : FailUsage(context);
        if (!arguments[0].StartsWith('-'))
            return LinkSettings.Show(new EthtoolCall(context, arguments[0], []));
        if (arguments.Count < 2)
            return FailUsage(context);
        var call = new EthtoolCall(context, arguments[1], [.. arguments.Skip(2)]);
        int? status = arguments[0] switch
        {
            "-c" or "--show-coalesce" => call.ShowOnly() ?? Coalescing.Show(call),
            "-C" or "--coalesce" => Coalescing.Set(call),
            "-l" or "--show-channels" => call.ShowOnly() ?? QueueChannels.Show(call),
            "-L" or "--set-channels" => QueueChannels.Set(call),
            "-g" or "--show-ring" => call.ShowOnly() ?? Rings.Show(call),
            "-G" or "--set-ring" => Rings.Set(call),
            "-x" or "--show-rxfh-indir" or "--show-rxfh" => FlowHash.Show(call),
            "-X" or "--set-rxfh-indir" or "--rxfh" => FlowHash.Set(call),
            "-a" or "--show-pause" => call.ShowOnly() ?? FlowControl.Show(call),
            "-A" or "--pause" => FlowControl.Set(call),
            "-i" or "--driver" => DriverInformation.Show(call),
            "-k" or "--show-features" or "--show-offload" => call.ShowOnly() ?? Features.Show(call),
            "-K" or "--features" or "--offload" => Features.Set(call),
            "-n" or "-u" or "--show-nfc" or "--show-ntuple" => FlowClassification.Show(call),
            "-N" or "-U" or "--config-nfc" or "--config-ntuple" => FlowClassification.Set(call),
            "-S" or "--statistics" => DeviceStatistics.Show(call),
            var option => Elsewhere.Contains(option) ? call.FailNetlink(call.Missing) : null,
        };
        return status ?? FailUsage(context);
    }

    private static int Print(ProgramContext context, string text)
    {
        context.Write(text);
        return 0;
    }

    private static int FailUsage(ProgramContext context)
    {
        context.WriteError(BadCommandLine);
        return 1;
    }

    /// <summary>The options of version 6.1 that know JSON, but for those of hardware that is not here; null for the others.</summary>
    private static int? ShowJson(string option, EthtoolCall call) => option switch
    {
        "-a" or "--show-pause" => call.ShowOnly() ?? FlowControl.ShowJson(call),
        "-k" or "--show-features" or "--show-offload" => call.ShowOnly() ?? Features.ShowJson(call),
        _ => null,
    };
}
