using Tophalf.Hardware.Devices;
using Tophalf.Kernel.BottomHalves;
using Tophalf.Kernel.Irq;
using Tophalf.Kernel.Scheduling;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.BottomHalves;

/// <summary>Workqueues: who runs what, when another worker is woken or made, and what waiting for work means (kernel/workqueue.c).</summary>
public class WorkqueueTests
{
    private readonly KernelBench _bench = new(cpus: 2);
    private readonly List<string> _story = [];

    private Workqueues Workqueues => _bench.Kernel.Workqueues;
    private string Where => $"{_bench.Kernel.CurrentCpu!.Runqueue.Current!.Comm} softirq {_bench.Kernel.CurrentCpu.InSoftirq}";

    private WorkStruct Named(string name, long spendPs = 0) => new(_ =>
    {
        _story.Add($"{name} in {Where}");
        _bench.Kernel.CurrentCpu!.Spend(spendPs);
    });

    private WorkStruct Sleeper(string name, int sleeps, long ms = 10) => new(_ => Body(name, sleeps, ms));

    private IEnumerable<Sleep> Body(string name, int sleeps, long ms)
    {
        _story.Add($"{name} begins in {Where}");
        for (int i = 0; i < sleeps; i++)
        {
            yield return Sleep.Msleep(ms);
            _story.Add($"{name} slept in {Where}");
        }
    }

    private void FromHandler(Action action)
    {
        (PulseDevice device, IrqDesc line) = _bench.Message();
        _bench.Claim(line, device, _ => action());
        device.Raise(_bench.NowPs);
        _bench.RunFor(100 * SimTime.Millisecond);
    }

    [Fact]
    public void Work_queued_in_a_handler_runs_in_a_worker_of_that_processor()
    {
        WorkStruct work = Named("work");
        FromHandler(() =>
        {
            Assert.True(Workqueues.Schedule(work));
            Assert.False(Workqueues.Schedule(work));
            Assert.True(work.IsPending);
        });
        Assert.Equal(["work in kworker/0:0 softirq False"], _story);
        Assert.False(work.IsBusy);
    }

    [Fact]
    public void The_first_to_work_makes_another_worker_before_it_begins()
    {
        FromHandler(() => Workqueues.Schedule(Named("work")));
        Assert.Equal(["kworker/0:0", "kworker/0:1"], _bench.Kernel.Tasks.Select(task => task.Comm).Where(comm => comm.StartsWith("kworker/0:", StringComparison.Ordinal) && !comm.EndsWith('H')));
        Assert.Contains("kworker/0:0-events", Workqueues.Workers.Select(worker => worker.FullName));
    }

    [Fact]
    public void While_a_worker_computes_the_next_item_waits_and_while_it_sleeps_another_worker_takes_it()
    {
        WorkStruct sleeper = Sleeper("sleeper", 1), second = Named("second", SimTime.Millisecond), third = Named("third");
        FromHandler(() =>
        {
            Workqueues.Schedule(sleeper);
            Workqueues.Schedule(second);
            Workqueues.Schedule(third);
        });
        Assert.Equal(
        [
            "sleeper begins in kworker/0:0 softirq False",
            "second in kworker/0:1 softirq False",
            "third in kworker/0:1 softirq False",
            "sleeper slept in kworker/0:0 softirq False",
        ], _story);
    }

    [Fact]
    public void High_priority_and_unbound_work_have_workers_of_their_own()
    {
        FromHandler(() =>
        {
            Workqueues.Queue(Workqueues.HighPri, Named("high"));
            Workqueues.Queue(Workqueues.Unbound, Named("unbound"));
        });
        Assert.Equal(["high in kworker/0:0H softirq False", "unbound in kworker/u8:0 softirq False"], _story.Order());
    }

    [Fact]
    public void An_item_queued_again_while_it_sleeps_is_not_run_twice_at_once()
    {
        WorkStruct work = Sleeper("work", 1);
        _bench.At(5 * SimTime.Millisecond, () => Assert.True(Workqueues.QueueOn(_bench.Kernel.Cpus[1], Workqueues.Events, work)));
        FromHandler(() => Workqueues.Schedule(work));
        Assert.Equal(["work begins", "work slept", "work begins", "work slept"], _story.Select(line => line[..line.IndexOf(" in")]));
        Assert.All(_story, line => Assert.Contains("kworker/0:0", line));
    }

    [Fact]
    public void An_ordered_workqueue_runs_one_at_a_time_in_order()
    {
        Workqueue ordered = Workqueues.AllocOrdered("ordered");
        FromHandler(() =>
        {
            Workqueues.Queue(ordered, Sleeper("a", 2));
            Workqueues.Queue(ordered, Sleeper("b", 1));
        });
        Assert.Equal(["a begins", "a slept", "a slept", "b begins", "b slept"], _story.Select(line => line[..line.IndexOf(" in")]));
    }

    [Fact]
    public void Delayed_work_is_queued_by_a_timer_and_can_be_put_off()
    {
        var delayed = new DelayedWork(Named("late"));
        FromHandler(() =>
        {
            Assert.True(Workqueues.ScheduleDelayed(delayed, 5));
            Assert.False(Workqueues.ScheduleDelayed(delayed, 1));
            Assert.True(Workqueues.ModDelayed(Workqueues.Events, delayed, 10));
        });
        Assert.Single(_story);
        Assert.Equal(1, delayed.Work.Runs);
        Assert.True(Workqueues.ScheduleDelayed(delayed, 3));
        Assert.True(Workqueues.CancelDelayed(delayed));
        _bench.RunFor(100 * SimTime.Millisecond);
        Assert.Single(_story);
    }

