using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>A virtual machine's processors poll before they halt (drivers/cpuidle/governors/haltpoll.c).</summary>
public class HaltPollTests
{
    private const string Parameters = "/sys/module/haltpoll/parameters/";

    private static (uint Call, SleeperTask Task) Woken(string cmdline, int everyUs, int times)
    {
        var bench = new SchedulingBench(cpus: 2, cmdline: cmdline);
        SleeperTask task = bench.Sleeper(cpu: 1, computePs: SimTime.Microsecond);
        for (int i = 1; i <= times; i++) bench.WakeAt(i * everyUs * SimTime.Microsecond, task, from: 0);
        bench.RunUntil((times + 1) * everyUs * SimTime.Microsecond);
        Assert.Equal(times, task.DonePs.Count);
        return (bench.Bench.Kernel.Cpus[1].Counts[ArchInterrupt.CAL], task);
    }

    /// <summary>
    /// The first halt is over soon, so it polls 50 us from then on, and nobody needs to send an interrupt. Pauses of 90 us are never polled through: it halts for the last 40 of them,
    /// which is less than it polls already.
    /// </summary>
    [Theory]
    [InlineData("", 40, 20u)]
    [InlineData("cpuidle_haltpoll.force=1", 40, 1u)]
    [InlineData("cpuidle_haltpoll.force=1", 90, 20u)]
    [InlineData("cpuidle_haltpoll.force=1", 1000, 20u)]
    [InlineData("cpuidle_haltpoll.force=1 haltpoll.guest_halt_poll_ns=0", 40, 20u)]
    [InlineData("cpuidle_haltpoll.force=1 haltpoll.guest_halt_poll_grow_start=100000", 90, 1u)]
    [InlineData("cpuidle_haltpoll.force=1 idle=halt", 40, 20u)]
    public void Short_pauses_are_polled_through(string cmdline, int everyUs, uint calls) => Assert.Equal(calls, Woken(cmdline, everyUs, 20).Call);

    [Fact]
    public void Parameters_are_files_and_take_effect()
    {
        var bench = new KernelBench(cmdline: "cpuidle_haltpoll.force=1 haltpoll.guest_halt_poll_ns=100000");
        Assert.Equal(("100000\n", "2\n", "2\n", "50000\n", "Y\n"), (
            bench.Read(Parameters + "guest_halt_poll_ns"), bench.Read(Parameters + "guest_halt_poll_shrink"), bench.Read(Parameters + "guest_halt_poll_grow"),
            bench.Read(Parameters + "guest_halt_poll_grow_start"), bench.Read(Parameters + "guest_halt_poll_allow_shrink")));
        Assert.Equal(Tophalf.Linux.Errno.EINVAL, bench.Write(Parameters + "guest_halt_poll_ns", "-1\n"));
        Assert.Equal(Tophalf.Linux.Errno.EINVAL, bench.Write(Parameters + "guest_halt_poll_allow_shrink", "maybe\n"));
        Assert.Equal(Tophalf.Linux.Errno.None, bench.Write(Parameters + "guest_halt_poll_allow_shrink", "n\n"));
        Assert.Equal("N\n", bench.Read(Parameters + "guest_halt_poll_allow_shrink"));
        Assert.Equal(("haltpoll\n", "haltpoll\n"), (bench.Read("/sys/devices/system/cpu/cpuidle/current_driver"), bench.Read("/sys/devices/system/cpu/cpuidle/current_governor_ro")));
        Assert.Equal("none\n", new KernelBench().Read("/sys/devices/system/cpu/cpuidle/current_driver"));
    }

    /// <summary>As a virtual machine with the driver shows them.</summary>
    [Fact]
    public void Its_two_states_are_in_sysfs_and_polling_can_be_switched_off()
    {
        var bench = new KernelBench(cmdline: "cpuidle_haltpoll.force=1");
        const string States = "/sys/devices/system/cpu/cpu0/cpuidle/state";
        Assert.Equal(("POLL\n", "CPUIDLE CORE POLL IDLE\n", "haltpoll idle\n", "default architecture idle\n"), (
            bench.Read(States + "0/name"), bench.Read(States + "0/desc"), bench.Read(States + "1/name"), bench.Read(States + "1/desc")));
        Assert.Equal(("0\n", "1\n", "1\n"), (bench.Read(States + "0/latency"), bench.Read(States + "1/latency"), bench.Read(States + "1/residency")));
        Assert.Equal(Errno.None, bench.Write(States + "0/disable", "1\n"));
        Assert.Equal(("1\n", "0\n"), (bench.Read(States + "0/disable"), bench.Read(States + "1/disable")));
    }
}
