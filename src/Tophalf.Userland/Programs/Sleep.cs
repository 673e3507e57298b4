using System.Globalization;

namespace Tophalf.Userland.Programs;

/// <summary>sleep N[smhd]...: the sum passes on the machine's own clock.</summary>
internal static class Sleep
{
    private const decimal NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Some 292 years of nanoseconds fill a long.</summary>
    private const decimal LargestCount = long.MaxValue / NanosecondsPerSecond;

    public static int Run(ProgramContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0)
            throw new UsageException("", "[N[smhd]]...");
        decimal ns = 0;
        foreach (string argument in arguments)
        {
            if (!TryParse(argument, out decimal duration) || (ns += duration) > long.MaxValue)
            {
                context.Complain($"invalid number '{argument}'");
                return 1;
            }
        }
        context.Host.Sleep((long)ns);
        return 0;
    }

    private static bool TryParse(string text, out decimal ns)
    {
        ns = 0;
        decimal seconds = text.Length == 0 ? 1 : text[^1] switch { 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 1 };
        string number = text.TrimEnd('s', 'm', 'h', 'd');
        if (text.Length - number.Length > 1
            || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count) || count > LargestCount)
            return false;
        ns = count * seconds * NanosecondsPerSecond;
        return true;
    }
}
