using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Tophalf.Twin;
using Tophalf.Twin.Checkers;
using Xunit;

namespace Tophalf.Tests.Twin;

/// <summary>Every checker is silent on books that are right and speaks on books that are not.</summary>
public class CheckersTests
{
    [Fact]
    public void Packets_in_the_ring_balance()
    {
        Assert.Null(Audit.PacketsInTheRing("eth0 queue 0", arrived: 10, taken: 6, dropped: 1, waiting: 3));
        Assert.Equal("eth0 queue 0: 10 packets arrived, but 6 taken + 1 dropped + 2 waiting", Audit.PacketsInTheRing("eth0 queue 0", 10, 6, 1, 2));
    }

    [Fact]
    public void Every_wake_up_ends_somewhere()
    {
        Assert.Null(Audit.WakeUpsBalance(begun: 10, ended: 8, under: 1, parked: 1));
        Assert.Equal("10 wake-ups begun, but 8 made a task runnable + 1 under way + 0 found it parked", Audit.WakeUpsBalance(10, 8, 1, 0));
    }

    [Theory]
    [InlineData(true, 1, null)]
    [InlineData(false, 0, null)]
    [InlineData(true, 0, "app is runnable and stands in 0 run queues")]
    [InlineData(true, 2, "app is runnable and stands in 2 run queues")]
    [InlineData(false, 1, "app is not runnable and stands in 1 run queues")]
    public void A_task_stands_in_one_queue_or_sleeps(bool isRunnable, int queues, string? complaint) =>
        Assert.Equal(complaint, Audit.InOneQueueIfRunnable("app", isRunnable, queues));

    /// <summary>The books of a whole machine, broken where the scheduler keeps them: each checker of wake-ups sees it.</summary>
    [Theory]
    [InlineData("queued without a wake-up", "0 wake-ups begun, but 1 made a task runnable + 0 under way + 0 found it parked")]
    [InlineData("asleep in a queue", "app is not runnable and stands in 1 run queues")]
    [InlineData("awake in none", "app is runnable and stands in 0 run queues")]
    [InlineData("in two queues", "app is runnable and stands in 2 run queues")]
    public void A_wake_up_that_goes_wrong_is_seen(string how, string complaint)
    {
        var kernel = new KernelBench(cpus: 2).Kernel;
        var task = new SleeperTask("app", CpuMask.Of(0), SimTime.Microsecond);
        kernel.AddTask(task, kernel.Cpus[0]);
        if (how == "queued without a wake-up") kernel.Cpus[0].Runqueue.Enqueue(task);
        else kernel.Wake(task, kernel.Cpus[0], 0);
        Assert.True(how == "queued without a wake-up" || Audit.WakeUpsAndQueues(kernel).All(violation => violation is null));
        if (how == "asleep in a queue") task.IsSleeping = true;
        if (how == "awake in none") kernel.Cpus[0].Runqueue.Detach(task);
        if (how == "in two queues") kernel.Cpus[1].Runqueue.RealTime.Enqueue(task, first: false);
        Assert.Contains(complaint, Audit.WakeUpsAndQueues(kernel));
    }

    [Fact]
    public void Callbacks_and_grace_periods_balance()
    {
        Assert.Null(Audit.CallbacksBalance(queued: 10, invoked: 7, waiting: 3));
        Assert.Equal("10 RCU callbacks queued, but 8 called + 3 waiting", Audit.CallbacksBalance(10, 8, 3));
        Assert.Null(Audit.GracePeriodsAreWhole(calledEarly: 0, endedEarly: 0));
        Assert.Equal("1 RCU callbacks called early, 2 times a processor was not waited for", Audit.GracePeriodsAreWhole(1, 2));
    }

    [Fact]
    public void Nobody_sleeps_past_his_timer()
    {
        Assert.Null(Audit.NobodyOversleeps(0));
        Assert.Equal("2 processors sleep past their timers, and the broadcast device is set for later", Audit.NobodyOversleeps(2));
    }

