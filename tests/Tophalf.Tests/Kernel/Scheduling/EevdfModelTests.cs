using Tophalf.Kernel.Scheduling;
using Tophalf.Linux;
using Tophalf.Simulation;
using Tophalf.Tests.Shared;
using Xunit;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>
/// The fair class against a model of it without rounding, over random histories. The class counts in whole picoseconds, so after each step its numbers may be off by
/// its rounding; the model goes on from these. What it decides must be what the model decides, always.
/// </summary>
public class EevdfModelTests
{
    private const int Histories = 40, Steps = 80;
    private const long TickPs = 4 * SimTime.Millisecond;

    [Fact]
    public void The_fair_class_decides_as_the_model_does_in_every_step_of_random_histories()
    {
        for (ulong seed = 0; seed < Histories; seed++) new History(seed).Play();
    }

    private sealed class History
    {
        private readonly RandomStream _random;
        private readonly EevdfQueue _queue = new(TickPs);
        private readonly EevdfModel _model = new(TickPs);
        private readonly List<(SleeperTask Task, EevdfModel.Entity Entity)> _pairs = [];
        private readonly HashSet<KernelTask> _here = [], _known = [];
        private readonly List<string> _story = [];
        private SleeperTask? _current;

        public History(ulong seed)
        {
            _random = new RandomStream(seed, "eevdf");
            int tasks = 2 + _random.NextInt(7);
            for (int i = 0; i < tasks; i++)
            {
                SchedulingPolicy policy = _random.NextInt(8) switch { 0 => SchedulingPolicy.Idle, 1 => SchedulingPolicy.Batch, _ => SchedulingPolicy.Fair };
                long slicePs = _random.NextInt(3) == 0 ? (1 + _random.NextInt(1000)) * 100 * SimTime.Microsecond : 2800 * SimTime.Microsecond;
                var task = new SleeperTask($"t{i}", CpuMask.Of(0), 1) { Policy = policy, Nice = _random.NextInt(40) - 20, SlicePs = slicePs };
                _pairs.Add((task, new EevdfModel.Entity(task.Comm, task.Weight, slicePs, policy)));
            }
        }

        private EevdfModel.Entity Of(SleeperTask task) => _pairs.Find(pair => pair.Task == task).Entity;

        public void Play()
        {
            for (int i = 0; i < Steps; i++)
            {
                Step();
                Compare();
            }
        }

        private void Step()
        {
            SleeperTask[] away = [.. _pairs.Select(pair => pair.Task).Where(task => !_here.Contains(task))];
            SleeperTask[] waiting = [.. _pairs.Select(pair => pair.Task).Where(task => _here.Contains(task) && task != _current)];
            switch (_random.NextInt(5))
            {
                case 0 when away.Length > 0: Join(away[_random.NextInt(away.Length)]); break;
                case 1 when _current is not null: Sleep(_current); break;
                case 2 when waiting.Length > 0: Migrate(waiting[_random.NextInt(waiting.Length)]); break;
                default:
                    if (_current is not null) Run(_current, 1 + _random.NextInt(8_000_000) * 1000L);
                    break;
            }
            if (_current is null) Pick();
        }

        private void Join(SleeperTask task)
        {
            bool isNew = _known.Add(task);
            _story.Add($"{task.Comm} joins");
            _queue.Enqueue(task, isNew);
            _model.Join(Of(task), isNew);
            _here.Add(task);
            Compare();
            if (_current is null) return;
            Agree(_queue.ShouldPreempt(task, _current), _model.Preempts(Of(task), Of(_current)), $"{task.Comm} preempts {_current.Comm}");
            if (_random.NextInt(2) == 0) Pick();
        }

        private void Sleep(SleeperTask task)
        {
            _story.Add($"{task.Comm} sleeps");
            _queue.Dequeue(task, sleeps: true);
            _model.Sleep(Of(task));
            _here.Remove(task);
            _current = null;
        }

        private void Migrate(SleeperTask task)
        {
            _story.Add($"{task.Comm} leaves");
            _queue.Dequeue(task, sleeps: false);
            _model.Migrate(Of(task));
            _here.Remove(task);
        }

        private void Run(SleeperTask task, long ps)
        {
            _story.Add($"{task.Comm} runs {ps} ps");
            task.Fair.Charge(ps);
            _model.Run(Of(task), ps);
            Compare();
            bool isOver = _queue.UpdateCurrent(task);
            Agree(isOver, _model.IsTurnOver(Of(task)), $"the turn of {task.Comm} is over");
            if (isOver) Pick();
        }

        private void Pick()
        {
            KernelTask? picked = _queue.Pick(_current);
            EevdfModel.Entity? expected = _model.Pick(_current is null ? null : Of(_current));
            Agree(picked?.Comm ?? "nobody", expected?.Name ?? "nobody", "the next to run");
            if (picked is not null && picked != _current)
            {
                _queue.SetNext(picked);
                _model.Promise(expected!);
            }
            _current = (SleeperTask?)picked;
        }

        private void Agree<T>(T actual, T expected, string what) =>
            Assert.True(Equals(actual, expected), $"{what}: the class says {actual}, the model {expected}\n{string.Join('\n', _story.TakeLast(20))}\n{State()}");

        /// <summary>The numbers are the model's but for rounding; from here on the model counts with them.</summary>
        private void Compare()
        {
            foreach ((SleeperTask task, EevdfModel.Entity entity) in _pairs)
            {
                FairEntity fair = task.Fair;
                Agree(fair.IsDelayed, entity.IsDelayed, $"{task.Comm} sleeps and still owes");
                Agree(_queue.Tasks.Contains(task), _model.Queue.Contains(entity), $"{task.Comm} is in the queue");
                entity.Vruntime = Near(fair.VruntimePs, entity.Vruntime, $"virtual runtime of {task.Comm}");
                entity.Deadline = Near(fair.DeadlinePs, entity.Deadline, $"deadline of {task.Comm}");
                entity.Lag = Near(fair.LagPs, entity.Lag, $"lag of {task.Comm}");
                entity.Protected = Near(fair.ProtectedUntilPs, entity.Protected, $"what is promised to {task.Comm}");
            }
            if (_queue.Count == 0) _model.SetEmptyAverage(Near(_queue.AveragePs(), _model.Average, "average of the empty queue"));
        }

        private Fraction Near(long actual, Fraction expected, string what)
        {
            Fraction difference = expected - actual;
            Assert.True(difference < 4 && difference > -4, $"{what}: the class says {actual}, the model {expected}\n{string.Join('\n', _story.TakeLast(20))}\n{State()}");
            return actual;
        }

        private string State() => string.Join('\n', _pairs.Select(pair =>
            $"{pair.Task.Comm}: weight {pair.Task.Weight}, vruntime {pair.Task.Fair.VruntimePs} ({pair.Entity.Vruntime}), deadline {pair.Task.Fair.DeadlinePs} ({pair.Entity.Deadline})"));
    }
}
