using System.Globalization;

namespace Tophalf.Tests.Oracle;

/// <summary>How many commands each comparison runs: 100,000, or what TOPHALF_QEMU_OPERATIONS says for a long night.</summary>
internal static class QemuBudget
{
    public static long Operations { get; } =
        long.TryParse(Environment.GetEnvironmentVariable("TOPHALF_QEMU_OPERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out long given) ? given : 100_000;
}