    [Fact]
    public void Every_read_of_a_disk_is_finished_once()
    {
        Assert.Null(Audit.EachReadIsFinishedOnce("vda", submitted: 10, completed: 7, inFlight: 3));
        Assert.Equal("vda: 10 requests submitted, but 8 finished + 3 in flight", Audit.EachReadIsFinishedOnce("vda", 10, 8, 3));
    }

    [Fact]
    public void Packets_above_the_driver_balance()
    {
        Assert.Null(Audit.PacketsAboveTheDriver("eth0", taken: 10, delivered: 6, dropped: 1, waiting: 3));
        Assert.Equal("eth0: the driver took 10 packets, but 6 delivered + 2 dropped above it + 3 waiting there", Audit.PacketsAboveTheDriver("eth0", 10, 6, 2, 3));
    }

    [Fact]
    public void Segments_leave_gro_once_and_streams_hear_what_tcp_said()
    {
        Assert.Null(Audit.SegmentsLeaveGroOnce("eth0", received: 10, left: 7, held: 3));
        Assert.Equal("eth0: GRO received 10 segments, but 8 left it + 3 held", Audit.SegmentsLeaveGroOnce("eth0", 10, 8, 3));
        Assert.Null(Audit.StreamsAreAcknowledgedAsReceived("eth0", acknowledged: 9, taken: 10, heard: 4, sent: 4));
        Assert.Equal("eth0: streams heard 4 acknowledgements for 11 segments, but TCP took 10 and sent 4", Audit.StreamsAreAcknowledgedAsReceived("eth0", 11, 10, 4, 4));
        Assert.Equal("eth0: streams heard 4 acknowledgements for 9 segments, but TCP took 10 and sent 5", Audit.StreamsAreAcknowledgedAsReceived("eth0", 9, 10, 4, 5));
    }

    [Fact]
    public void A_ring_stays_within_its_size()
    {
        Assert.Null(Audit.RingWithinItsSize("eth0 queue 0", mostWaiting: 512, size: 512));
        Assert.Equal("eth0 queue 0: 513 packets stood in a ring of 512", Audit.RingWithinItsSize("eth0 queue 0", 513, 512));
    }

    [Fact]
    public void Every_request_was_acknowledged_merged_or_is_pending()
    {
        Assert.Null(Audit.RequestsBalance(0, accepted: 10, acknowledged: 7, merged: 2, pending: 1));
        Assert.Equal("local APIC 0: 10 requests accepted, but 7 acknowledged + 1 merged + 1 pending", Audit.RequestsBalance(0, 10, 7, 1, 1));
    }

    [Fact]
    public void No_eoi_without_service()
    {
        Assert.Null(Audit.NoEoiWithoutService(3, 0));
        Assert.Equal("local APIC 3: 1 EOI(s) with nothing in service", Audit.NoEoiWithoutService(3, 1));
    }

    [Fact]
    public void A_softirq_inside_another_or_forgotten_is_seen()
    {
        Assert.Null(Audit.NoSoftirqWhileDisabled(1, 0));
        Assert.Equal("CPU 1: softirqs ran 2 time(s) while bottom halves were disabled", Audit.NoSoftirqWhileDisabled(1, 2));
        Assert.Null(Audit.NoSoftirqForgotten(0, idle: false, pending: 0x40));
        Assert.Equal("CPU 0: idle with softirqs pending, mask 0x48", Audit.NoSoftirqForgotten(0, idle: true, pending: 0x48));
    }

    [Fact]
    public void Tasklets_on_two_processors_and_lost_work_are_seen()
    {
        Assert.Null(Audit.NoTaskletTwice(0));
        Assert.Equal("tasklets ran 1 time(s) on two processors at once", Audit.NoTaskletTwice(1));
        Assert.Null(Audit.WorkBalances(queued: 9, through: 5, cancelled: 1, inFlight: 3));
        Assert.Equal("9 work items queued, but 5 through + 1 cancelled + 2 in flight", Audit.WorkBalances(9, 5, 1, 2));
    }

