using System.Text.RegularExpressions;
using Tophalf.Twin.Reports;

namespace Tophalf.Advisor.Rules;

/// <summary>The kernel itself says that something is badly wrong: a panic, a lockup, a sleep in atomic context. The first of each kind is told of.</summary>
internal sealed partial class KernelReports : IRule
{
    public IEnumerable<Finding> Look(RunReport report)
    {
        Finding?[] found =
        [
            First(report, Panic(), "kernel-panic", Severity.Error, "The kernel has panicked and every CPU has stopped", "read what stands before the panic in dmesg"),
            First(report, HardLockup(), "hard-lockup", Severity.Error, "A CPU hangs with interrupts off", "look in its call trace for the handler or the lock it hangs in"),
            First(report, SoftLockup(), "soft-lockup", Severity.Error, "A CPU has not switched tasks for twenty seconds or more", "look in its call trace for what keeps it; an unhandled line shows in /proc/interrupts"),
            First(report, AtomicSleep(), "atomic-sleep", Severity.Warning, "Kernel code slept where it must not", "look in its call trace for the driver; move the work to a threaded handler or a workqueue"),
        ];
        return found.OfType<Finding>();
    }

    private static Finding? First(RunReport report, Regex pattern, string id, Severity severity, string says, string remedy)
    {
        string? message = report.Log.FirstOrDefault(line => pattern.IsMatch(line));
        return message is null ? null : new Finding(id, severity, says + ".", [$"dmesg: {message.Trim()}"], [remedy]);
    }

    [GeneratedRegex(@"\bKernel panic - not syncing: ", RegexOptions.CultureInvariant)]
    private static partial Regex Panic();

    [GeneratedRegex(@"\bWatchdog detected hard LOCKUP on cpu ", RegexOptions.CultureInvariant)]
    private static partial Regex HardLockup();

    [GeneratedRegex(@"\bBUG: soft lockup - CPU#", RegexOptions.CultureInvariant)]
    private static partial Regex SoftLockup();

    [GeneratedRegex(@"\bBUG: (scheduling while atomic|sleeping function called from invalid context)", RegexOptions.CultureInvariant)]
    private static partial Regex AtomicSleep();
}
