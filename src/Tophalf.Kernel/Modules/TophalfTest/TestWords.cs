using Tophalf.Kernel.Irq;

namespace Tophalf.Kernel.Modules.TophalfTest;

/// <summary>The words of the module's commands.</summary>
internal static class TestWords
{
    private static readonly Dictionary<string, IrqFlags> Flags = new()
    {
        ["shared"] = IrqFlags.Shared,
        ["oneshot"] = IrqFlags.OneShot,
        ["noautoen"] = IrqFlags.NoAutoEn,
        ["probe_shared"] = IrqFlags.ProbeShared,
        ["percpu"] = IrqFlags.PerCpu,
        ["no_thread"] = IrqFlags.NoThread,
        ["no_suspend"] = IrqFlags.NoSuspend,
        ["cond_suspend"] = IrqFlags.CondSuspend,
        ["rising"] = IrqFlags.TriggerRising,
        ["falling"] = IrqFlags.TriggerFalling,
        ["high"] = IrqFlags.TriggerHigh,
        ["low"] = IrqFlags.TriggerLow,
    };

    public static IrqFlags FlagOf(string word) => Flags.GetValueOrDefault(word);

    public static IrqFlags TypeOf(string word) => word == "both" ? IrqFlags.TriggerRising | IrqFlags.TriggerFalling : FlagOf(word);

    public static FlowKind? FlowOf(string word) => word switch
    {
        "level" => FlowKind.Level,
        "edge" => FlowKind.Edge,
        "fasteoi" => FlowKind.FastEoi,
        "simple" => FlowKind.Simple,
        "untracked" => FlowKind.Untracked,
        _ => null,
    };

    public static IrqSettings SettingOf(string word) => word switch
    {
        "norequest" => IrqSettings.NoRequest,
        "noprobe" => IrqSettings.NoProbe,
        "nothread" => IrqSettings.NoThread,
        "nested" => IrqSettings.NestedThread,
        "unlazy" => IrqSettings.DisableUnlazy,
        "noautoen" => IrqSettings.NoAutoEn,
        _ => IrqSettings.None,
    };

    public static string Of(IrqReturn result) => result switch
    {
        IrqReturn.None => "none",
        IrqReturn.Handled => "handled",
        IrqReturn.WakeThread => "wake",
        _ => "bogus",
    };

    /// <summary>kstrtoint and kstrtouint with base 0: decimal, 0x hexadecimal, 0 octal.</summary>
    public static bool TryNumber(string text, out long value)
    {
        bool negative = text.StartsWith('-');
        string digits = negative || text.StartsWith('+') ? text[1..] : text;
        value = 0;
        int radix = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? 16 : digits.Length > 1 && digits[0] == '0' ? 8 : 10;
        if (radix == 16) digits = digits[2..];
        if (digits.Length == 0) return false;
        foreach (char digit in digits)
        {
            int worth = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            if (worth >= radix) return false;
            value = value * radix + worth;
            if (value > uint.MaxValue) return false;
        }
        if (negative) value = -value;
        return true;
    }
}
