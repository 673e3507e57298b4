using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Simulation;

public class EventQueueTests
{
    private readonly EventQueue _queue = new();
    private readonly List<string> _log = [];

    private CallbackEvent Logged(string name) => new(nowPs => _log.Add($"{nowPs} {name}"));

    private string Log => string.Join(", ", _log);

    [Fact]
    public void Events_of_one_moment_fire_in_the_order_they_were_scheduled()
    {
        for (int i = 0; i < 20; i++)
        {
            _queue.Schedule(Logged($"e{i}"), 7);
        }

        _queue.Schedule(Logged("earlier"), 6);
        _queue.RunUntil(7);

        Assert.Equal("6 earlier, " + string.Join(", ", Enumerable.Range(0, 20).Select(i => $"7 e{i}")), Log);
    }

    [Fact]
    public void A_moved_event_queues_behind_its_new_contemporaries()
    {
        CallbackEvent moved = Logged("moved");
        _queue.Schedule(moved, 5);
        _queue.Schedule(Logged("first"), 9);
        _queue.Schedule(moved, 9);
        Assert.Equal(2, _queue.Count);
        Assert.Equal(9, moved.AtPs);

        _queue.RunUntil(100);

        Assert.Equal("9 first, 9 moved", Log);
    }

    [Fact]
    public void An_event_cancelled_while_another_fires_does_not_happen()
    {
        CallbackEvent victim = Logged("victim");
        bool cancelled = false;
        _queue.Schedule(new CallbackEvent(_ => cancelled = _queue.Cancel(victim)), 1);
        _queue.Schedule(victim, 1);
        _queue.Schedule(Logged("bystander"), 2);

        _queue.RunUntil(10);

        Assert.True(cancelled);
        Assert.False(victim.IsScheduled);
        Assert.Equal("2 bystander", Log);
    }

    [Fact]
    public void A_periodic_timer_schedules_itself_while_it_fires()
    {
        CallbackEvent timer = null!;
        timer = new CallbackEvent(nowPs =>
        {
            Assert.False(timer.IsScheduled);
            Assert.Equal(SimTime.Never, timer.AtPs);
            _log.Add($"{nowPs}");
            _queue.Schedule(timer, nowPs + 250);
        });
        _queue.Schedule(timer, 0);

        _queue.RunUntil(1000);

        Assert.Equal("0, 250, 500, 750, 1000", Log);
        Assert.Equal(1250, _queue.NextPs);
        Assert.Equal(5, _queue.Fired);
    }

    [Fact]
    public void An_event_scheduled_for_now_by_a_firing_event_still_happens_now()
    {
        _queue.Schedule(new CallbackEvent(nowPs => _queue.Schedule(Logged("child"), nowPs)), 3);
        _queue.Schedule(Logged("sibling"), 3);

        _queue.RunUntil(3);

        Assert.Equal("3 sibling, 3 child", Log);
    }

    [Fact]
    public void Count_and_next_are_right_while_an_event_fires()
    {
        _queue.Schedule(new CallbackEvent(_ => _log.Add($"{_queue.Count} waiting, next {_queue.NextPs}")), 1);
        _queue.Schedule(Logged("two"), 2);

        Assert.True(_queue.RunOne());

        Assert.Equal("1 waiting, next 2", Log);
    }

    [Fact]
    public void A_queue_whose_event_threw_goes_on()
    {
        _queue.Schedule(new CallbackEvent(_ => throw new InvalidOperationException("boom")), 1);
        _queue.Schedule(Logged("next"), 2);

        Assert.Throws<InvalidOperationException>(() => _queue.RunOne());
        Assert.Equal(1, _queue.Count);
        _queue.RunUntil(5);

        Assert.Equal("2 next", Log);
    }

    [Fact]
    public void The_clock_stays_where_a_nested_run_carried_it()
    {
        _queue.Schedule(new CallbackEvent(_ => _queue.RunUntil(50)), 1);
        _queue.RunUntil(10);
        Assert.Equal(50, _queue.NowPs);
    }

    [Fact]
    public void The_past_and_never_are_refused()
    {
        _queue.RunUntil(100);
        CallbackEvent e = Logged("late");

        Assert.Contains("99 ps has passed", Assert.Throws<ArgumentOutOfRangeException>(() => _queue.Schedule(e, 99)).Message);
        Assert.Contains("cancel the event", Assert.Throws<ArgumentOutOfRangeException>(() => _queue.Schedule(e, SimTime.Never)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => _queue.RunUntil(99));
        Assert.False(e.IsScheduled);
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void An_event_belongs_to_the_queue_it_waits_in()
    {
        EventQueue other = new();
        CallbackEvent e = Logged("mine");
        _queue.Schedule(e, 4);
        other.Schedule(Logged("its own"), 4);

        Assert.False(other.Cancel(e));
        Assert.Throws<InvalidOperationException>(() => other.Schedule(e, 5));
        Assert.Equal(4, e.AtPs);
        _queue.RunUntil(9);

        Assert.Equal("4 mine", Log);
        Assert.False(_queue.Cancel(e));
    }

    [Fact]
    public void An_empty_queue_has_nothing_next_and_its_clock_still_runs()
    {
        Assert.Equal(SimTime.Never, _queue.NextPs);
        Assert.False(_queue.RunOne());
        _queue.RunUntil(42);
        Assert.Equal(42, _queue.NowPs);
    }

    [Fact]
    public void Scheduling_and_firing_allocate_nothing()
    {
        CallbackEvent[] timers = new CallbackEvent[50];
        for (int i = 0; i < timers.Length; i++)
        {
            int index = i;
            timers[i] = new CallbackEvent(nowPs => _queue.Schedule(timers[index], nowPs + 10 + index));
            _queue.Schedule(timers[i], i);
        }

        _queue.RunUntil(1_000);
        Allocation.IsNone(() =>
        {
            _queue.RunUntil(100_000);
            return _queue.Fired;
        });
    }
}
