using System.Globalization;
using Tophalf.Linux;
using Xunit;

namespace Tophalf.Tests.Linux;

/// <summary>A test against the kernel it runs on, and says so where that is not Linux.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LiveFactAttribute : FactAttribute
{
    public LiveFactAttribute() => Skip = File.Exists(ProcInterrupts.Path) ? null : "there is no /proc/interrupts here";
}

/// <summary>A test that writes affinity masks of the kernel it runs on: wants root and an interrupt that never came and can be moved.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MovableIrqFactAttribute : FactAttribute
{
    public MovableIrqFactAttribute() => Skip = IdleIrqDirectory() is null ? "needs root and an idle interrupt whose affinity can be set" : null;

    /// <summary>The directory of such an interrupt, or null.</summary>
    public static string? IdleIrqDirectory()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            return null;
        // The kernel takes the write bit away where a driver manages the affinity itself (kernel/irq/proc.c, register_irq_proc).
        foreach (InterruptRow row in ProcInterrupts.Read(new LiveMachine()).Numbered.Where(row => row.Total == 0))
        {
            string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/irq/{row.Irq}");
            if (File.GetUnixFileMode($"{directory}/smp_affinity").HasFlag(UnixFileMode.UserWrite))
                return directory;
        }
        return null;
    }
}
