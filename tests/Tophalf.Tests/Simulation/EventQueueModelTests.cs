using FsCheck;
using FsCheck.Fluent;
using Tophalf.Simulation;
using Xunit;

namespace Tophalf.Tests.Simulation;

/// <summary>
/// The event queue against a list searched anew every time: whatever is done to both, they fire the same events at the same moments.
/// </summary>
public class EventQueueModelTests
{
    private const int Events = 24;

    private enum Act { Schedule, Cancel, RunOne, RunUntil, OnFire }

    /// <summary>Do <see cref="What"/> to the event <see cref="Which"/>, <see cref="After"/> picoseconds from now.</summary>
    private readonly record struct Step(Act What, int Which, int After);

    private static readonly Gen<Step> Steps =
        from what in Gen.Frequency(
            (5, Gen.Constant(Act.Schedule)), (2, Gen.Constant(Act.Cancel)), (2, Gen.Constant(Act.RunOne)), (1, Gen.Constant(Act.RunUntil)),
            (2, Gen.Constant(Act.OnFire)))
        from which in Gen.Choose(0, Events - 1)
        from after in Gen.Choose(0, 12)
        select new Step(what, which, after);

    [Fact]
    public void It_fires_what_a_searched_list_would_fire() => Prop.ForAll(
        Steps.ArrayOf(120).ToArbitrary(),
        steps =>
        {
            string queue = Play(steps, new RealQueue());
            string model = Play(steps, new SearchedList());
            return (queue == model).Label($"queue:\n{queue}\nmodel:\n{model}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private interface IQueue
    {
        long NowPs { get; }
        void Schedule(int which, long atPs);
        bool Cancel(int which);
        bool RunOne();
        void RunUntil(long untilPs);
        string State();
        Action<int> OnFire { set; }
    }

    private static string Play(Step[] steps, IQueue queue)
    {
        List<string> log = [];
        Queue<Step> onFire = new();
        queue.OnFire = which =>
        {
            log.Add($"{queue.NowPs}: {which} fires");

            // What the next firing event does: even events move or revive one, odd ones cancel one.
            if (onFire.TryDequeue(out Step step))
            {
                if (which % 2 == 0)
                {
                    queue.Schedule(step.Which, queue.NowPs + step.After);
                }
                else
                {
                    log.Add($"cancel {queue.Cancel(step.Which)}");
                }
            }
        };
        foreach (Step step in steps)
        {
            switch (step.What)
            {
                case Act.Schedule:
                    queue.Schedule(step.Which, queue.NowPs + step.After);
                    break;
                case Act.Cancel:
                    log.Add($"cancel {queue.Cancel(step.Which)}");
                    break;
                case Act.RunOne:
                    log.Add($"run {queue.RunOne()}");
                    break;
                case Act.RunUntil:
                    queue.RunUntil(queue.NowPs + step.After);
                    break;
                default:
                    onFire.Enqueue(step);
                    break;
            }

            log.Add(queue.State());
        }

        return string.Join('\n', log);
    }

    private sealed class RealQueue : IQueue
    {
        private readonly EventQueue _queue = new();
        private readonly CallbackEvent[] _events = new CallbackEvent[Events];

        public RealQueue()
        {
            for (int i = 0; i < Events; i++)
            {
                int which = i;
                _events[i] = new CallbackEvent(_ => OnFire(which));
            }
        }

        public Action<int> OnFire { private get; set; } = _ => { };
        public long NowPs => _queue.NowPs;
        public void Schedule(int which, long atPs) => _queue.Schedule(_events[which], atPs);
        public bool Cancel(int which) => _queue.Cancel(_events[which]);
        public bool RunOne() => _queue.RunOne();
        public void RunUntil(long untilPs) => _queue.RunUntil(untilPs);

        public string State() =>
            $"now {_queue.NowPs} next {_queue.NextPs} count {_queue.Count} fired {_queue.Fired} at {string.Join(' ', _events.Select(e => e.AtPs))}";
    }

    private sealed class SearchedList : IQueue
    {
        private readonly List<(long AtPs, int Which)> _waiting = [];
        private long _fired;

        public Action<int> OnFire { private get; set; } = _ => { };
        public long NowPs { get; private set; }
        private long NextPs => _waiting.Count == 0 ? SimTime.Never : _waiting.Min(e => e.AtPs);

        public void Schedule(int which, long atPs)
        {
            Cancel(which);
            _waiting.Add((atPs, which));
        }

        public bool Cancel(int which) => _waiting.RemoveAll(e => e.Which == which) > 0;

        public bool RunOne()
        {
            if (_waiting.Count == 0)
            {
                return false;
            }

            (long atPs, int which) = _waiting.MinBy(e => e.AtPs);
            _waiting.Remove((atPs, which));
            NowPs = atPs;
            _fired++;
            OnFire(which);
            return true;
        }

        public void RunUntil(long untilPs)
        {
            while (NextPs <= untilPs)
            {
                RunOne();
            }

            NowPs = untilPs;
        }

        public string State()
        {
            IEnumerable<long> at = Enumerable.Range(0, Events).Select(
                i => _waiting.Where(e => e.Which == i).Select(e => e.AtPs).DefaultIfEmpty(SimTime.Never).Single());
            return $"now {NowPs} next {NextPs} count {_waiting.Count} fired {_fired} at {string.Join(' ', at)}";
        }
    }
}
