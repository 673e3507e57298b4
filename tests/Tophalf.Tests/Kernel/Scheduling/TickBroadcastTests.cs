using Tophalf.Kernel.Scheduling;
using Tophalf.Kernel.Scheduling.Idle;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>Processors whose local APIC timer stops in C3 and C6, and the board's timer that wakes them (kernel/time/tick-broadcast.c).</summary>
public class TickBroadcastTests
{
    private const string Broadcast = "/sys/devices/system/clockevents/broadcast/current_device";

    private static TwinMachine Sleeper(int cpu, string sleep = "10ms", string machine = "") => TwinRuns.Machine($$"""
        machine: {cores: 2, idle: nehalem, arat: off{{machine}} }
        workloads:
          - task: {name: timer, cpus: "{{cpu}}", compute: 1us, sleep: {{sleep}} }
        """, SimTime.Second + SimTime.Millisecond);

    private static string Rows(TwinMachine machine) => string.Join('\n', machine.Read("/proc/interrupts").Split('\n').Where(row => row.EndsWith("timer") || row.StartsWith("LOC"))) + "\n";

    private static int Usage(TwinMachine machine, int cpu, int state) => int.Parse(machine.Read($"/sys/devices/system/cpu/cpu{cpu}/cpuidle/state{state}/usage"));

    [Fact]
    public void The_boot_processor_takes_line_0_and_sends_the_sleeper_its_timer_interrupt()
    {
        TwinMachine machine = Sleeper(cpu: 1);

        Assert.Equal(
            """
              0:        100          0  IO-APIC   2-edge      timer
            LOC:          0        100   Local timer interrupts

            """, Rows(machine));
        Assert.Equal("hpet\n", machine.Read(Broadcast));
        Audit.Check(machine);
    }

    /// <summary>tick_do_broadcast: what the processor that is interrupted is due itself is done in that interrupt, and LOC does not count it.</summary>
    [Fact]
    public void The_boot_processors_own_timer_comes_by_line_0_alone()
    {
        TwinMachine machine = Sleeper(cpu: 0);

        Assert.Equal(
            """
              0:        100          0  IO-APIC   2-edge      timer
            LOC:          0          0   Local timer interrupts

            """, Rows(machine));
    }

    /// <summary>Both processors leave C6 one after the other, 200 us each.</summary>
    [Theory]
    [InlineData("", 400)]
    [InlineData(", kernel: {cmdline: intel_idle.max_cstate=2}", 10)]
    public void A_timer_is_late_by_the_exit_of_both_processors(string machine, int lateUs)
    {
        double late = TwinRuns.Run($$"""
            machine: {cores: 2, idle: nehalem, arat: off{{machine}} }
            workloads:
              - task: {name: timer, cpus: "1", compute: 1us, sleep: 10ms}
            run: 500ms
            """).Tasks.Single().Timer.P50;
        Assert.InRange(late, lateUs, lateUs + 10);
    }

    [Fact]
    public void With_noapic_line_0_comes_through_the_8259()
    {
        Assert.Equal(
            """
              0:        100          0   XT-PIC      timer
            LOC:          0        100   Local timer interrupts

            """, Rows(Sleeper(cpu: 1, machine: ", kernel: {cmdline: noapic}")));
    }

    /// <summary>Sixteen bits of 1.19 MHz are 27.5 ms; the interrupts between wake nobody else.</summary>
    [Fact]
    public void The_PIT_wakes_up_every_27_ms_on_the_way_to_a_timer_that_is_further_off()
    {
        TwinMachine machine = Sleeper(cpu: 1, sleep: "100ms", machine: ", kernel: {cmdline: hpet=disable}");

        Assert.Equal("pit\n", machine.Read(Broadcast));
        Assert.Equal(
            """
              0:         40          0  IO-APIC   2-edge      timer
            LOC:          0         10   Local timer interrupts

            """, Rows(machine));
    }

    /// <summary>Pauses of 50 us are slept in C1E, where the timer goes on.</summary>
    [Fact]
    public void A_short_sleep_keeps_its_own_timer()
    {
        TwinMachine machine = Sleeper(cpu: 1, sleep: "50us");

        Assert.InRange(Usage(machine, cpu: 1, state: 2), 15_000, 20_000);
        Assert.InRange(machine.Kernel.Irqs.Find(0)!.Total, 0ul, 10ul);
    }

    [Fact]
    public void With_ARAT_nobody_needs_line_0()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 2, idle: nehalem}
            workloads:
              - task: {name: timer, cpus: "1", compute: 1us, sleep: 10ms}
            """, SimTime.Second);

        Assert.InRange(Usage(machine, cpu: 1, state: 4), 90, 101);
        Assert.Equal(0ul, machine.Kernel.Irqs.Find(0)!.Total);
    }

    /// <summary>tick_broadcast_enter: EBUSY, and cpuidle takes the deepest state in which the timer goes on.</summary>
    [Fact]
    public void Without_a_board_timer_nobody_sleeps_deeper_than_C1E()
    {
        var bench = new KernelBench(cpus: 1, configure: options => options with { IdleStates = IdleTable.BuiltIn("nehalem"), HasArat = false });
        var timer = new PeriodicTask(bench.Kernel, "timer", 0, SimTime.Microsecond, 10 * SimTime.Millisecond, CpuClass.User);
        bench.Kernel.AddTask(timer, bench.Kernel.Cpus[0]);
        bench.Kernel.Wake(timer, bench.Kernel.Cpus[0], bench.NowPs);
        bench.RunFor(SimTime.Second);

        Assert.Equal(99u, bench.Kernel.Cpus[0].Counts[ArchInterrupt.LOC]);
        Assert.Equal([0, 0, 99, 0, 0], bench.Kernel.Cpus[0].Idle.Usage);
    }

    /// <summary>A packet wakes the processor 3 ms before its timer, which it then waits for itself or hands over anew.</summary>
    [Fact]
    public void A_processor_that_something_else_wakes_has_its_timer_back()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 2, idle: nehalem, arat: off}
            devices: {dev: {model: line, chip: msix, vectors: 1}}
            workloads:
              - task: {name: timer, cpus: "1", compute: 1us, sleep: 10ms}
              - interrupts: {to: dev, rate: 300/s, arrivals: poisson}
            tuning: echo 2 > /proc/irq/24/smp_affinity
            """, SimTime.Second);

        Assert.InRange(machine.Kernel.Tasks.Single(task => task.Comm == "timer").Wakeups, 94, 100);
        Audit.Check(machine);
    }
}
