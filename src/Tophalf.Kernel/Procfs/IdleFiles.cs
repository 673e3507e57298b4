using Tophalf.Kernel.Scheduling.Idle;
using Tophalf.Linux;
using Tophalf.Simulation;
using IdleState = Tophalf.Kernel.Scheduling.Idle.IdleState;

namespace Tophalf.Kernel.Procfs;

/// <summary>
/// /sys/devices/system/cpu/cpuN/cpuidle (drivers/cpuidle/sysfs.c): the states of the processor's idle driver. State 0 is polling; the menu governor of this kernel
/// chooses it only where all others are switched off.
/// </summary>
internal static class IdleFiles
{
    public static Directory Tree(IdleWork idle) => Directory.Of([.. idle.States.Select((_, index) => ($"state{index}", (Node)State(idle, index)))]);

    private static Directory State(IdleWork idle, int index)
    {
        IdleState state = idle.States[index];
        return Directory.Of(
            ("name", new File(() => state.Name + "\n")),
            ("desc", new File(() => Description(state) + "\n")),
            ("latency", new File(() => (state.DeclaredPs ?? state.ExitPs) / SimTime.Microsecond + "\n")),
            ("residency", new File(() => (state.DeclaredPs ?? state.ResidencyPs) / SimTime.Microsecond + "\n")),
            ("usage", new File(() => idle.Usage[index] + "\n")),
            ("time", new File(() => idle.TimePs[index] / SimTime.Microsecond + "\n")),
            ("default_status", new File(() => "enabled\n")),
            ("disable", new File(() => idle.Disabled[index] ? "1\n" : "0\n", text => Disable(text, off => idle.Disabled[index] = off))));
    }

    private static string Description(IdleState state) => state switch
    {
        { Name: "POLL" } => "CPUIDLE CORE POLL IDLE",
        { Name: "haltpoll idle" } => "default architecture idle",
        { WatchesNeedResched: true } => "MWAIT",
        _ => "HLT",
    };

    /// <summary>store_state_disable: any number but zero switches the state off.</summary>
    private static Errno Disable(string text, Action<bool> disable)
    {
        if (!uint.TryParse(text.Trim(), out uint value))
            return Errno.EINVAL;
        disable(value != 0);
        return Errno.None;
    }
}