    [Fact]
    public void Cancel_takes_a_pending_item_away_and_cancel_sync_waits_for_a_running_one()
    {
        WorkStruct sleeper = Sleeper("sleeper", 1), blocked = Named("blocked", SimTime.Millisecond), never = Named("never");
        bool through = false;
        FromHandler(() =>
        {
            Workqueues.Schedule(blocked);
            Workqueues.Schedule(never);
            Assert.True(Workqueues.CancelSync(never));
            Workqueues.Schedule(sleeper);
        });
        _story.Clear();
        Workqueues.Schedule(sleeper);
        _bench.RunFor(2 * SimTime.Millisecond);
        Assert.False(Workqueues.CancelSync(sleeper, () => through = true));
        Assert.False(Workqueues.Schedule(sleeper));
        Assert.False(through);
        _bench.RunFor(50 * SimTime.Millisecond);
        Assert.True(through);
        Assert.Equal(2, _story.Count);
        Assert.True(Workqueues.Schedule(sleeper));
    }

    [Fact]
    public void Bottom_half_work_runs_in_the_softirq_before_the_tasklets()
    {
        Tasklet tasklet = new(_ => _story.Add("tasklet"));
        FromHandler(() =>
        {
            _bench.Kernel.Tasklets.Schedule(tasklet);
            Workqueues.Queue(Workqueues.BottomHalf, new WorkStruct(_ => _story.Add($"work softirq {_bench.Kernel.CurrentCpu!.InSoftirq}")));
            Workqueues.Queue(Workqueues.BottomHalfHighPri, new WorkStruct(_ => _story.Add("high work")));
        });
        Assert.Equal(["high work", "work softirq True", "tasklet"], _story);
    }

    [Fact]
    public void Bottom_half_work_of_another_processor_is_raised_there_by_an_interrupt()
    {
        FromHandler(() => Workqueues.QueueOn(_bench.Kernel.Cpus[1], Workqueues.BottomHalf, new WorkStruct(_ => _story.Add($"on CPU {_bench.Kernel.CurrentCpu!.Id}"))));
        Assert.Equal(["on CPU 1"], _story);
        Assert.Equal((0u, 1u), (_bench.Kernel.Cpus[0].Counts[ArchInterrupt.CAL], _bench.Kernel.Cpus[1].Counts[ArchInterrupt.CAL]));
    }

    [Fact]
    public void Work_that_computes_for_ten_milliseconds_no_longer_holds_the_others_back()
    {
        WorkStruct hog = Named("hog", 40 * SimTime.Millisecond), other = Named("other");
        for (int i = 0; i < 4; i++)
        {
            FromHandler(() =>
            {
                Workqueues.Schedule(hog);
                Workqueues.Schedule(other);
            });
        }
        Assert.Equal(8, _story.Count);
        Assert.All(_story.Where(line => line.StartsWith("hog", StringComparison.Ordinal)).Zip(_story.Where(line => line.StartsWith("other", StringComparison.Ordinal))),
            pair => Assert.NotEqual(pair.First[3..], pair.Second[5..]));
        string message = Assert.Single(_bench.Log, line => line.StartsWith("workqueue: ", StringComparison.Ordinal));
        Assert.EndsWith("hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND", message);
    }

    [Fact]
    public void Without_memory_for_a_worker_the_rescuer_does_the_work_of_its_queue()
    {
        Workqueue reclaim = Workqueues.Alloc("writeback", WorkqueueFlags.MemReclaim);
        Workqueues.IsShortOfMemory = true;
        FromHandler(() =>
        {
            Workqueues.Queue(reclaim, Named("reclaim"));
            Workqueues.Schedule(Named("other"));
        });
        Assert.Equal(["reclaim in kworker/R-write softirq False"], _story);
        Workqueues.IsShortOfMemory = false;
        _bench.RunFor(2 * SimTime.Second);
        Assert.Equal("other in kworker/0:0 softirq False", _story[^1]);
    }

    [Fact]
    public void Flushing_a_workqueue_waits_for_what_was_queued_before_and_for_nothing_else()
    {
        Workqueue queue = Workqueues.Alloc("queue");
        WorkStruct early = Sleeper("early", 1, 20), late = Sleeper("late", 1, 60);
        WorkStruct flusher = new(_ => Flusher(queue));
        _bench.At(5 * SimTime.Millisecond, () => Workqueues.Queue(queue, late));
        FromHandler(() =>
        {
            Workqueues.Queue(queue, early);
            Workqueues.Schedule(flusher);
        });
        Assert.Equal(["early begins", "flush begins", "late begins", "early slept", "flushed", "late slept"], _story.Select(line => line.Split(" in ")[0]));

        IEnumerable<Sleep> Flusher(Workqueue workqueue)
        {
            _story.Add("flush begins");
            Sleep flush = Workqueues.Flush(workqueue);
            yield return flush;
            _story.Add("flushed");
        }
    }

    [Fact]
    public void Five_minutes_idle_end_the_workers_there_are_too_many_of()
    {
        FromHandler(() =>
        {
            for (int i = 0; i < 8; i++) Workqueues.Schedule(Sleeper($"s{i}", 1, 20));
        });
        int many = Workqueues.Workers.Count(worker => worker.Comm.StartsWith("kworker/0:", StringComparison.Ordinal));
        _bench.RunFor(320 * SimTime.Second);
        FromHandler(() => Workqueues.Schedule(Named("nudge", 20 * SimTime.Millisecond)));
        _bench.RunFor(400 * SimTime.Second);
        FromHandler(() => Workqueues.Schedule(Named("nudge", 20 * SimTime.Millisecond)));
        int few = Workqueues.Workers.Count(worker => worker.Comm.StartsWith("kworker/0:", StringComparison.Ordinal));
        Assert.True(many >= 9 && few <= 4, $"{many} workers, then {few}");
    }
}
