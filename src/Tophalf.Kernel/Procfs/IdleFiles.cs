using Tophalf.Kernel.Scheduling.Idle;
using Tophalf.Linux;
using Tophalf.Simulation;

namespace Tophalf.Kernel.Procfs;

/// <summary>
/// /sys/devices/system/cpu/cpuN/cpuidle (drivers/cpuidle/sysfs.c): the states of the processor's idle driver. State 0 is polling, which this kernel's governor never
/// chooses while another is enabled.
/// </summary>
internal static class IdleFiles
{
    public static Directory Tree(IdleWork idle) => Directory.Of(
        [("state0", State("POLL", "CPUIDLE CORE POLL IDLE", 0, 0, () => 0, () => 0, null)), .. idle.States.Select((state, index) => ($"state{index + 1}", State(idle, index)))]);

    private static Directory State(IdleWork idle, int index) => State(
        idle.States[index].Name, idle.States[index].WatchesNeedResched ? "MWAIT" : "HLT", idle.States[index].ExitPs, idle.States[index].ResidencyPs,
        () => idle.Usage[index], () => idle.TimePs[index], (() => idle.Disabled[index], off => idle.Disabled[index] = off));

    private static Directory State(
        string name, string description, long exitPs, long residencyPs, Func<long> usage, Func<long> timePs, (Func<bool> Get, Action<bool> Set)? disabled) => Directory.Of(
        ("name", new File(() => name + "\n")),
        ("desc", new File(() => description + "\n")),
        ("latency", new File(() => exitPs / SimTime.Microsecond + "\n")),
        ("residency", new File(() => residencyPs / SimTime.Microsecond + "\n")),
        ("usage", new File(() => usage() + "\n")),
        ("time", new File(() => timePs() / SimTime.Microsecond + "\n")),
        ("default_status", new File(() => "enabled\n")),
        ("disable", new File(() => disabled?.Get() == true ? "1\n" : "0\n", text => Disable(text, disabled?.Set))));

    /// <summary>store_state_disable: any number but zero switches the state off.</summary>
    private static Errno Disable(string text, Action<bool>? set)
    {
        if (!uint.TryParse(text.Trim(), out uint value))
            return Errno.EINVAL;
        set?.Invoke(value != 0);
        return Errno.None;
    }
}
