using Tophalf.Advisor.Observations;

namespace Tophalf.Advisor.Rules;

/// <summary>The hard-lockup watchdog's NMIs reach CPUs that should be left alone.</summary>
internal sealed class NmiWatchdog() : Rule(new RuleCard(
    "nmi-watchdog-cost",
    "The NMI watchdog takes one performance counter of every CPU for good and interrupts each busy CPU about every ten seconds, through any lock and any mask. On isolated CPUs, or in guests where a counter overflow is an exit, that is jitter somebody wanted gone.",
    $"kernel.nmi_watchdog is 1 and there are isolated or nohz_full CPUs, or more than {ManyPerSecond:0} NMIs a second come to a CPU.",
    "kernel/watchdog_perf.c; Documentation/admin-guide/lockup-watchdogs.rst",
    Part.Interrupts))
{
    private const double ManyPerSecond = 10;

    public override IEnumerable<Finding> Look(Observation seen)
    {
        ObservedRow? row = seen.Rows.FirstOrDefault(row => row.Name == "NMI");
        double most = row is null ? 0 : row.PerCpu.Max(count => seen.Rate(count) ?? 0);
        bool isOn = seen.Setting("/proc/sys/kernel/nmi_watchdog") == 1;
        if (!(isOn && !seen.Isolated.IsEmpty) && most <= ManyPerSecond)
            yield break;
        var evidence = new List<Evidence> { new("/proc/interrupts", $"NMI {seen.PerSecond(row?.Count ?? 0)}") };
        if (isOn)
            evidence.Insert(0, new Evidence("/proc/sys/kernel/nmi_watchdog", "1"));
        if (!seen.Isolated.IsEmpty)
            evidence.Add(new Evidence("/sys/devices/system/cpu/isolated, nohz_full", seen.Isolated.ToList()));
        yield return Found(
            Severity.Info,
            isOn && !seen.Isolated.IsEmpty
                ? "The NMI watchdog interrupts the isolated CPUs too, and keeps a performance counter of each."
                : FormattableString.Invariant($"A CPU takes {most:0} NMIs a second; a profiler or the watchdog samples it."),
            evidence,
            isOn ? ["echo 0 > /proc/sys/kernel/nmi_watchdog"] : ["stop the profiler (perf), or lower its frequency"]);
    }
}
