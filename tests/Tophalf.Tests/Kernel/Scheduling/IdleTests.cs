using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Scheduling.Idle;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Reports;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>How deep a processor sleeps, and what waking it costs (drivers/cpuidle).</summary>
public class IdleTests
{
    [Fact]
    public void Every_table_has_states_from_shallow_to_deep()
    {
        Assert.Equal(["icelake-server", "nehalem", "sapphire-rapids", "skylake-server"], IdleTable.BuiltInNames);
        Assert.Equal(["C1", "C1E", "C3", "C6"], IdleTable.BuiltIn("nehalem")!.States.Select(state => state.Name));
        foreach (string name in IdleTable.BuiltInNames.Where(name => name != "nehalem")) Assert.Equal(["C1", "C1E", "C6"], IdleTable.BuiltIn(name)!.States.Select(state => state.Name));
    }

    [Theory]
    [InlineData("state C1 1 us 2 us", "t.idle:1:1: this is no idle state; write: state NAME exit UNIT residency UNIT mwait|hlt SOURCE, as in: state C1 1 us 2 us hlt intel_idle")]
    [InlineData("# nothing", "t.idle:1:1: there is no state; write: state C1 1 us 2 us hlt SOURCE")]
    [InlineData("state C6 100 us 600 us mwait x\nstate C1 1 us 2 us mwait x", "t.idle:2:1: C1 is shallower than C6 before it; write the shallowest state first")]
    public void A_wrong_table_is_refused_at_its_line(string text, string message) =>
        Assert.Equal(message, Assert.Throws<IdleTableException>(() => IdleTable.Parse(new StringReader(text), "t")).Message);

    /// <summary>Timers 5 us apart leave time for C1 alone, 10 ms for the deepest state; a shorter sleep than its residency is not slept in C6.</summary>
    [Theory]
    [InlineData("", 20, 1)]
    [InlineData("idle: icelake-server, ", 20, 4)]
    [InlineData("idle: icelake-server, ", 10_000, 170)]
    [InlineData("idle: skylake-server, ", 10_000, 133)]
    public void A_timer_finds_the_processor_as_deep_as_its_distance_allows(string idle, int sleepUs, int exitUs)
    {
        double timer = Timer($"{idle}kernel: {{}}", sleepUs).P50;
        Assert.InRange(timer, exitUs, exitUs + 1.5);
    }

    [Theory]
    [InlineData("idle=poll", 0)]
    [InlineData("intel_idle.max_cstate=1", 1)]
    [InlineData("intel_idle.max_cstate=2", 4)]
    public void The_command_line_keeps_the_processor_from_sleeping_deep(string cmdline, int exitUs) =>
        Assert.InRange(Timer($"idle: icelake-server, kernel: {{cmdline: \"{cmdline}\"}}", 10_000).P50, exitUs, exitUs + 1.5);

    /// <summary>A halted processor needs an interrupt to hear of a wake-up; one that polls or waits with MWAIT sees the flag.</summary>
    [Theory]
    [InlineData("", 1)]
    [InlineData("idle=poll", 0)]
    public void A_processor_that_watches_is_woken_without_an_interrupt(string cmdline, uint interrupts)
    {
        var bench = new SchedulingBench(cpus: 2, cmdline: cmdline);
        SleeperTask task = bench.Sleeper(cpu: 1);
        bench.WakeAt(SimTime.Millisecond, task, from: 0);
        bench.RunUntil(2 * SimTime.Millisecond);
        Assert.Equal([1], task.DoneOn);
        Assert.Equal((0u, interrupts), (bench.Bench.Kernel.Cpus[1].Counts[ArchInterrupt.RES], bench.Bench.Kernel.Cpus[1].Counts[ArchInterrupt.CAL]));
        Assert.InRange(task.DonePs[0] - SimTime.Millisecond, 10 * SimTime.Microsecond, 16 * SimTime.Microsecond);
    }

    /// <summary>With every state switched off the first of the table is taken all the same, which is polling.</summary>
    [Fact]
    public void A_processor_whose_states_are_all_switched_off_polls()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 1, idle: icelake-server}
            workloads:
              - task: {name: timer, cpus: "0", compute: 1us, sleep: 1ms}
            """);
        machine.Run("for f in /sys/devices/system/cpu/cpu0/cpuidle/state*/disable; do echo 1 > $f; done");
        machine.RunUntil(machine.Events.NowPs + 10 * SimTime.Millisecond);
        const string State = "/sys/devices/system/cpu/cpu0/cpuidle/state";
        Assert.Equal("POLL\n", machine.Read(State + "0/name"));
        Assert.InRange(int.Parse(machine.Read(State + "0/usage")), 9, 11);
        Assert.InRange(Enumerable.Range(1, 3).Sum(state => int.Parse(machine.Read($"{State}{state}/usage"))), 0, 1);
    }

    /// <summary>Zeros stand for what has not happened yet: pauses of 15 us resemble them, those of 100 us do not until there are eight.</summary>
    [Theory]
    [InlineData(15, "C6 C1 C1 C1E C1E C1E C1E C1E C1E")]
    [InlineData(100, "C6 C6 C6 C6 C6 C6 C6 C6 C1E")]
    public void The_governor_takes_what_has_not_happened_yet_for_no_time_at_all(int pauseUs, string chosen)
    {
        var governor = new MenuGovernor([IdleTable.Poll.States[0], .. IdleTable.BuiltIn("icelake-server")!.States]);
        var states = new List<string>();
        for (int i = 0; i < 9; i++)
        {
            states.Add(governor.Choose(10 * SimTime.Millisecond, [false, false, false, false]).Name);
            governor.Idled(pauseUs * SimTime.Microsecond);
        }
        Assert.Equal(chosen, string.Join(' ', states));
    }

    [Fact]
    public void An_unknown_table_is_named_with_its_place()
    {
        var error = Assert.Throws<TuningException>(() => TwinRuns.Run("machine: {idle: pentium}"));
        Assert.Equal(
            "test.yaml:1:17: there is no table of idle states 'pentium'; write one of icelake-server, nehalem, sapphire-rapids, skylake-server, or put pentium.idle beside the scenario",
            error.Message);
    }

    private static LatencyReport Timer(string machine, int sleepUs) => TwinRuns.Run($$"""
        machine: {cores: 1, {{machine}} }
        workloads:
          - task: {name: timer, cpus: "0", compute: 1us, sleep: {{sleepUs}}us}
        run: 1s
        """).Tasks.Single().Timer;
}
