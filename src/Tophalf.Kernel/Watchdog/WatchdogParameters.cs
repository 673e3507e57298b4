namespace Tophalf.Kernel.Watchdog;

/// <summary>What the command line says of the lockup detectors (kernel/watchdog.c). Words it does not know are somebody else's.</summary>
internal sealed record WatchdogParameters
{
    /// <summary>kernel.watchdog_thresh in seconds.</summary>
    public int ThresholdSeconds { get; private init; } = 10;

    public bool IsSoftEnabled { get; private init; } = true;
    public bool IsHardEnabled { get; private init; } = true;
    public bool SoftPanics { get; private init; }
    public bool HardPanics { get; private init; }

    public static WatchdogParameters Parse(IEnumerable<(string Name, string Value)> parameters)
    {
        var found = new WatchdogParameters();
        foreach ((string name, string value) in parameters)
        {
            found = name switch
            {
                "nowatchdog" => found with { IsSoftEnabled = false, IsHardEnabled = false },
                "nosoftlockup" => found with { IsSoftEnabled = false },
                "softlockup_panic" => found with { SoftPanics = value == "1" },
                "watchdog_thresh" when int.TryParse(value, out int seconds) && seconds >= 0 => found with { ThresholdSeconds = seconds },
                "nmi_watchdog" => Hard(found, value),
                _ => found,
            };
        }
        return found;
    }

    /// <summary>hardlockup_panic_setup: 0 or 1, panic or nopanic, several of them with commas between.</summary>
    private static WatchdogParameters Hard(WatchdogParameters found, string value)
    {
        foreach (string part in value.Split(','))
        {
            if (part.StartsWith("panic", StringComparison.Ordinal)) found = found with { HardPanics = true };
            else if (part.StartsWith("nopanic", StringComparison.Ordinal)) found = found with { HardPanics = false };
            else if (part.StartsWith('0')) found = found with { IsHardEnabled = false };
            else if (part.StartsWith('1')) found = found with { IsHardEnabled = true };
        }
        return found;
    }
}