    [Fact]
    public void Nmis_are_delivered_merged_or_latched_and_handlers_run_for_no_other_reason()
    {
        Assert.Null(Audit.NmisBalance(0, signalled: 9, delivered: 6, merged: 2, latched: 1));
        Assert.Equal("CPU 0: 9 NMIs came, but 6 delivered + 2 merged + 0 latched", Audit.NmisBalance(0, 9, 6, 2, 0));
        Assert.Null(Audit.EveryNmiRoundHasItsNmi(1, rounds: 3, delivered: 3));
        Assert.Equal("CPU 1: 4 rounds of NMI handlers for 3 NMIs", Audit.EveryNmiRoundHasItsNmi(1, 4, 3));
    }

    [Fact]
    public void A_processor_idles_with_nothing_disabled_and_no_interrupt_stack_in_use()
    {
        Assert.Null(Audit.NothingDisabledAtIdle(1, 0));
        Assert.Equal("CPU 1: idle with preempt_count 0x00010200", Audit.NothingDisabledAtIdle(1, 0x10200));
        Assert.Null(Audit.NoStackInUseAtIdle(1, 0));
        Assert.Equal("CPU 1: idle with 512 bytes in use on its interrupt stack", Audit.NoStackInUseAtIdle(1, 512));
    }

    [Fact]
    public void Every_picosecond_has_one_class()
    {
        Assert.Null(Audit.EveryPicosecondOnce(1, accountedPs: 5, clockPs: 5));
        Assert.Equal("CPU 1: 5000 ps accounted of 6000 ps (1 ns off)", Audit.EveryPicosecondOnce(1, 5000, 6000));
        Assert.Equal("CPU 1: 6000 ps accounted of 5000 ps (1 ns off)", Audit.EveryPicosecondOnce(1, 6000, 5000));
    }

    [Fact]
    public void Handlers_run_inside_the_effective_mask()
    {
        Assert.Null(Audit.HandlersInsideTheMask(24, 0));
        Assert.Equal("irq 24: its handler ran 2 time(s) on a CPU outside the effective mask", Audit.HandlersInsideTheMask(24, 2));
    }

    [Fact]
    public void Time_never_goes_back()
    {
        Assert.Null(Audit.TimeNeverGoesBack(5, 5));
        Assert.Equal("time went back from 6 ps to 5 ps", Audit.TimeNeverGoesBack(6, 5));
    }

    /// <summary>Books are cooked through doors that stand open: work that claims time it was not granted, an EOI too many, a packet nobody delivered.</summary>
    [Fact]
    public void A_machine_whose_books_are_cooked_fails_its_audit_with_all_that_is_wrong()
    {
        TwinMachine machine = TwinRuns.Machine("""
            machine: {cores: 2}
            devices:
              eth0: {model: ixgbe, queues: 2, rss-key: microsoft}
            workloads:
              - packets: {to: eth0, rate: 100kpps}
            """, 10 * SimTime.Millisecond);
        Audit.Check(machine);

        machine.Kernel.Cpus[1].Time.Add(Tophalf.Kernel.Scheduling.CpuClass.User, SimTime.Microsecond);
        machine.Kernel.Cpus[0].Apic.EndOfInterrupt(machine.Events.NowPs);
        var receiver = machine.NetDevices[0].Receivers[0];
        while (receiver.Socket.Count == 0) machine.RunUntil(machine.Events.NowPs + SimTime.Microsecond);
        receiver.Socket.Pop();

        var caught = Assert.Throws<AuditException>(() => Audit.Check(machine));
        Assert.Equal(3, caught.Violations.Count);
        Assert.Contains(caught.Violations, text => text.StartsWith("eth0: the driver took ", StringComparison.Ordinal));
        Assert.Contains("local APIC 0: 1 EOI(s) with nothing in service", caught.Violations);
        Assert.Contains(caught.Violations, text => text.StartsWith("CPU 1: ", StringComparison.Ordinal) && text.EndsWith("(1 us off)", StringComparison.Ordinal));
    }
}
