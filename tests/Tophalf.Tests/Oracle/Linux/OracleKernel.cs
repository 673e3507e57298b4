using Tophalf.Kernel.Scheduling;
using Tophalf.Tests.Shared;

namespace Tophalf.Tests.Oracle.Linux;

/// <summary>A kernel that tests/oracle/install.sh left in out/oracle, with its initramfs; or the reason why not.</summary>
/// <param name="Suffix">Of the names below out/oracle.</param>
/// <param name="Preemption">How it is built to preempt.</param>
internal sealed record OracleKernel(string Suffix, PreemptionModel Preemption)
{
    private static readonly string Folder = TwinRuns.Shipped("out/oracle");

    // Debian's is built to choose at boot, and chooses voluntary unless it is told otherwise.
    public static OracleKernel Ordinary { get; } = new("", PreemptionModel.Voluntary);
    public static OracleKernel Rt { get; } = new("-rt", PreemptionModel.Rt);

    /// <summary>Why it is not here; null when it is.</summary>
    public string? WhyNot => FindWhyNot();

    public string Release => File.ReadAllText(Path.Combine(Folder, "kernel" + Suffix, "release")).Trim();
    public string Image => Path.Combine(Folder, "kernel" + Suffix, "boot", "vmlinuz-" + Release);
    public string Initramfs => Path.Combine(Folder, $"initramfs{Suffix}.cpio");

    /// <summary>The test module was built: a compiler and make were there.</summary>
    public bool HasTestModule => File.Exists(Path.Combine(Folder, "initramfs" + Suffix, "lib", "modules", "tophalf_test.ko"));

    private string? FindWhyNot()
    {
        string reason = Path.Combine(Folder, "unavailable" + Suffix);
        if (!File.Exists(reason)) reason = Path.Combine(Folder, "unavailable");
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
    public OracleFactAttribute() => Skip = OracleKernel.Ordinary.WhyNot;
}

/// <summary>A theory over scripts for a real kernel, and says why where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OracleTheoryAttribute : Xunit.TheoryAttribute
{
    /// <param name="needsTestModule">The scripts load the test module.</param>
    /// <param name="needsRt">The kernel is the one with PREEMPT_RT.</param>
    public OracleTheoryAttribute(bool needsTestModule = false, bool needsRt = false)
    {
        OracleKernel kernel = needsRt ? OracleKernel.Rt : OracleKernel.Ordinary;
        Skip = kernel.WhyNot ?? (needsTestModule && !kernel.HasTestModule ? "the test module was not built: see out/oracle/build.log" : null);
    }
}
