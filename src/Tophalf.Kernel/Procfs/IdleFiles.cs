using Tophalf.Kernel.Scheduling.Idle;
using Tophalf.Linux;
using Tophalf.Simulation;
using IdleState = Tophalf.Kernel.Scheduling.Idle.IdleState;

namespace Tophalf.Kernel.Procfs;

/// <summary>
/// /sys/devices/system/cpu/cpuN/cpuidle (drivers/cpuidle/sysfs.c): the states of the processor's idle driver. State 0 is polling; the menu governor of this kernel never
/// chooses it, the haltpoll driver has it in its table.
/// </summary>
internal static class IdleFiles
{
    public static Directory Tree(IdleWork idle)
    {
        IEnumerable<Directory> states = idle.States.Select((_, index) => State(idle, index));
        if (idle.States[0] != IdleTable.Poll.States[0]) states = states.Prepend(Unused(idle));
        return Directory.Of([.. states.Select((state, number) => ($"state{number}", (Node)state))]);
    }

    private static Directory Unused(IdleWork idle) =>
        State(IdleTable.Poll.States[0], () => 0, () => 0, () => idle.PollIsDisabled, off => idle.PollIsDisabled = off);

    private static Directory State(IdleWork idle, int index) =>
        State(idle.States[index], () => idle.Usage[index], () => idle.TimePs[index], () => idle.Disabled[index], off => idle.Disabled[index] = off);

    private static Directory State(IdleState state, Func<long> usage, Func<long> timePs, Func<bool> isDisabled, Action<bool> disable) => Directory.Of(
        ("name", new File(() => state.Name + "\n")),
        ("desc", new File(() => Description(state) + "\n")),
        ("latency", new File(() => state.ExitPs / SimTime.Microsecond + "\n")),
        ("residency", new File(() => state.ResidencyPs / SimTime.Microsecond + "\n")),
        ("usage", new File(() => usage() + "\n")),
        ("time", new File(() => timePs() / SimTime.Microsecond + "\n")),
        ("default_status", new File(() => "enabled\n")),
        ("disable", new File(() => isDisabled() ? "1\n" : "0\n", text => Disable(text, disable))));

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
