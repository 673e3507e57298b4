using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Procfs;

/// <summary>A number below /proc/sys/kernel, with what it may be.</summary>
internal readonly record struct KernelSysctl(string Name, Func<long> Get, Func<long, Errno>? Set, long Max, long Min = 0);

/// <summary>The numbers of /proc/sys/kernel that tell of lockups, NMIs, real-time throttling and the kernel's own health (kernel/watchdog.c, kernel/panic.c, Documentation/admin-guide/sysctl/kernel.rst).</summary>
internal static class KernelSysctls
{
    public static IEnumerable<KernelSysctl> Of(Kernel kernel) =>
    [
        Switch("watchdog", () => kernel.Lockups.IsWanted, value => kernel.Lockups.IsWanted = value),
        Switch("soft_watchdog", () => kernel.Lockups.IsSoftWanted, value => kernel.Lockups.IsSoftWanted = value),
        new("nmi_watchdog", () => kernel.Lockups.IsHardWanted ? 1 : 0, value => kernel.Lockups.SetHardWanted(value != 0), 1),
        new("watchdog_thresh", () => kernel.Lockups.ThresholdSeconds, value => kernel.Lockups.SetThreshold((int)value), 60),
        Switch("softlockup_panic", () => kernel.Lockups.SoftPanics, value => kernel.Lockups.SoftPanics = value),
        Switch("hardlockup_panic", () => kernel.Lockups.HardPanics, value => kernel.Lockups.HardPanics = value),
        Switch("unknown_nmi_panic", () => kernel.Nmi.PanicsOnUnknown, value => kernel.Nmi.PanicsOnUnknown = value, int.MaxValue),
        Switch("panic_on_unrecovered_nmi", () => kernel.Nmi.PanicsOnUnrecovered, value => kernel.Nmi.PanicsOnUnrecovered = value, int.MaxValue),
        Switch("panic_on_io_nmi", () => kernel.Nmi.PanicsOnIoCheck, value => kernel.Nmi.PanicsOnIoCheck = value, int.MaxValue),
        Switch("sched_schedstats", () => kernel.HasSchedStats, value => kernel.HasSchedStats = value),
        new("sched_rt_period_us", () => kernel.RealTimeBandwidth.PeriodPs / SimTime.Microsecond, kernel.RealTimeBandwidth.SetPeriod, int.MaxValue, Min: 1),
        new("sched_rt_runtime_us", () => Microseconds(kernel.RealTimeBandwidth.RuntimePs), kernel.RealTimeBandwidth.SetRuntime, int.MaxValue, Min: -1),
        new("tainted", () => (long)kernel.Taint, null, 0),
    ];

    private static long Microseconds(long ps) => ps < 0 ? -1 : ps / SimTime.Microsecond;

    private static KernelSysctl Switch(string name, Func<bool> get, Action<bool> set, long max = 1) => new(name, () => get() ? 1 : 0, value =>
    {
        set(value != 0);
        return Errno.None;
    }, max);
}
