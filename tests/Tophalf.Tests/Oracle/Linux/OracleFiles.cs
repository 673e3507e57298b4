using Tophalf.Tests.Shared;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>What tests/oracle/install.sh left in out/oracle: a kernel, an initramfs, or the reason why not.</summary>
internal static class OracleFiles
{
    private static readonly string Folder = TwinRuns.Shipped("out/oracle");

    /// <summary>Why there is no oracle here; null when there is one.</summary>
    public static string? WhyNot { get; } = FindWhyNot();

    public static string Release => File.ReadAllText(Path.Combine(Folder, "kernel", "release")).Trim();
    public static string Kernel => Path.Combine(Folder, "kernel", "boot", "vmlinuz-" + Release);
    public static string Initramfs => Path.Combine(Folder, "initramfs.cpio");

    /// <summary>The test module was built: a compiler and make were there.</summary>
    public static bool HasTestModule => File.Exists(Path.Combine(Folder, "initramfs", "lib", "modules", "tophalf_test.ko"));

    private static string? FindWhyNot()
    {
        string reason = Path.Combine(Folder, "unavailable");
        if (File.Exists(reason)) return "no oracle: " + File.ReadAllText(reason).Trim();
        if (!File.Exists(Initramfs)) return "no oracle: run tests/oracle/install.sh (./test does)";
        bool hasQemu = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "qemu-system-x86_64")));
        return hasQemu ? null : "no oracle: qemu-system-x86_64 is not on the PATH";
    }
}

/// <summary>A test that boots a real kernel, and says why where it cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OracleFactAttribute : Xunit.FactAttribute
{
    public OracleFactAttribute() => Skip = OracleFiles.WhyNot;
}

/// <summary>A theory over scripts for a real kernel, and says why where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OracleTheoryAttribute : Xunit.TheoryAttribute
{
    /// <param name="needsTestModule">The scripts load the test module.</param>
    public OracleTheoryAttribute(bool needsTestModule = false) =>
        Skip = OracleFiles.WhyNot ?? (needsTestModule && !OracleFiles.HasTestModule ? "the test module was not built: see out/oracle/build.log" : null);
}
